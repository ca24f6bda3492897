namespace MqttScion.Quic;

/// <content>Loss detection and congestion control.</content>
internal sealed partial class QlogTrace
{
    // RFC 9002 §6.1.2: kTimeThreshold.
    private const double TimeThreshold = 9.0 / 8;

    private Metrics _metrics;
    private NetworkPath? _measured;
    private Congestion _congestion;
    private int _maxDatagramBytes;

    public void RecoveryParametersSet(NetworkPath path, QuicCongestionControl control)
    {
        if (!Begin("recovery:parameters_set"u8))
            return;
        _json.WriteNumber("reordering_threshold"u8, LossDetector.PacketThreshold);
        _json.WriteNumber("time_threshold"u8, TimeThreshold);
        _json.WriteNumber("timer_granularity"u8, (int)RttEstimator.Granularity.TotalMilliseconds);
        WriteMilliseconds("initial_rtt"u8, RttEstimator.Initial);
        _json.WriteNumber("max_datagram_size"u8, path.MaxDatagramBytes);
        _json.WriteNumber("initial_congestion_window"u8, CongestionWindow.First(path.MaxDatagramBytes));
        _json.WriteNumber("minimum_congestion_window"u8, CongestionWindow.Least(path.MaxDatagramBytes));
        _json.WriteNumber("persistent_congestion_threshold"u8, LossDetector.PersistentCongestionThreshold);
        _json.WriteString("congestion_control"u8, NameOf(control));
        End();
    }

    /// <summary>Tells what has changed in the state of the path that is sent on; nothing when nothing has.</summary>
    public void MetricsUpdated(NetworkPath path)
    {
        if (_isOver)
            return;
        var isOther = path != _measured;
        _measured = path;
        var now = Metrics.Of(path);
        if ((isOther || now != _metrics) && Begin("recovery:metrics_updated"u8, path))
        {
            WriteChanges(isOther ? Metrics.None : _metrics, now);
            End();
        }

        var isShrunk = !isOther && now.WindowBytes < _metrics.WindowBytes;
        var isGrown = !isOther && now.WindowBytes > _metrics.WindowBytes;
        _metrics = now;
        UpdateCongestion(path, isOther, isShrunk, isGrown);
        UpdateMtu(path, isOther);
    }

    public void PacketLost(SpaceId space, SentPacket packet, bool isByReordering)
    {
        if (!Begin("recovery:packet_lost"u8, packet.Path))
            return;
        _json.WriteStartObject("header"u8);
        _json.WriteString("packet_type"u8, NameOf(space));
        _json.WriteNumber("packet_number"u8, packet.Number);
        _json.WriteEndObject();
        if (packet.IsMtuProbe)
            _json.WriteBoolean("is_mtu_probe_packet"u8, true);
        _json.WriteString("trigger"u8, isByReordering ? "reordering_threshold"u8 : "time_threshold"u8);
        End();
    }

    /// <summary>What was in a packet goes out again: it was lost, or is repeated by a probe.</summary>
    public void MarkedForRetransmit(SentPacket packet)
    {
        if (!packet.Frames.Exists(static frame => frame.Kind != SentFrameKind.Ping) ||
            !Begin("recovery:marked_for_retransmit"u8))
            return;
        _json.WriteStartArray("frames"u8);
        foreach (var frame in packet.Frames)
            WriteSent(frame);
        _json.WriteEndArray();
        End();
    }

    public void LossTimerExpired(bool isProbe, SpaceId? space)
    {
        if (!Begin("recovery:loss_timer_updated"u8))
            return;
        // The loss timer of RFC 9002 is "ack" here: it runs after an ACK that left packets out.
        _json.WriteString("timer_type"u8, isProbe ? "pto"u8 : "ack"u8);
        if (space is { } known)
            _json.WriteString("packet_number_space"u8, SpaceNameOf(known));
        _json.WriteString("event_type"u8, "expired"u8);
        End();
    }

    // What the frames of a packet in flight carry is kept by kind and place only.
    private void WriteSent(in SentFrame frame)
    {
        if (frame.Kind == SentFrameKind.Ping)
            return;
        _json.WriteStartObject();
        _json.WriteString("frame_type"u8, NameOf(TypeOf(frame)));
        switch (frame.Kind)
        {
            case SentFrameKind.Crypto or SentFrameKind.Stream:
                if (frame.Kind == SentFrameKind.Stream)
                    _json.WriteNumber("stream_id"u8, frame.Id);
                _json.WriteNumber("offset"u8, frame.Offset);
                _json.WriteNumber("length"u8, frame.Length);
                if (frame.IsFinal)
                    _json.WriteBoolean("fin"u8, true);
                break;
            case SentFrameKind.ResetStream or SentFrameKind.StopSending or SentFrameKind.MaxStreamData:
                _json.WriteNumber("stream_id"u8, frame.Id);
                break;
            case SentFrameKind.NewConnectionId or SentFrameKind.RetireConnectionId:
                _json.WriteNumber("sequence_number"u8, frame.Id);
                break;
            case SentFrameKind.MaxStreams:
                _json.WriteString("stream_type"u8, frame.Id == 0 ? "bidirectional"u8 : "unidirectional"u8);
                break;
            default:
                break;
        }

        _json.WriteEndObject();
    }

