namespace MqttScion.Tests.Chaos;

/// <summary>The numbers that arrived somewhere, in their order.</summary>
internal sealed class ChaosSightings
{
    /// <summary>The number of the last message: nothing comes after it.</summary>
    public const long End = -1;

    private readonly Lock _gate = new();
    private readonly List<long> _numbers = [];
    private readonly List<string> _circumstances = [];
    private readonly List<bool> _areSentAgain = [];
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _came = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private HashSet<long>? _missing;

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

    /// <summary>Completes when all these have come. To be called once.</summary>
    public Task WhenCameAsync(IEnumerable<long> numbers)
    {
        lock (_gate)
        {
            _missing = [.. numbers.Except(_numbers)];
            return _missing.Count == 0 ? Task.CompletedTask : _came.Task;
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

    /// <summary>The first arrivals that came behind a larger number, with what was around them.</summary>
    public IEnumerable<string> Disorder()
    {
        lock (_gate)
        {
            var seen = new HashSet<long>();
            var largest = long.MinValue;
            var lines = new List<string>();
            for (var i = 0; i < _numbers.Count && lines.Count < 5; i++)
            {
                if (seen.Add(_numbers[i]) && _numbers[i] < largest)
                {
                    var from = Math.Max(0, i - 3);
                    lines.Add($"{_numbers[i]} behind {largest}: " + string.Join(", ", Enumerable
                        .Range(from, Math.Min(8, _numbers.Count - from))
                        .Select(k => $"{_numbers[k]} at {_circumstances[k]}")));
                }
                largest = Math.Max(largest, _numbers[i]);
            }
            return lines;
        }
    }

    /// <summary>All that came, but for what a broker marked as sent again and that was here before.</summary>
    public IReadOnlyList<long> NumbersNotSentAgain()
    {
        lock (_gate)
        {
            var seen = new HashSet<long>();
            return [.. _numbers.Where((number, i) => seen.Add(number) || !_areSentAgain[i])];
        }
    }

    public void Add(long number, string circumstances = "", bool isSentAgain = false)
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
            _areSentAgain.Add(isSentAgain);
            if (_missing?.Remove(number) == true && _missing.Count == 0)
            {
                _came.TrySetResult();
            }
        }
    }
}
