namespace MqttScion.Scion;

/// <content>What is down, and until when it is held back.</content>
public sealed partial class PathStore
{
    /// <summary>How many reports of paths and interfaces are remembered; the one that ends first gives way.</summary>
    internal const int MaxMarks = 4096;

    private readonly Dictionary<FaultSite, DownMark> _marks = [];
    private TimeSpan _nextEnd = TimeSpan.MaxValue;

    /// <summary>
    /// Records that a path carries no packets; it is held back, and in use until another is selected.
    /// </summary>
    /// <returns>False when the path is not in the store or was down already.</returns>
    public bool MarkDown(ScionPath path, string why) => MarkDown(path, why, scmp: null);

    /// <summary>
    /// Records that nobody answered over a path, which may be no fault of the path: it is held back as one that is
    /// down, and told as Unanswered. A later report that it is down is told too.
    /// </summary>
    /// <returns>False when the path is not in the store or was held back already.</returns>
    public bool MarkUnanswered(ScionPath path, string why) => Change(now =>
        _entries.ContainsKey(path) && Report(FaultSite.At(path), new DownReport(why) { IsUnanswered = true }, now) > 0);

    /// <summary>Records that an interface carries no packets: all paths over it are held back, in both directions.
    /// </summary>
    /// <returns>How many paths went down by it.</returns>
    public int MarkDown(PathInterface end, string why) => MarkDown(FaultSite.At(end), why, scmp: null);

    /// <summary>
    /// Records that a path carried a packet to its end: it and its interfaces are no longer held back, unless they went
    /// down repeatedly. A path that is up again is Found again.
    /// </summary>
    /// <returns>False when the path was not down, or stays held back.</returns>
    public bool MarkUp(ScionPath path) => Change(now =>
    {
        if (!_entries.TryGetValue(path, out var entry) || !entry.IsHeldBack)
        {
            return false;
        }
        foreach (var site in entry.Sites)
        {
            if (_marks.TryGetValue(site, out var mark) && !mark.IsRepeated)
            {
                End(mark, now);
            }
        }
        return !entry.IsHeldBack;
    });

    /// <summary>True while a path is held back.</summary>
    internal bool IsHeldBack(ScionPath path) =>
        Read(() => _entries.TryGetValue(path, out var entry) && entry.IsHeldBack);

    /// <summary>Holds a path back for an SCMP error.</summary>
    /// <param name="path">The path.</param>
    /// <param name="why">The evidence in words.</param>
    /// <param name="scmp">The error.</param>
    /// <param name="endsOnRenewal">True when a renewed path is free of the fault.</param>
    internal bool MarkDown(ScionPath path, string why, ScmpMessage? scmp, bool endsOnRenewal = false) =>
        Change(now => _entries.ContainsKey(path)
            && Report(FaultSite.At(path), new DownReport(why, scmp, endsOnRenewal), now) > 0);

    /// <summary>Holds all paths over a site back; gives how many went down by it.</summary>
    internal int MarkDown(FaultSite site, string why, ScmpMessage? scmp) =>
        Change(now => Report(site, new DownReport(why, scmp), now));

    /// <summary>Lowers the usable MTU of a path; false when it carries no more than that already.</summary>
    internal bool Narrow(ScionPath path, int mtu) => Change(now =>
    {
        if (!_entries.TryGetValue(path, out var entry) || entry.UsableMtu(now) <= mtu)
        {
            return false;
        }
        entry.Narrow(mtu, now);
        _queue.Add(new PathEvent.Narrowed(entry.Path, mtu));
        return true;
    });

    /// <summary>Some of the paths over a site.</summary>
    internal IReadOnlyList<ScionPath> PathsOver(FaultSite site, int max) => Read<IReadOnlyList<ScionPath>>(() =>
        _entriesBySite.TryGetValue(site, out var over) ? [.. over.Take(max).Select(entry => entry.Path)] : []);

