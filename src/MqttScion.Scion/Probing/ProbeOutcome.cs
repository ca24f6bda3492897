namespace MqttScion.Scion;

/// <summary>What became of an SCMP echo or traceroute request. A closed family.</summary>
public abstract record ProbeOutcome
{
    private ProbeOutcome()
    {
    }

    /// <summary>
    /// The round-trip time when this shows that a request came as far as an AS: also a refusal does, unless it is for
    /// the hop fields. Null when it doesn't.
    /// </summary>
    internal TimeSpan? RttFrom(IsdAs isdAs) => this switch
    {
        Replied replied => replied.Rtt,
        Refused
        {
            Scmp: { Type: ScmpType.DestinationUnreachable }
                or { Type: ScmpType.ParameterProblem, Code: < ScmpCode.InvalidPath or > ScmpCode.InvalidSegmentChange },
        } refused when refused.From.IsdAs == isdAs => refused.Rtt,
        _ => null,
    };

    /// <summary>The answer came.</summary>
    /// <param name="Rtt">The round-trip time.</param>
    /// <param name="From">Who answered; port 0.</param>
    /// <param name="PayloadLength">Bytes of echo data in the answer; 0 from a router.</param>
    public sealed record Replied(TimeSpan Rtt, ScionEndPoint From, int PayloadLength) : ProbeOutcome;

    /// <summary>An SCMP error came instead.</summary>
    /// <param name="Scmp">The error.</param>
    /// <param name="From">Who sent it; port 0.</param>
    /// <param name="Rtt">How long it took.</param>
    public sealed record Refused(ScmpMessage Scmp, ScionEndPoint From, TimeSpan Rtt) : ProbeOutcome;

    /// <summary>Nothing came in time.</summary>
    /// <param name="After">How long was waited.</param>
    public sealed record TimedOut(TimeSpan After) : ProbeOutcome;

    /// <summary>The request could not be sent.</summary>
    /// <param name="Why">The reason in a few words.</param>
    public sealed record NotSent(string Why) : ProbeOutcome;
}
