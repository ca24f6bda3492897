namespace MqttScion.Quic;

/// <summary>NewReno as in RFC 9002 §7 and Appendix B.</summary>
internal sealed class NewReno(int maxDatagramBytes) : ICongestionController
{
    private const int InitialWindowPackets = 10;
    private const int InitialWindowBytes = 14720;
    private const int MinWindowPackets = 2;
    private const int BurstPackets = 3;

    private long _slowStartThresholdBytes = long.MaxValue;
    private long _acknowledgedBytes;
    private TimeSpan? _recoveryStartedAt;

    public long WindowBytes { get; private set; } = Math.Min(
        InitialWindowPackets * maxDatagramBytes,
        Math.Max(InitialWindowBytes, MinWindowPackets * maxDatagramBytes));

    private bool IsInSlowStart => WindowBytes < _slowStartThresholdBytes;

    public void OnAcknowledged(int sizeBytes, TimeSpan sentAt, long inFlightBytes)
    {
        // RFC 9002 §7.8: a window that is not used does not grow. §7.3.2: nor does it during recovery.
        if (!IsInUse(inFlightBytes) || sentAt <= _recoveryStartedAt)
            return;
        if (IsInSlowStart)
        {
            WindowBytes += sizeBytes;
            return;
        }

        _acknowledgedBytes += sizeBytes;
        if (_acknowledgedBytes < WindowBytes)
            return;
        _acknowledgedBytes -= WindowBytes;
        WindowBytes += maxDatagramBytes;
    }

    public void OnCongestion(TimeSpan sentAt, TimeSpan now)
    {
        if (sentAt <= _recoveryStartedAt)
            return;
        _recoveryStartedAt = now;
        _slowStartThresholdBytes = Math.Max(WindowBytes / 2, MinWindowPackets * maxDatagramBytes);
        WindowBytes = _slowStartThresholdBytes;
        _acknowledgedBytes = 0;
    }

    public void OnPersistentCongestion()
    {
        WindowBytes = MinWindowPackets * maxDatagramBytes;
        _recoveryStartedAt = null;
        _acknowledgedBytes = 0;
    }

    private bool IsInUse(long inFlightBytes) => IsInSlowStart
        ? inFlightBytes >= WindowBytes / 2
        : inFlightBytes + BurstPackets * maxDatagramBytes >= WindowBytes;
}
