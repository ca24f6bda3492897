using MqttScion.Udp;

namespace MqttScion.Transport;

/// <summary>Somebody's wish for a stream, which it takes to the loop itself.</summary>
internal sealed class StreamRequest(ConnectionApplication owner, StreamRequestKind kind) : ILoopWork
{
    private readonly TaskCompletionSource<StreamPipe> _result = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Which stream is wanted.</summary>
    public StreamRequestKind Kind => kind;

    /// <summary>Completes with the stream.</summary>
    public Task<StreamPipe> Result => _result.Task;

    /// <summary>True when it was fulfilled or given up.</summary>
    public bool IsOver => _result.Task.IsCompleted;

    /// <summary>False when it was given up a moment ago.</summary>
    public bool TryFulfil(StreamPipe pipe) => _result.TrySetResult(pipe);

    /// <summary>There will be no stream.</summary>
    public void Fail(Exception cause) => _result.TrySetException(cause);

    /// <summary>Nobody waits any more. Callable from any thread.</summary>
    public void GiveUp(CancellationToken cancellationToken) => _result.TrySetCanceled(cancellationToken);

    /// <inheritdoc/>
    public void Run(TimeSpan now) => owner.Take(this);

    /// <inheritdoc/>
    public void Drop(Exception? defect) =>
        Fail(new ObjectDisposedException("The endpoint loop ended.", defect));
}