    /// <summary>Finds the path over which a packet of ours went.</summary>
    /// <param name="packet">The packet, or its quote.</param>
    /// <param name="isCurrent">False when the path was renewed since.</param>
    internal ScionPath? Find(in ScionPacketReader packet, out bool isCurrent)
    {
        isCurrent = false;
        lock (_lock)
        {
            if (!_entriesByWire.TryGetValue(WirePath.HashOf(packet.RawPath), out var entry)
                || entry.Path.Source != packet.SourceIsdAs
                || entry.Path.Destination != packet.DestinationIsdAs
                || !WirePath.HasSameInterfaces(packet.RawPath, entry.Path.DataplanePath.Span))
            {
                return null;
            }
            isCurrent = WirePath.IsSame(packet.RawPath, entry.Path.DataplanePath.Span);
            return entry.Path;
        }
    }

    private int Report(FaultSite site, DownReport report, TimeSpan now)
    {
        var entries = _entriesBySite.GetValueOrDefault(site);
        var mark = MarkOf(site, now);
        if (mark.IsActive)
        {
            mark.Reported = now;
            entries?.ForEach(entry => entry.Reported = now);
            return mark.IsUnanswered && !report.IsUnanswered ? Confirm(mark, report, entries ?? []) : 0;
        }
        mark.Begin(now, report);
        _nextEnd = mark.Until < _nextEnd ? mark.Until : _nextEnd;
        var count = 0;
        foreach (var entry in entries ?? [])
        {
            count += entry.IsHeldBack ? 0 : 1;
            Hold(entry, mark);
        }
        return count;
    }

    // What nobody answered over is down after all.
    private int Confirm(DownMark mark, DownReport report, List<StoredPath> entries)
    {
        mark.Take(report);
        var count = 0;
        foreach (var entry in entries.Where(entry => entry.Held is PathEvent.Unanswered))
        {
            _queue.Add(entry.Held = mark.EventFor(entry.Path));
            count++;
        }
        return count;
    }

    private DownMark MarkOf(FaultSite site, TimeSpan now)
    {
        if (_marks.TryGetValue(site, out var mark))
        {
            return mark;
        }
        if (_marks.Count >= MaxMarks)
        {
            ForgetMarks(now);
        }
        return _marks[site] = new DownMark(site);
    }

    private void ForgetMarks(TimeSpan now)
    {
        foreach (var (site, _) in _marks.Where(pair => pair.Value.IsForgotten(now)).ToList())
        {
            _marks.Remove(site);
        }
        if (_marks.Count >= MaxMarks)
        {
            var first = _marks.Values.MinBy(mark => mark.Until)!;
            End(first, now);
            _marks.Remove(first.Site);
        }
    }

    private void Hold(StoredPath entry, DownMark mark)
    {
        entry.Reported = entry.IsHeldBack && entry.Reported > mark.Reported ? entry.Reported : mark.Reported;
        if (entry.HeldCount++ == 0 || (entry.Held is PathEvent.Unanswered && !mark.IsUnanswered))
        {
            _queue.Add(entry.Held = mark.EventFor(entry.Path));
        }
    }

    private void Announce(StoredPath entry)
    {
        _queue.Add(new PathEvent.Found(entry.Path));
        foreach (var site in entry.Sites)
        {
            if (_marks.TryGetValue(site, out var mark) && mark.IsActive)
            {
                Hold(entry, mark);
            }
        }
    }

    private void EndHoldOffs(TimeSpan now)
    {
        if (now < _nextEnd)
        {
            return;
        }
        foreach (var mark in _marks.Values)
        {
            if (mark.Until <= now)
            {
                End(mark, now);
            }
        }
        _nextEnd = TimeSpan.MaxValue;
        foreach (var mark in _marks.Values)
        {
            _nextEnd = mark.IsActive && mark.Until < _nextEnd ? mark.Until : _nextEnd;
        }
    }

    // What was wrong with its hop fields does not hold for new ones.
    private void EndIfRenewable(ScionPath path, TimeSpan now)
    {
        if (_marks.TryGetValue(FaultSite.At(path), out var mark) && mark.EndsOnRenewal)
        {
            End(mark, now);
        }
    }

    private void End(DownMark mark, TimeSpan now)
    {
        if (!mark.IsActive)
        {
            return;
        }
        mark.End(now);
        foreach (var entry in _entriesBySite.GetValueOrDefault(mark.Site) ?? [])
        {
            if (--entry.HeldCount == 0)
            {
                entry.Held = null;
                _queue.Add(new PathEvent.Found(entry.Path));
            }
        }
    }
}
