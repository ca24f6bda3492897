namespace MqttScion.Quic;

/// <content>What is in flight on the path, and what its fate tells congestion control, ECN and the size.</content>
internal sealed partial class NetworkPath
{
    private const int BlackHoleProbes = 2;

    private readonly PathSpace[] _spaces = [new(), new(), new()];
    private long _inFlightBeforeAckBytes;
    private ProbeBackoff _backoff;

    public long BytesInFlight { get; private set; }

    /// <summary>The probe timeouts of this path in a row; nothing of another path's silence.</summary>
    public ProbeBackoff Backoff => _backoff;

    /// <summary>When something that was sent on the path was last acknowledged.</summary>
    public TimeSpan AnsweredAt { get; private set; } = TimeSpan.MinValue;

    public bool HasWindow => BytesInFlight < Congestion.WindowBytes;

    /// <summary>
    /// Whether what validates a path may be sent beyond the window: some, as the path may have failed with the window
    /// full, but not without end to a peer that goes on challenging and acknowledges nothing.
    /// </summary>
    public bool HasReserve => BytesInFlight < Congestion.WindowBytes + ReserveBytes;

    /// <summary>What was sent on the path in one packet number space.</summary>
    public ref readonly PathSpace Space(SpaceId space) => ref _spaces[(int)space];

    /// <summary>A packet that is to be acknowledged left.</summary>
    public void OnSent(SpaceId space, SentPacket packet)
    {
        ref var own = ref _spaces[(int)space];
        packet.PathSequence = own.NextSequence++;
        BytesInFlight += packet.SizeBytes;
        Pacer.OnSent(packet.SizeBytes);
        if (!packet.IsAckEliciting)
            return;
        own.AckElicitingInFlight++;
        own.LastAckElicitingSentAt = packet.SentAt;
    }

    /// <summary>
    /// Sending stopped. When it did for want of window, all that is in flight shows that the window is used (RFC 9002
    /// §7.8). Pacing or flow control don't show that: they would let a window grow that nothing ever fills.
    /// </summary>
    public void OnSendingStopped()
    {
        if (HasWindow)
            return;
        foreach (ref var space in _spaces.AsSpan())
            space.FullSequence = space.NextSequence;
    }

    /// <summary>An ACK frame came that is about packets of this path, which are told one by one afterwards.</summary>
    public void OnAckFrame() => _inFlightBeforeAckBytes = BytesInFlight;

    /// <summary>A packet was acknowledged.</summary>
    /// <param name="space">The packet's space.</param>
    /// <param name="packet">The packet.</param>
    /// <param name="rttSample">The round-trip time that it measured; null for all but one of an ACK.</param>
    /// <param name="now">The time.</param>
    public void OnAcknowledged(SpaceId space, SentPacket packet, TimeSpan? rttSample, TimeSpan now)
    {
        Forget(space, packet);
        AnsweredAt = now;
        ref var own = ref _spaces[(int)space];
        own.LargestAcknowledgedSequence = Math.Max(own.LargestAcknowledgedSequence, packet.PathSequence);
        OnArrived(packet.SizeBytes);
        if (packet.IsMtuProbe)
        {
            Mtu.OnAcknowledged(now);
            SetDatagramBytes(Math.Max(MaxDatagramBytes, packet.SizeBytes));
        }

        Congestion.OnAcknowledged(
            new AckedPacket(packet.SizeBytes, packet.SentAt, packet.PathSequence),
            new AckContext(
                _inFlightBeforeAckBytes,
                packet.PathSequence >= own.FullSequence,
                own.NextSequence,
                rttSample,
                Rtt.Smoothed,
                now));
    }

    /// <summary>A packet was found lost.</summary>
    public void OnLost(SpaceId space, SentPacket packet, TimeSpan now)
    {
        Forget(space, packet);
        // RFC 9000 §14.4: the loss of a probe for the size says nothing about congestion. §9.4: nor does that of a
        // probe for the path, which may be acknowledged on a slower one.
        if (packet.IsMtuProbe)
            Mtu.OnLost(now);
        else if (!packet.IsPathProbe)
            Congestion.OnCongestion(packet.SentAt, now);
        if (packet.IsMarked && !packet.IsMtuProbe)
            Ecn.OnLost();
    }

    /// <summary>A packet is in flight no more, and nothing is learnt from it.</summary>
    public void Forget(SpaceId space, SentPacket packet)
    {
        BytesInFlight -= packet.SizeBytes;
        if (packet.IsAckEliciting)
            _spaces[(int)space].AckElicitingInFlight--;
    }

    /// <summary>The peer counted marks, the newest of them in this packet.</summary>
    public void OnCongestionMarked(SentPacket newest, TimeSpan now)
    {
        if (Ecn.IsCapable)
            Congestion.OnCongestion(newest.SentAt, now);
    }

    /// <summary>The probe timer fired while this was the path that is sent on.</summary>
    public void OnProbeTimeout(TimeSpan now)
    {
        _backoff.OnTimeout(now);
        Ecn.OnProbe();
        // RFC 8899 §4.3: when nothing arrives any more, datagrams that were found to fit may not.
        if (_backoff.Count >= BlackHoleProbes)
            Shrink(now);
    }

    /// <summary>What is to be acknowledged is overdue: marks may be the reason.</summary>
    public void OnSilent() => Ecn.OnProbe();

    /// <summary>Something arrived, or the path starts anew: probe timeouts are no longer doubled.</summary>
    public void ResetBackoff() => _backoff.Reset();

    /// <summary>Whether so many later packets of the path arrived that this one did not (RFC 9002 §6.1.1).</summary>
    public bool IsOvertaken(SpaceId space, SentPacket packet) =>
        Space(space).LargestAcknowledgedSequence >= packet.PathSequence + LossDetector.PacketThreshold;

    /// <summary>When a packet counts as lost by what arrived after it, or null when nothing says so yet.</summary>
    public TimeSpan? LostAt(SpaceId space, SentPacket packet)
    {
        if (IsClosed || IsOvertaken(space, packet))
            return TimeSpan.MinValue;
        return Space(space).LargestAcknowledgedSequence > packet.PathSequence ? packet.SentAt + Rtt.LossDelay : null;
    }
}
