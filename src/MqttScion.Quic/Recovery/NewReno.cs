namespace MqttScion.Quic;

/// <summary>NewReno as in RFC 9002 §7 and Appendix B.</summary>
internal sealed class NewReno(int maxDatagramBytes, double beta = NewReno.Beta) : ICongestionController
{
    /// <summary>kLossReductionFactor: what is left of the window after a loss (RFC 9002 §7.3.2).</summary>
    public const double Beta = 0.5;

    /// <summary>What is left with <see cref="QuicCongestionControl.EagerReno"/>.</summary>
    public const double EagerBeta = 0.7;

    private double _windowBytes = CongestionWindow.First(maxDatagramBytes);
    private double _thresholdBytes = double.MaxValue;
    private TimeSpan? _recoveryStartedAt;

    public long WindowBytes => (long)_windowBytes;

    public bool IsInSlowStart => _windowBytes < _thresholdBytes;

    public int MaxDatagramBytes { get; set; } = maxDatagramBytes;

    public void OnAcknowledged(in AckedPacket packet, in AckContext context)
    {
        // RFC 9002 §7.3.2: the window does not grow during recovery.
        if (packet.SentAt <= _recoveryStartedAt || !CongestionWindow.IsUsed(this, context))
            return;
        // RFC 9002 Appendix B.5: bit by bit, so that a loss takes its share of what was gained and not all of it.
        _windowBytes += IsInSlowStart ? packet.SizeBytes : packet.SizeBytes * MaxDatagramBytes / _windowBytes;
    }

    public void OnCongestion(TimeSpan sentAt, TimeSpan now)
    {
        if (sentAt <= _recoveryStartedAt)
            return;
        _recoveryStartedAt = now;
        _windowBytes = Math.Max(_windowBytes * beta, CongestionWindow.Least(MaxDatagramBytes));
        _thresholdBytes = _windowBytes;
    }

    public void OnPersistentCongestion()
    {
        _windowBytes = CongestionWindow.Least(MaxDatagramBytes);
        _recoveryStartedAt = null;
    }
}
