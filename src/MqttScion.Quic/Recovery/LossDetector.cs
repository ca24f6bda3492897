namespace MqttScion.Quic;

/// <summary>Acknowledgements, losses and probe timeouts over all spaces and paths (RFC 9002 §5 and §6).</summary>
/// <remarks>
/// Each packet counts on the path that it was sent on. A packet on another path than the current one is lost when
/// later packets of its own path were acknowledged, or once it is older than that path's probe timeout.
/// </remarks>
internal sealed class LossDetector(PacketSpace[] spaces, IFrameOutcomes outcomes)
{
    public const int PacketThreshold = 3;
    public const int PersistentCongestionThreshold = 3;

    private const int ProbeDatagrams = 2;

    // What the few packets of a quiet connection need stays: they would only make it again.
    private const int KeptPackets = 16;

    private readonly List<SentPacket> _lost = [];
    private readonly List<SentPacket> _acknowledged = [];

    /// <summary>Is told of losses and probes; null when nobody wants to know.</summary>
    public QlogTrace? Qlog { get; set; }

    public long LostCount { get; private set; }

    public long LostBytes { get; private set; }

    /// <summary>How often the probe timer fired in all.</summary>
    public long ProbeTimeoutCount { get; private set; }

    /// <summary>The peer's max_ack_delay.</summary>
    public TimeSpan MaxAckDelay { get; set; } = TimeSpan.FromMilliseconds(25);

    /// <summary>The probe timeout of a path with the peer's delay and without back-off.</summary>
    public TimeSpan ProbeTimeout(NetworkPath path) => path.Rtt.ProbeTimeout + MaxAckDelay;

    public static void OnSent(PacketSpace space, SentPacket packet)
    {
        packet.Path.OnSent(space.Id, packet);
        space.Sent.Add(packet);
        if (packet.IsAckEliciting)
            space.AckElicitingInFlight++;
    }

    /// <summary>Takes an ACK frame; false when it acknowledges a packet that was never sent.</summary>
    public bool TryAcknowledge(
        PacketSpace space, in Frame frame, TimeSpan ackDelay, NetworkPath current, bool resetsBackoff, TimeSpan now)
    {
        var largest = (long)frame.Offset;
        if (largest >= space.NextNumber || !TryTakeAcknowledged(space, frame))
            return false;
        var isNewest = largest > space.LargestAcknowledged;
        space.LargestAcknowledged = Math.Max(space.LargestAcknowledged, largest);
        if (_acknowledged.Count == 0)
            return true;
        var newest = _acknowledged[0];
        // RFC 9002 §5.1: a sample needs the largest acknowledged to be new, and an ack-eliciting packet among the new
        // ones.
        TimeSpan? sample = null;
        if (newest.Number == largest && _acknowledged.Exists(static packet => packet.IsAckEliciting))
        {
            sample = now - newest.SentAt;
            newest.Path.Rtt.AddSample(now - newest.SentAt, ackDelay, now);
        }

        // RFC 9000 §13.4.2.1: an ACK frame that was overtaken says nothing about ECN.
        if (isNewest)
            CheckEcn(space, frame, newest, now);
        foreach (var packet in _acknowledged)
        {
            Acknowledge(space, packet, sample, now);
            sample = null;
        }

        _acknowledged.Clear();
        DetectLost(space, current, now);
        if (resetsBackoff)
            current.ResetBackoff();
        return true;
    }

    /// <summary>Finds lost packets and sets <see cref="PacketSpace.LossTime"/> (RFC 9002 §6.1).</summary>
    public void DetectLost(PacketSpace space, NetworkPath current, TimeSpan now)
    {
        space.LossTime = null;
        // Beyond the largest acknowledged only packets on other paths can be lost.
        var hasForeign = space.AckElicitingInFlight != current.Space(space.Id).AckElicitingInFlight;
        var end = hasForeign ? space.Sent.End : Math.Min(space.Sent.End, space.LargestAcknowledged + 1);
        for (var number = space.Sent.First; number < end; number++)
        {
            if (space.Sent.Get(number) is not { } packet)
                continue;
            var lostAt = LostAt(space, packet, current);
            if (lostAt <= now)
                _lost.Add(packet);
            else if (lostAt is { } time && (space.LossTime is not { } earliest || time < earliest))
                space.LossTime = time;
        }

        if (_lost.Count == 0)
            return;
        DeclareLost(space, now);
        _lost.Clear();
    }

    /// <summary>All of a path is lost: its owner knows that the path carries nothing any more.</summary>
    public void LoseAll(PacketSpace space, NetworkPath path, TimeSpan now) =>
        LoseLarger(space, path, sizeBytes: 0, now);

    /// <summary>What is larger than a path was found to carry is lost.</summary>
    public void LoseLarger(PacketSpace space, NetworkPath path, int sizeBytes, TimeSpan now)
    {
        for (var number = space.Sent.First; number < space.Sent.End; number++)
        {
            if (space.Sent.Get(number) is { } packet && packet.Path == path && packet.SizeBytes > sizeBytes)
                _lost.Add(packet);
        }

        if (_lost.Count == 0)
            return;
        DeclareLost(space, now);
        _lost.Clear();
    }

