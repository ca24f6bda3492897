namespace MqttScion.Samples;

/// <summary>Counts what arrives, until all of it is there. Safe on every thread.</summary>
internal sealed class Arrivals(int expected)
{
    private readonly TaskCompletionSource _all = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _count;

    /// <summary>How many have arrived.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>One more has arrived.</summary>
    public void Add()
    {
        if (Interlocked.Increment(ref _count) == expected)
        {
            _all.SetResult();
        }
    }

    /// <summary>Waits until all are there or the time is up, and gives how many there are.</summary>
    public async Task<int> WaitAsync(CancellationToken cancellationToken)
    {
        await Task.WhenAny(_all.Task, Task.Delay(Timeout.Infinite, cancellationToken));
        return Count;
    }
}
