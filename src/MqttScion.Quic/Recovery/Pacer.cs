namespace MqttScion.Quic;

/// <summary>
/// Spreads a congestion window over the round trip (RFC 9002 §7.7): a bucket that fills at the path's rate.
/// </summary>
/// <remarks>
/// It opens for what the path carries in a millisecond, up to a flight, so that flights can still leave in one call.
/// </remarks>
internal sealed class Pacer(int maxDatagramBytes)
{
    private const double Gain = 1.25;
    private const double SlowStartGain = 2;
    private const int BurstPackets = 10;
    private const int MaxQuantumPackets = 44;

    private static readonly TimeSpan QuantumTime = TimeSpan.FromMilliseconds(1);

    private double _budgetBytes = BurstPackets * maxDatagramBytes;
    private TimeSpan _filledAt;
    private bool _isWaiting;

    /// <summary>The datagram size of the path, which may grow.</summary>
    public int MaxDatagramBytes { get; set; } = maxDatagramBytes;

    /// <summary>When a flight may leave next, or null when one may leave now.</summary>
    public TimeSpan? NextSend(RttEstimator rtt, ICongestionController congestion, TimeSpan now)
    {
        if (now == _filledAt && !_isWaiting && _budgetBytes >= MaxDatagramBytes)
            return null;
        // A window that doubles each round trip needs twice its rate.
        var gain = congestion.IsInSlowStart ? SlowStartGain : Gain;
        var bytesPerTick = gain * congestion.WindowBytes / Math.Max(1, rtt.Smoothed.Ticks);
        var quantum = Math.Clamp(
            bytesPerTick * QuantumTime.Ticks, MaxDatagramBytes, MaxQuantumPackets * MaxDatagramBytes);
        var capacity = Math.Max(BurstPackets * MaxDatagramBytes, 2 * quantum);
        if (now > _filledAt)
        {
            _budgetBytes = Math.Min(capacity, _budgetBytes + bytesPerTick * (now - _filledAt).Ticks);
            _filledAt = now;
        }

        var needed = _isWaiting ? quantum : MaxDatagramBytes;
        _isWaiting = _budgetBytes < needed;
        if (!_isWaiting)
            return null;
        var ticks = Math.Ceiling((quantum - _budgetBytes) / bytesPerTick);
        return now + TimeSpan.FromTicks(Math.Max(1, (long)Math.Min(ticks, TimeSpan.TicksPerSecond)));
    }

    public void OnSent(int sizeBytes) => _budgetBytes -= sizeBytes;
}