    /// <summary>
    /// When to look again: the earliest loss time or probe timeout; null when nothing is to be waited for.
    /// </summary>
    /// <param name="current">The path that is sent on.</param>
    /// <param name="isConfirmed">Application packets are probed for only then (RFC 9002 §6.2.1).</param>
    /// <param name="mayDeadlock">A client whose address the server may not have validated (RFC 9002 §6.2.2.1).</param>
    /// <param name="now">The base for a probe timeout without anything in flight.</param>
    public TimeSpan? NextTimeout(NetworkPath current, bool isConfirmed, bool mayDeadlock, TimeSpan now)
    {
        TimeSpan? earliest = null;
        foreach (var space in spaces)
        {
            if (space.LossTime is { } lossTime && (earliest is not { } known || lossTime < known))
                earliest = lossTime;
        }

        if (ProbeSpace(current, isConfirmed, mayDeadlock, now, out var probeAt) is null)
            return earliest;
        return earliest < probeAt ? earliest : probeAt;
    }

    /// <summary>The loss timer fired: declares losses, or arms probes in the space whose timeout came first.</summary>
    public void OnTimeout(NetworkPath current, bool isConfirmed, bool mayDeadlock, TimeSpan now)
    {
        var foundLossTime = false;
        foreach (var space in spaces)
        {
            if (space.LossTime is not { } lossTime || lossTime > now)
                continue;
            DetectLost(space, current, now);
            foundLossTime = true;
        }

        if (foundLossTime)
            Qlog?.LossTimerExpired(isProbe: false, null);
        if (foundLossTime || ProbeSpace(current, isConfirmed, mayDeadlock, now, out _) is not { } probed)
            return;
        ProbeTimeoutCount++;
        Qlog?.LossTimerExpired(isProbe: true, probed.Id);
        current.OnProbeTimeout(now);
        probed.ProbesPending = ProbeDatagrams;
        RepeatOldest(probed, current);
    }

    /// <summary>Forgets a space whose keys are thrown away (RFC 9002 §6.4).</summary>
    public static void Discard(PacketSpace space, NetworkPath current)
    {
        for (var number = space.Sent.First; number < space.Sent.End; number++)
        {
            if (space.Sent.Get(number) is not { } packet)
                continue;
            packet.Path.Forget(space.Id, packet);
            Remove(space, packet);
            space.Sent.Return(packet);
        }

        space.LossTime = null;
        space.ProbesPending = 0;
        current.ResetBackoff();
    }

    /// <summary>Gives memory back that a burst left behind.</summary>
    public void Trim()
    {
        Trim(_lost);
        Trim(_acknowledged);
    }

    private static void Trim(List<SentPacket> list)
    {
        if (list.Capacity > KeptPackets)
            list.Capacity = KeptPackets;
    }

    private bool TryTakeAcknowledged(PacketSpace space, in Frame frame)
    {
        var ranges = new AckRangeReader(frame.Data, frame.Offset);
        while (ranges.TryRead(out var smallest, out var largest))
        {
            if (smallest <= space.SkippedNumber && space.SkippedNumber <= largest)
            {
                _acknowledged.Clear();
                return false;
            }

            var first = Math.Max(smallest, space.Sent.First);
            for (var number = Math.Min(largest, space.Sent.End - 1); number >= first; number--)
            {
                if (space.Sent.Get(number) is { } packet)
                    _acknowledged.Add(packet);
            }
        }

        foreach (var packet in _acknowledged)
            packet.Path.OnAckFrame();
        return true;
    }

    // The counts are those of the space. When they can't be right, every path with marks among what was acknowledged is
    // in doubt; congestion is put down to the path of the newest packet.
    private void CheckEcn(PacketSpace space, in Frame frame, SentPacket newest, TimeSpan now)
    {
        var marked = 0;
        foreach (var packet in _acknowledged)
            marked += packet.IsMarked ? 1 : 0;
        var isRight = space.Ecn.TryTake(frame, marked, out var congested);
        newest.Path.Ecn.OnCongested(congested);
        foreach (var packet in _acknowledged)
        {
            if (packet.IsMarked)
                packet.Path.Ecn.OnAcknowledged(isRight);
            else
                packet.Path.Ecn.OnUnmarkedAcknowledged();
        }

        if (congested > 0)
            newest.Path.OnCongestionMarked(newest, now);
    }

    private void Acknowledge(PacketSpace space, SentPacket packet, TimeSpan? rttSample, TimeSpan now)
    {
        Remove(space, packet);
        packet.Path.OnAcknowledged(space.Id, packet, rttSample, now);
        if (packet.LargestAcknowledged >= 0)
            space.Received.ForgetUpTo(packet.LargestAcknowledged);
        foreach (var frame in packet.Frames)
            outcomes.OnFrameAcknowledged(space.Id, frame);
        space.Sent.Return(packet);
    }

