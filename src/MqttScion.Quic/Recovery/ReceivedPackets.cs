namespace MqttScion.Quic;

/// <summary>Which packets of one space came, and when they are to be acknowledged (RFC 9000 §13.2).</summary>
internal sealed class ReceivedPackets
{
    /// <summary>How many ranges are kept; packets below the lowest count as received (RFC 9000 §13.2.3).</summary>
    public const int MaxRanges = 64;

    private const int MinThreshold = 2;
    private const int MaxThreshold = 16;
    private const int AcksPerRoundTrip = 16;

    private readonly RangeSet _ranges = new();
    private long _floor;
    private int _ackElicitingCount;
    private long _ect0Count;
    private long _ect1Count;
    private long _ceCount;
    private int _threshold = MinThreshold;
    private int _roundCount;
    private TimeSpan _roundStartedAt;

    /// <summary>The largest packet number, or -1.</summary>
    public long Largest { get; private set; } = -1;

    public TimeSpan LargestReceivedAt { get; private set; }

    /// <summary>True when there are ack-eliciting packets that no ACK frame has covered yet.</summary>
    public bool HasUnacknowledged => _ackElicitingCount > 0;

    /// <summary>True when an ACK must leave with the next datagram.</summary>
    public bool IsAckDue { get; set; }

    /// <summary>True when gaps are known, which is when an ACK of our ACKs saves bytes (RFC 9000 §13.2.4).</summary>
    public bool HasGaps => _ranges.Count > 1;

    public bool IsDuplicate(long number) => number < _floor || _ranges.Contains(number, number + 1);

    /// <summary>Records a packet; the acknowledgement becomes due at once or is left to the caller's timer.</summary>
    public void Add(long number, bool isAckEliciting, EcnCodepoint ecn, bool ackAtOnce, TimeSpan now)
    {
        var isReordered = number < Largest || (Largest >= 0 && number > Largest + 1);
        _ranges.Add(number, number + 1);
        while (_ranges.Count > MaxRanges)
        {
            _floor = _ranges[0].End;
            _ranges.RemoveFirst();
        }

        if (number > Largest)
        {
            Largest = number;
            LargestReceivedAt = now;
        }

        CountEcn(ecn);
        if (!isAckEliciting)
            return;
        _ackElicitingCount++;
        // RFC 9000 §13.2.1 and §13.2.2: at once on reordering, on a gap, on a CE mark, and every second packet.
        if (ackAtOnce || isReordered || ecn == EcnCodepoint.Ce || _ackElicitingCount >= _threshold)
            IsAckDue = true;
    }

    /// <summary>
    /// Counts the packets of a round trip: when there are many, every second one need not be acknowledged (RFC 9000
    /// §13.2.2), as long as the sender hears often enough to grow its window and to find losses.
    /// </summary>
    public void AdaptThreshold(TimeSpan roundTrip, TimeSpan now)
    {
        _roundCount++;
        if (now - _roundStartedAt < roundTrip)
            return;
        _threshold = Math.Clamp(_roundCount / AcksPerRoundTrip, MinThreshold, MaxThreshold);
        _roundCount = 0;
        _roundStartedAt = now;
    }

    /// <summary>The peer got an ACK up to <paramref name="largest"/>: what lies below need not be repeated.</summary>
    public void ForgetUpTo(long largest)
    {
        _floor = Math.Max(_floor, largest + 1);
        _ranges.Remove(0, largest + 1);
    }

    /// <summary>Writes an ACK frame with as many ranges as fit; false when there is nothing or no room.</summary>
    public bool TryWriteAck(ref ByteWriter writer, TimeSpan ackDelay, int ackDelayExponent)
    {
        const int fixedLength = 1 + 8 + 8 + 2 + 8, ecnLength = 3 * 8, rangeLength = 16;
        if (_ranges.IsEmpty || writer.Remaining < fixedLength + ecnLength)
            return false;
        var hasEcn = (_ect0Count | _ect1Count | _ceCount) != 0;
        var count = Math.Min(_ranges.Count - 1, (writer.Remaining - fixedLength - ecnLength) / rangeLength);
        var (start, end) = _ranges[_ranges.Count - 1];
        writer.WriteVarInt((ulong)(hasEcn ? FrameType.AckEcn : FrameType.Ack));
        writer.WriteVarInt((ulong)(end - 1));
        writer.WriteVarInt((ulong)Math.Max(0, ackDelay.Ticks / TimeSpan.TicksPerMicrosecond) >> ackDelayExponent);
        writer.WriteVarInt((ulong)count);
        writer.WriteVarInt((ulong)(end - 1 - start));
        for (var index = 0; index < count; index++)
        {
            var below = _ranges[_ranges.Count - 2 - index];
            writer.WriteVarInt((ulong)(start - below.End - 1));
            writer.WriteVarInt((ulong)(below.End - 1 - below.Start));
            start = below.Start;
        }

        if (hasEcn)
        {
            writer.WriteVarInt((ulong)_ect0Count);
            writer.WriteVarInt((ulong)_ect1Count);
            writer.WriteVarInt((ulong)_ceCount);
        }

        return true;
    }

    /// <summary>An ACK frame left.</summary>
    public void OnAckSent()
    {
        _ackElicitingCount = 0;
        IsAckDue = false;
    }

    /// <summary>Nothing more is received: gives memory back.</summary>
    public void Release() => _ranges.Release();

    private void CountEcn(EcnCodepoint ecn)
    {
        switch (ecn)
        {
            case EcnCodepoint.Ect0:
                _ect0Count++;
                break;
            case EcnCodepoint.Ect1:
                _ect1Count++;
                break;
            case EcnCodepoint.Ce:
                _ceCount++;
                break;
            default:
                break;
        }
    }
}
