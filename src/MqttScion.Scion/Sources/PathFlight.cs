namespace MqttScion.Scion;

/// <summary>One look-up that several callers wait for. Its members are used under the lock of the cache.</summary>
/// <param name="isRefresh">True when it goes on without callers.</param>
/// <param name="cancellation">Ends the look-up; without a timer, so that nothing is left to dispose.</param>
internal sealed class PathFlight(bool isRefresh, CancellationTokenSource cancellation)
{
    /// <summary>True when it goes on without callers.</summary>
    public bool IsRefresh { get; } = isRefresh;

    /// <summary>How many callers wait.</summary>
    public int Waiters { get; set; }

    /// <summary>Ends the look-up.</summary>
    public CancellationToken Token => cancellation.Token;

    /// <summary>The look-up; set once, before anybody else sees the flight.</summary>
    public Task<IReadOnlyList<ScionPath>> Task { get; set; } = null!;

    /// <summary>Ends the look-up; called without the lock, since user code may run on it.</summary>
    public void Cancel() => cancellation.Cancel();
}