    // What is acknowledged on another path than the current one says nothing about the old one's packets, so that these
    // have their time.
    private TimeSpan? LostAt(PacketSpace space, SentPacket packet, NetworkPath current) =>
        packet.Path.LostAt(space.Id, packet) ??
        (packet.Path == current ? null : packet.SentAt + ForeignTimeout(packet.Path, current));

    // One late acknowledgement makes the estimate of a path that is left very long. It need not wait for longer than
    // the present path would, unless its round trip is known to be.
    private TimeSpan ForeignTimeout(NetworkPath path, NetworkPath current)
    {
        var own = ProbeTimeout(path);
        if (!path.Rtt.HasSample || !current.Rtt.HasSample)
            return own;
        var least = path.Rtt.Min * 9 / 8 + MaxAckDelay;
        var bound = ProbeTimeout(current) > least ? ProbeTimeout(current) : least;
        return own < bound ? own : bound;
    }

    private void DeclareLost(PacketSpace space, TimeSpan now)
    {
        foreach (var packet in _lost)
        {
            LostCount++;
            LostBytes += packet.SizeBytes;
            Qlog?.PacketLost(space.Id, packet, packet.Path.IsOvertaken(space.Id, packet));
            Qlog?.MarkedForRetransmit(packet);
            Remove(space, packet);
            packet.Path.OnLost(space.Id, packet, now);
            foreach (var frame in packet.Frames)
                outcomes.OnFrameLost(space.Id, frame);
        }

        if (_lost.Find(static packet => IsLarge(packet)) is { } large)
            large.Path.OnLargeLost(now);
        FindPersistentCongestion();
        foreach (var packet in _lost)
            space.Sent.Return(packet);
    }

    // RFC 9002 §7.6.2: two lost ack-eliciting packets, none acknowledged between them, both after the first sample. A
    // run of adjacent losses of one path is such a span; it can only be shorter than the one the definition allows.
    private void FindPersistentCongestion()
    {
        SentPacket? first = null;
        SentPacket? previous = null;
        foreach (var packet in _lost)
        {
            var rtt = packet.Path.Rtt;
            if (!packet.IsAckEliciting || packet.IsMtuProbe || packet.IsPathProbe || !rtt.HasSample ||
                packet.SentAt <= rtt.FirstSampleAt)
                continue;
            if (first is null || previous is null || packet.Path != first.Path ||
                packet.PathSequence != previous.PathSequence + 1)
                first = packet;
            previous = packet;
            if (packet.SentAt - first.SentAt > ProbeTimeout(packet.Path) * PersistentCongestionThreshold)
                packet.Path.Congestion.OnPersistentCongestion();
        }
    }

    private static bool IsLarge(SentPacket packet) =>
        !packet.IsMtuProbe && packet.SizeBytes > packet.Path.KnownDatagramBytes;

    private static void Remove(PacketSpace space, SentPacket packet)
    {
        space.Sent.Remove(packet);
        if (packet.IsAckEliciting)
            space.AckElicitingInFlight--;
    }

    private PacketSpace? ProbeSpace(
        NetworkPath current, bool isConfirmed, bool mayDeadlock, TimeSpan now, out TimeSpan probeAt)
    {
        probeAt = TimeSpan.MaxValue;
        PacketSpace? earliest = null;
        var backoff = current.Backoff;
        var hasInFlight = false;
        foreach (var space in spaces)
        {
            // Early data is not probed for, so it does not keep a client from probing.
            hasInFlight |= space.AckElicitingInFlight > 0 && (space.Id != SpaceId.Application || isConfirmed);
            ref readonly var pathSpace = ref current.Space(space.Id);
            if (pathSpace.AckElicitingInFlight == 0 || (space.Id == SpaceId.Application && !isConfirmed))
                continue;
            var timeout = space.Id == SpaceId.Application ? ProbeTimeout(current) : current.Rtt.ProbeTimeout;
            var since = pathSpace.LastAckElicitingSentAt;
            // Probes may have to wait, for what the peer's address is allowed: time runs from when they were due.
            if (space.ProbesPending > 0 && since < backoff.LastAt)
                since = backoff.LastAt;
            var candidate = since + backoff.Apply(timeout);
            if (candidate >= probeAt)
                continue;
            probeAt = candidate;
            earliest = space;
        }

        if (hasInFlight || !mayDeadlock)
            return earliest;
        probeAt = now + backoff.Apply(current.Rtt.ProbeTimeout);
        var handshake = spaces[(int)SpaceId.Handshake];
        return handshake.WriteProtector is null ? spaces[(int)SpaceId.Initial] : handshake;
    }

    // RFC 9002 §6.2.4: probes carry new data where there is some; repeating the oldest helps most when a tail was lost.
    private void RepeatOldest(PacketSpace space, NetworkPath current)
    {
        var repeated = 0;
        for (var number = space.Sent.First; number < space.Sent.End && repeated < ProbeDatagrams; number++)
        {
            if (space.Sent.Get(number) is not { IsAckEliciting: true } packet || packet.Path != current)
                continue;
            repeated++;
            Qlog?.MarkedForRetransmit(packet);
            foreach (var frame in packet.Frames)
                outcomes.OnFrameLost(space.Id, frame);
        }
    }
}
