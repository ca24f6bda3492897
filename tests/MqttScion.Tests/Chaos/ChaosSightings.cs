namespace MqttScion.Tests.Chaos;

/// <summary>The numbers that arrived somewhere, in their order.</summary>
internal sealed class ChaosSightings
{
    /// <summary>The number of the last message: nothing comes after it.</summary>
    public const long End = -1;

    private readonly Lock _gate = new();
    private readonly List<long> _numbers = [];
    private readonly List<string> _circumstances = [];
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when the last message came.</summary>
    public Task Ended => _ended.Task;

    /// <summary>All that came, without the last message.</summary>
    public IReadOnlyList<long> Numbers
    {
        get
        {
            lock (_gate)
            {
                return [.. _numbers];
            }
        }
    }

    /// <summary>When and how the numbers came that came more than once.</summary>
    public IEnumerable<string> Repetitions()
    {
        lock (_gate)
        {
            return [.. _numbers.Zip(_circumstances).GroupBy(s => s.First).Where(g => g.Count() > 1)
                .Select(g => $"{g.Key}: {string.Join(", ", g.Select(s => s.Second))}")];
        }
    }

    public void Add(long number, string circumstances = "")
    {
        if (number == End)
        {
            _ended.TrySetResult();
            return;
        }
        lock (_gate)
        {
            _numbers.Add(number);
            _circumstances.Add(circumstances);
        }
    }
}
