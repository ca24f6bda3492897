namespace MqttScion.Quic;

/// <summary>NewReno as in RFC 9002 §7 and Appendix B.</summary>
internal sealed class NewReno(int maxDatagramBytes) : ICongestionController
{
    private long _slowStartThresholdBytes = long.MaxValue;
    private long _acknowledgedBytes;
    private TimeSpan? _recoveryStartedAt;

    public long WindowBytes { get; private set; } = CongestionWindow.First(maxDatagramBytes);

    public bool IsInSlowStart => WindowBytes < _slowStartThresholdBytes;

    public int MaxDatagramBytes { get; set; } = maxDatagramBytes;

    public void OnAcknowledged(in AckedPacket packet, in AckContext context)
    {
        // RFC 9002 §7.3.2: the window does not grow during recovery.
        if (packet.SentAt <= _recoveryStartedAt || !CongestionWindow.IsUsed(this, context))
            return;
        if (IsInSlowStart)
        {
            WindowBytes += packet.SizeBytes;
            return;
        }

        _acknowledgedBytes += packet.SizeBytes;
        if (_acknowledgedBytes < WindowBytes)
            return;
        _acknowledgedBytes -= WindowBytes;
        WindowBytes += MaxDatagramBytes;
    }

    public void OnCongestion(TimeSpan sentAt, TimeSpan now)
    {
        if (sentAt <= _recoveryStartedAt)
            return;
        _recoveryStartedAt = now;
        _slowStartThresholdBytes = Math.Max(WindowBytes / 2, CongestionWindow.Least(MaxDatagramBytes));
        WindowBytes = _slowStartThresholdBytes;
        _acknowledgedBytes = 0;
    }

    public void OnPersistentCongestion()
    {
        WindowBytes = CongestionWindow.Least(MaxDatagramBytes);
        _recoveryStartedAt = null;
        _acknowledgedBytes = 0;
    }
}
