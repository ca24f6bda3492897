using System.Threading.Tasks.Sources;
using MqttScion.Mqtt;

namespace MqttScion;

/// <summary>
/// A publish that has not been answered, and the task of whoever awaits it. The outbox guards its state, and uses it
/// again once it is over and its answer was taken.
/// </summary>
/// <remarks>Continuations run on the thread pool, never on the caller's thread: its end is a work item there.</remarks>
internal sealed class PendingPublish(Outbox owner) : IValueTaskSource<MqttClientPublishResult>, IThreadPoolWorkItem
{
    private ManualResetValueTaskSourceCore<MqttClientPublishResult> _completion;
    private CancellationTokenRegistration _cancellation;
    private MqttClientPublishResult? _result;
    private Exception? _failure;
    private bool _isReusable;
    private int _isCompleted;

    /// <summary>Its place in the order in which the client published.</summary>
    public long Sequence { get; set; }

    public MqttApplicationMessage Message { get; set; } = null!;

    /// <summary>The lane in which it waits and the stream that carries it, see <see cref="PublishLanes"/>.</summary>
    public int Lane { get; set; }

    /// <summary>The timestamp of its acceptance in this process; 0 when nothing depends on it.</summary>
    public long AcceptedAt { get; set; }

    /// <summary>How old it was then: one that a store has kept.</summary>
    public TimeSpan AgeBefore { get; init; }

    /// <summary>The packet identifier that the outbox chose, or 0: of QoS 2 messages in a store.</summary>
    public ushort PacketId { get; init; }

    /// <summary>True when an earlier process may have sent it.</summary>
    public bool MayHaveBeenSent { get; init; }

    /// <summary>True when it is in the store, and so outlives who waits for it.</summary>
    public bool IsStored { get; init; }

    /// <summary>True when somebody is told of its end by <see cref="AsValueTask"/>.</summary>
    public bool IsAwaited { get; set; }

    /// <summary>Completes when the store has it, or has failed to take it: then <see cref="Failure"/> tells why.
    /// </summary>
    public Task Storing { get; set; } = Task.CompletedTask;

    /// <summary>True until the store has answered: then it takes room here, whatever its lifetime, so that what waits
    /// for a slow store is bounded.</summary>
    public bool IsStoring { get; set; }

    /// <summary>True once it may be sent.</summary>
    public bool IsReady { get; set; } = true;

    /// <summary>True when the store must know that it is sent before it is: the lifetime of a QoS 2 message ends only
    /// before its first sending.</summary>
    public bool NeedsMark { get; set; }

    /// <summary>True once it takes no room in the outbox any more.</summary>
    public bool IsOver { get; set; }

    /// <summary>Why it failed; null when it has not.</summary>
    public Exception? Failure => Volatile.Read(ref _failure);

    /// <summary>The next of those that are to be used again.</summary>
    public PendingPublish? NextUnused { get; set; }

    /// <summary>How many there are from here on.</summary>
    public int UnusedCount { get; set; }

    /// <summary>The task of its end, to be awaited once.</summary>
    public ValueTask<MqttClientPublishResult> AsValueTask(CancellationToken cancellationToken = default)
    {
        if (cancellationToken.CanBeCanceled)
        {
            _cancellation = cancellationToken.UnsafeRegister(
                static (p, token) => ((PendingPublish)p!).Abandon(token), this);
        }
        return new ValueTask<MqttClientPublishResult>(this, _completion.Version);
    }

    /// <summary>It has its answer. The owner must not touch it after this: it may be another publish already.</summary>
    public void Complete(MqttClientPublishResult result)
    {
        var isAwaited = IsAwaited;
        if (Interlocked.Exchange(ref _isCompleted, 1) == 0)
        {
            _result = result;
            _isReusable = !IsStored;
            End(isAwaited);
        }
    }

    /// <summary>It gets no answer, and this is why. False when it had its end: then only its outbox knows what it is
    /// by now.</summary>
    public bool TryFail(Exception error)
    {
        var isAwaited = IsAwaited;
        if (Interlocked.Exchange(ref _isCompleted, 1) != 0)
        {
            return false;
        }
        Volatile.Write(ref _failure, error);
        End(isAwaited);
        return true;
    }

    void IThreadPoolWorkItem.Execute()
    {
        if (_failure is { } failure)
        {
            _completion.SetException(failure);
        }
        else
        {
            _completion.SetResult(_result!);
        }
    }

    MqttClientPublishResult IValueTaskSource<MqttClientPublishResult>.GetResult(short token)
    {
        if (_completion.GetStatus(token) != ValueTaskSourceStatus.Pending)
        {
            _cancellation.Dispose(); // It waits for a cancellation that is under way.
            _cancellation = default;
        }
        var result = _completion.GetResult(token);
        if (_isReusable)
        {
            Renew();
            owner.Reuse(this);
        }
        return result;
    }

    ValueTaskSourceStatus IValueTaskSource<MqttClientPublishResult>.GetStatus(short token) =>
        _completion.GetStatus(token);

    void IValueTaskSource<MqttClientPublishResult>.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _completion.OnCompleted(continuation, state, token, flags);

    // Whoever comes second takes IsAwaited back: what counts is what it was before the first.
    private void End(bool isAwaited)
    {
        if (isAwaited)
        {
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }
    }

    private void Abandon(CancellationToken token) => owner.Abandon(this, token);

    private void Renew()
    {
        _completion.Reset();
        _result = null;
        _isReusable = IsOver = false;
        Message = null!;
        Volatile.Write(ref _isCompleted, 0);
    }
}
