namespace MqttScion.Testnet;

/// <summary>Holds the loops of a frozen broker until it is opened again.</summary>
internal sealed class BrokerGate
{
    private TaskCompletionSource? _closed;

    public bool IsClosed => Volatile.Read(ref _closed) is not null;

    public void Close() => Interlocked.CompareExchange(
        ref _closed, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously), null);

    public void Open() => Interlocked.Exchange(ref _closed, null)?.SetResult();

    public ValueTask PassAsync(CancellationToken cancellationToken) => Volatile.Read(ref _closed) is { } closed
        ? new ValueTask(closed.Task.WaitAsync(cancellationToken))
        : ValueTask.CompletedTask;
}