    private void WriteChanges(in Metrics old, in Metrics now)
    {
        if (now.MinRtt != old.MinRtt)
            WriteMilliseconds("min_rtt"u8, now.MinRtt);
        if (now.SmoothedRtt != old.SmoothedRtt)
            WriteMilliseconds("smoothed_rtt"u8, now.SmoothedRtt);
        if (now.LatestRtt != old.LatestRtt)
            WriteMilliseconds("latest_rtt"u8, now.LatestRtt);
        if (now.RttVariation != old.RttVariation)
            WriteMilliseconds("rtt_variance"u8, now.RttVariation);
        if (now.ProbeCount != old.ProbeCount)
            _json.WriteNumber("pto_count"u8, now.ProbeCount);
        if (now.WindowBytes != old.WindowBytes)
            _json.WriteNumber("congestion_window"u8, now.WindowBytes);
        if (now.BytesInFlight != old.BytesInFlight)
            _json.WriteNumber("bytes_in_flight"u8, now.BytesInFlight);
    }

    // Controllers differ in how they keep their state; all shrink the window when they enter recovery, and none lets it
    // grow before recovery is over.
    private void UpdateCongestion(NetworkPath path, bool isOther, bool isShrunk, bool isGrown)
    {
        var next = isShrunk ? Congestion.Recovery
            : path.Congestion.IsInSlowStart ? Congestion.SlowStart
            : isGrown || isOther || _congestion != Congestion.Recovery ? Congestion.Avoidance
            : Congestion.Recovery;
        if (next == _congestion || !Begin("recovery:congestion_state_updated"u8, path))
            return;
        if (_congestion != Congestion.None)
            _json.WriteString("old"u8, NameOf(_congestion));
        _json.WriteString("new"u8, NameOf(next));
        _congestion = next;
        End();
    }

    private void UpdateMtu(NetworkPath path, bool isOther)
    {
        var old = _maxDatagramBytes;
        _maxDatagramBytes = path.MaxDatagramBytes;
        if (isOther || old == _maxDatagramBytes || !Begin("connectivity:mtu_updated"u8, path))
            return;
        _json.WriteNumber("old"u8, old);
        _json.WriteNumber("new"u8, _maxDatagramBytes);
        End();
    }

    private static ReadOnlySpan<byte> NameOf(QuicCongestionControl control) => control switch
    {
        QuicCongestionControl.NewReno => "newreno"u8,
        QuicCongestionControl.EagerReno => "eagerreno"u8,
        _ => "cubic"u8,
    };

    private static ReadOnlySpan<byte> NameOf(Congestion state) => state switch
    {
        Congestion.SlowStart => "slow_start"u8,
        Congestion.Avoidance => "congestion_avoidance"u8,
        _ => "recovery"u8,
    };

    private static ReadOnlySpan<byte> SpaceNameOf(SpaceId space) =>
        space == SpaceId.Application ? "application_data"u8 : NameOf(space);

    private static FrameType TypeOf(in SentFrame frame) => frame.Kind switch
    {
        SentFrameKind.Crypto => FrameType.Crypto,
        SentFrameKind.Stream => FrameType.Stream,
        SentFrameKind.ResetStream => FrameType.ResetStream,
        SentFrameKind.StopSending => FrameType.StopSending,
        SentFrameKind.MaxData => FrameType.MaxData,
        SentFrameKind.MaxStreamData => FrameType.MaxStreamData,
        SentFrameKind.MaxStreams => FrameType.MaxStreamsBidirectional,
        SentFrameKind.NewConnectionId => FrameType.NewConnectionId,
        SentFrameKind.RetireConnectionId => FrameType.RetireConnectionId,
        SentFrameKind.HandshakeDone => FrameType.HandshakeDone,
        SentFrameKind.NewToken => FrameType.NewToken,
        _ => FrameType.Ping,
    };

    private enum Congestion : byte
    {
        None,
        SlowStart,
        Avoidance,
        Recovery,
    }

    /// <summary>What a trace tells of the state of a path.</summary>
    private readonly record struct Metrics(
        TimeSpan MinRtt,
        TimeSpan SmoothedRtt,
        TimeSpan LatestRtt,
        TimeSpan RttVariation,
        int ProbeCount,
        long WindowBytes,
        long BytesInFlight)
    {
        public static Metrics None => new(default, default, default, default, 0, -1, -1);

        public static Metrics Of(NetworkPath path) => new(
            path.Rtt.Min,
            path.Rtt.HasSample ? path.Rtt.Smoothed : default,
            path.Rtt.HasSample ? path.Rtt.Latest : default,
            path.Rtt.HasSample ? path.Rtt.Variation : default,
            path.Backoff.Count,
            path.Congestion.WindowBytes,
            path.BytesInFlight);
    }
}
