namespace MqttScion.Quic;

/// <summary>
/// HyStart++ (RFC 9406): leaves slow start when round trips grow longer, before the queue overflows, by way of some
/// rounds of slower growth in which it can change its mind.
/// </summary>
internal sealed class HyStart
{
    private const int RttDivisor = 8;
    private const int MinSamples = 8;
    private const int ConservativeDivisor = 4;
    private const int ConservativeRounds = 5;

    private static readonly TimeSpan MinRttThreshold = TimeSpan.FromMilliseconds(4);
    private static readonly TimeSpan MaxRttThreshold = TimeSpan.FromMilliseconds(16);

    private TimeSpan _lastRoundMin = TimeSpan.MaxValue;
    private TimeSpan _roundMin = TimeSpan.MaxValue;
    private TimeSpan? _conservativeBaseline;
    private int _sampleCount;
    private int _conservativeRoundCount;
    private long _roundEnd;

    /// <summary>True once slow start is to end, or a loss ended it.</summary>
    public bool IsOver { get; private set; }

    /// <summary>By how many bytes the window grows for a packet that was acknowledged.</summary>
    public double Grow(in AckedPacket packet, in AckContext context)
    {
        if (IsOver)
            return packet.SizeBytes;
        if (context.RttSample is { } sample)
            AddSample(sample);
        if (packet.Sequence >= _roundEnd)
            EndRound(context.NextSequence);
        // Growth is not limited per ACK, because what it allows is paced (RFC 9406 §4.3, L).
        return _conservativeBaseline is null ? packet.SizeBytes : (double)packet.SizeBytes / ConservativeDivisor;
    }

    public void End() => IsOver = true;

    private void AddSample(TimeSpan sample)
    {
        _sampleCount++;
        if (sample < _roundMin)
            _roundMin = sample;
        if (_sampleCount < MinSamples)
            return;
        if (_conservativeBaseline is { } baseline)
        {
            // It was jitter: back to slow start.
            if (_roundMin < baseline)
                _conservativeBaseline = null;
            return;
        }

        if (_lastRoundMin == TimeSpan.MaxValue)
            return;
        var threshold = _lastRoundMin / RttDivisor;
        threshold = threshold < MinRttThreshold ? MinRttThreshold : threshold;
        threshold = threshold > MaxRttThreshold ? MaxRttThreshold : threshold;
        if (_roundMin < _lastRoundMin + threshold)
            return;
        _conservativeBaseline = _roundMin;
        _conservativeRoundCount = 0;
    }

    private void EndRound(long nextSequence)
    {
        _roundEnd = nextSequence;
        _lastRoundMin = _roundMin;
        _roundMin = TimeSpan.MaxValue;
        _sampleCount = 0;
        if (_conservativeBaseline is not null && ++_conservativeRoundCount > ConservativeRounds)
            IsOver = true;
    }
}
