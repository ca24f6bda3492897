namespace MqttScion.QuicPerf;

/// <summary>How long operations took.</summary>
internal sealed class LatencySamples(int capacity)
{
    private readonly List<long> _ticks = new(capacity);

    /// <summary>Takes one.</summary>
    public void Add(TimeSpan elapsed)
    {
        if (_ticks.Count < capacity)
            _ticks.Add(elapsed.Ticks);
    }

    /// <summary>Adds what they tell to a report.</summary>
    public PerfReport AddTo(PerfReport report)
    {
        _ticks.Sort();
        return report with { P50Us = At(0.5), P99Us = At(0.99), MaxUs = At(1) };
    }

    private double? At(double part) => _ticks.Count == 0
        ? null
        : (double)_ticks[Math.Max(0, (int)Math.Ceiling(part * _ticks.Count) - 1)] / TimeSpan.TicksPerMicrosecond;
}
