namespace MqttScion.Scion;

/// <summary>That a site was reported down, with the memory of earlier reports.</summary>
internal sealed class DownMark(FaultSite site)
{
    private TimeSpan _holdOff;

    /// <summary>What was reported.</summary>
    public FaultSite Site { get; } = site;

    /// <summary>True while paths over the site are held back.</summary>
    public bool IsActive { get; private set; }

    /// <summary>True when earlier reports made this hold-off longer than a first one.</summary>
    public bool IsRepeated => _holdOff > HoldOff.First;

    /// <summary>True when the fault lies in the hop fields, so that a renewed path is free of it.</summary>
    public bool EndsOnRenewal { get; private set; }

    /// <summary>The latest report.</summary>
    public TimeSpan Reported { get; set; }

    /// <summary>When the hold-off ends, or has ended.</summary>
    public TimeSpan Until { get; private set; }

    /// <summary>The evidence in words.</summary>
    public string Why { get; private set; } = "";

    /// <summary>True when all there is to it is that nobody answered.</summary>
    public bool IsUnanswered { get; private set; }

    /// <summary>What an SCMP error told; null when the evidence is something else.</summary>
    public PathFault? Fault { get; private set; }

    /// <summary>Starts a hold-off.</summary>
    public void Begin(TimeSpan now, DownReport report)
    {
        _holdOff = HoldOff.Next(_holdOff, now - Until);
        (IsActive, Reported, Until) = (true, now, now + _holdOff);
        Take(report);
    }

    /// <summary>Takes the evidence of a report.</summary>
    public void Take(DownReport report)
    {
        (Why, EndsOnRenewal, IsUnanswered) = (report.Why, report.EndsOnRenewal, report.IsUnanswered);
        Fault = report.Scmp is null ? null : new PathFault(report.Scmp.Value, Site.Interface);
    }

    /// <summary>Ends the hold-off, which was as long as it was: only quiet makes the next one shorter.</summary>
    public void End(TimeSpan now) => (IsActive, Until) = (false, now < Until ? now : Until);

    /// <summary>True when nothing is left to remember.</summary>
    public bool IsForgotten(TimeSpan now) => !IsActive && HoldOff.IsForgotten(_holdOff, now - Until);

    /// <summary>The event that a path over the site is held back.</summary>
    public PathEvent EventFor(ScionPath path) => IsUnanswered
        ? new PathEvent.Unanswered(path, Why)
        : new PathEvent.Down(path, Why) { Fault = Fault };
}
