namespace MqttScion.Transport;

/// <summary>
/// Threads that compute TLS steps for an endpoint, so that the signatures of those who arrive keep nobody's data
/// waiting. Steps are taken in the order in which they came, and a handshake has one at a time: none gets ahead.
/// </summary>
/// <remarks>Any thread may use it. Dispose it after the loop whose handshakes it computes.</remarks>
internal sealed class HandshakeWorkers : IDisposable
{
    private static readonly TimeSpan EndTimeout = TimeSpan.FromSeconds(5);

    private readonly object _gate = new();
    private readonly Queue<OffloadedTls> _steps = new();
    private readonly int _capacity;
    private readonly Thread[] _threads;
    private bool _isEnding;

    /// <summary>Starts the threads.</summary>
    /// <param name="threadCount">How many; 1 or more.</param>
    /// <param name="capacity">How many steps may wait. With as many as the endpoint may have handshakes in progress,
    /// there is always room.</param>
    public HandshakeWorkers(int threadCount, int capacity)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(threadCount);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(capacity);
        _capacity = capacity;
        _threads = new Thread[threadCount];
        for (var i = 0; i < threadCount; i++)
        {
            _threads[i] = new Thread(Run) { IsBackground = true, Name = $"mqtt-scion handshakes {i + 1}" };
            _threads[i].UnsafeStart();
        }
    }

    /// <summary>As many threads as leave one core to the loop; at least one.</summary>
    public static int DefaultThreadCount => Math.Max(1, Environment.ProcessorCount - 1);

    /// <summary>Queues a step. False when too many wait or the workers end: the caller computes it itself.</summary>
    public bool TryPost(OffloadedTls step)
    {
        lock (_gate)
        {
            if (_isEnding || _steps.Count == _capacity)
            {
                return false;
            }
            _steps.Enqueue(step);
            Monitor.Pulse(_gate);
            return true;
        }
    }

    /// <summary>Ends the threads once they have done, or thrown away, what waits.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _isEnding = true;
            Monitor.PulseAll(_gate);
        }
        foreach (var thread in _threads)
        {
            thread.Join(EndTimeout);
        }
    }

    private void Run()
    {
        while (TryComputeNext())
        {
        }
    }

    // A method of its own, so that a thread that waits does not keep the last handshake alive.
    private bool TryComputeNext()
    {
        var step = Take();
        step?.Compute();
        return step is not null;
    }

    private OffloadedTls? Take()
    {
        lock (_gate)
        {
            while (_steps.Count == 0 && !_isEnding)
            {
                Monitor.Wait(_gate);
            }
            return _steps.TryDequeue(out var step) ? step : null;
        }
    }
}
