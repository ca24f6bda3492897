namespace MqttScion.Scion;

/// <summary>One look-up that several callers wait for; it can be joined before it is launched.</summary>
internal sealed class PathFlight
{
    private readonly CancellationTokenSource _cancellation;
    private readonly TaskCompletionSource<Task<IReadOnlyList<ScionPath>>> _launch = new();

    /// <param name="isRefresh">True when it goes on without callers.</param>
    /// <param name="cancellation">Ends the look-up; without a timer, so that nothing is left to dispose.</param>
    public PathFlight(bool isRefresh, CancellationTokenSource cancellation)
    {
        IsRefresh = isRefresh;
        _cancellation = cancellation;
        Task = _launch.Task.Unwrap();
    }

    /// <summary>True when it goes on without callers.</summary>
    public bool IsRefresh { get; }

    /// <summary>How many callers wait; used under the lock of the cache.</summary>
    public int Waiters { get; set; }

    /// <summary>Ends the look-up.</summary>
    public CancellationToken Token => _cancellation.Token;

    /// <summary>The outcome of the look-up.</summary>
    public Task<IReadOnlyList<ScionPath>> Task { get; }

    /// <summary>Takes the look-up that those who joined wait for; called once.</summary>
    public void Launch(Task<IReadOnlyList<ScionPath>> lookUp) => _launch.SetResult(lookUp);

    /// <summary>Ends the look-up; called without the lock, since others' code may run on it.</summary>
    public void Cancel() => _cancellation.Cancel();
}
