namespace MqttScion.Quic;

/// <summary>CUBIC (RFC 9438) with HyStart++ (RFC 9406) in its first slow start.</summary>
/// <remarks>
/// After a congestion event the window follows a cubic curve of time that is flat around the window of the event; where
/// Reno would be faster, it follows an estimate of Reno.
/// </remarks>
internal sealed class Cubic(int maxDatagramBytes) : ICongestionController
{
    private const double Scale = 0.4;
    private const double Beta = 0.7;
    private const double RenoGrowth = 3 * (1 - Beta) / (1 + Beta);
    private const double MaxGrowth = 1.5;

    private readonly HyStart _hyStart = new();
    private double _windowBytes = CongestionWindow.First(maxDatagramBytes);
    private double _thresholdBytes = double.MaxValue;
    private double _maxWindowBytes;
    private double _priorWindowBytes;
    private double _renoBytes;
    private double _secondsToMax;
    private TimeSpan? _epochStartedAt;
    private TimeSpan? _unusedSince;
    private TimeSpan? _recoveryStartedAt;

    public long WindowBytes => (long)_windowBytes;

    public bool IsInSlowStart => _windowBytes < _thresholdBytes;

    public int MaxDatagramBytes { get; set; } = maxDatagramBytes;

    public void OnAcknowledged(in AckedPacket packet, in AckContext context)
    {
        if (packet.SentAt <= _recoveryStartedAt)
            return;
        if (!CongestionWindow.IsUsed(this, context))
        {
            // RFC 9438 §5.8: time in which the application had nothing to send is no time of the curve.
            _unusedSince ??= context.Now;
            return;
        }

        if (_unusedSince is { } since)
            _epochStartedAt += context.Now - since;
        _unusedSince = null;
        if (IsInSlowStart)
        {
            _windowBytes += _hyStart.Grow(packet, context);
            if (_hyStart.IsOver && _thresholdBytes > _windowBytes)
                _thresholdBytes = _windowBytes;
            return;
        }

        GrowByCurve(packet.SizeBytes, context);
    }

    public void OnCongestion(TimeSpan sentAt, TimeSpan now)
    {
        if (sentAt <= _recoveryStartedAt)
            return;
        _recoveryStartedAt = now;
        // RFC 9438 §4.7, fast convergence: a flow whose share shrinks makes room for others.
        _maxWindowBytes = _windowBytes < _maxWindowBytes ? _windowBytes * (1 + Beta) / 2 : _windowBytes;
        _priorWindowBytes = _windowBytes;
        _windowBytes = Math.Max(_windowBytes * Beta, CongestionWindow.Least(MaxDatagramBytes));
        _thresholdBytes = _windowBytes;
        _epochStartedAt = null;
        _hyStart.End();
    }

    public void OnPersistentCongestion()
    {
        _windowBytes = CongestionWindow.Least(MaxDatagramBytes);
        _recoveryStartedAt = null;
        _epochStartedAt = null;
        _hyStart.End();
    }

    // RFC 9438 §4.2 to §4.5.
    private void GrowByCurve(int sizeBytes, in AckContext context)
    {
        if (_epochStartedAt is not { } start)
        {
            start = context.Now;
            BeginEpoch(start);
        }

        var elapsed = context.Now - start;
        var renoGrowth = _renoBytes < _priorWindowBytes ? RenoGrowth : 1;
        _renoBytes += renoGrowth * sizeBytes * MaxDatagramBytes / _windowBytes;
        if (Curve(elapsed) < _renoBytes)
        {
            _windowBytes = Math.Max(_windowBytes, _renoBytes);
            return;
        }

        var target = Math.Clamp(Curve(elapsed + context.SmoothedRtt), _windowBytes, MaxGrowth * _windowBytes);
        _windowBytes += (target - _windowBytes) * sizeBytes / _windowBytes;
    }

    private void BeginEpoch(TimeSpan now)
    {
        _epochStartedAt = now;
        _renoBytes = _windowBytes;
        _maxWindowBytes = Math.Max(_maxWindowBytes, _windowBytes);
        _secondsToMax = Math.Cbrt((_maxWindowBytes - _windowBytes) / MaxDatagramBytes / Scale);
    }

    private double Curve(TimeSpan elapsed)
    {
        var seconds = elapsed.TotalSeconds - _secondsToMax;
        return Scale * seconds * seconds * seconds * MaxDatagramBytes + _maxWindowBytes;
    }
}
