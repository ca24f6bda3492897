namespace MqttScion.Tests.Chaos;

/// <summary>The numbers that arrived somewhere, in their order.</summary>
internal sealed class ChaosSightings
{
    /// <summary>The number of the last message: nothing comes after it.</summary>
    public const long End = -1;

    private readonly Lock _gate = new();
    private readonly List<long> _numbers = [];
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

    public void Add(long number)
    {
        if (number == End)
        {
            _ended.TrySetResult();
            return;
        }
        lock (_gate)
        {
            _numbers.Add(number);
        }
    }
}
