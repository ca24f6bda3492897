using System.Numerics;

namespace MqttScion.Scion;

/// <summary>One path of a prober: its round trips, its losses, and when it is probed next.</summary>
internal sealed class ProbedPath(ScionPath path)
{
    private const int HistoryLength = 32;

    // Below this, twice as long is the noise of a machine.
    private static readonly TimeSpan SmallestDegradation = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan BaselineWindow = TimeSpan.FromMinutes(5);

    private uint _losses;
    private int _concludedCount;
    private TimeSpan? _lastRtt;
    private TimeSpan _smoothedRtt;
    private TimeSpan _shortest = TimeSpan.MaxValue;
    private TimeSpan _shortestBefore = TimeSpan.MaxValue;
    private TimeSpan _windowEnd;
    private long _replyCount;

    /// <summary>The latest renewal.</summary>
    public ScionPath Path { get; set; } = path;

    /// <summary>When it is probed next.</summary>
    public TimeSpan? ScheduledAt { get; set; }

    /// <summary>When it was probed last.</summary>
    public TimeSpan? SentAt { get; set; }

    /// <summary>True when the next probe goes out even if the path is in use.</summary>
    public bool IsRequested { get; set; }

    /// <summary>True when the store dropped it.</summary>
    public bool IsGone { get; set; }

    /// <summary>How many probes were sent.</summary>
    public long SentCount { get; set; }

    /// <summary>How many probes in a row stayed without an answer.</summary>
    public int LossesInRow { get; private set; }

    /// <summary>True while the smoothed round trip is long for this path.</summary>
    public bool IsDegraded { get; private set; }

    /// <summary>The smoothed round-trip time.</summary>
    public TimeSpan SmoothedRtt => _smoothedRtt;

    /// <summary>What is known of the path.</summary>
    public PathQuality Quality => new(
        _lastRtt,
        _lastRtt is null ? null : _smoothedRtt,
        _lastRtt is null ? null : Baseline,
        _concludedCount == 0 ? 0 : (double)BitOperations.PopCount(_losses) / _concludedCount,
        SentCount,
        _replyCount);

    private TimeSpan Baseline => _shortest < _shortestBefore ? _shortest : _shortestBefore;

    /// <summary>Takes a round trip; true when the path became degraded by it.</summary>
    /// <remarks>
    /// Degraded: the smoothed round trip is more than twice the baseline, and 5 ms longer; until it is less than one
    /// and a half times the baseline.
    /// </remarks>
    public bool OnReply(TimeSpan rtt, TimeSpan now)
    {
        Conclude(isLost: false);
        _replyCount++;
        LossesInRow = 0;
        _smoothedRtt = _lastRtt is null ? rtt : (7 * _smoothedRtt + rtt) / 8;
        _lastRtt = rtt;
        if (now >= _windowEnd)
        {
            (_shortestBefore, _shortest, _windowEnd) = (_shortest, TimeSpan.MaxValue, now + BaselineWindow);
        }
        _shortest = rtt < _shortest ? rtt : _shortest;
        var was = IsDegraded;
        IsDegraded = _smoothedRtt > (was ? 1.5 : 2) * Baseline && _smoothedRtt > Baseline + SmallestDegradation;
        return IsDegraded && !was;
    }

    /// <summary>Takes note of a probe without an answer.</summary>
    public void OnLoss()
    {
        Conclude(isLost: true);
        LossesInRow++;
    }

    private void Conclude(bool isLost)
    {
        _losses = _losses << 1 | (isLost ? 1u : 0);
        _concludedCount = Math.Min(_concludedCount + 1, HistoryLength);
    }
}
