using Microsoft.Extensions.Logging;
using MqttScion.Mqtt;

namespace MqttScion;

/// <summary>
/// The publishes that are not answered, in the order in which they were made, bounded in number and bytes. Those that a
/// connection leaves unanswered come back to their place; with a store, QoS 1 and 2 outlive the process too.
/// </summary>
internal sealed partial class Outbox
{
    /// <summary>With a store, packet identifiers above this one are the outbox's to give, those below the session's.
    /// </summary>
    public const ushort HighestSessionPacketId = 8191;

    private const int MostReservedIds = ushort.MaxValue - HighestSessionPacketId;
    private const int FixedBytes = 64;
    private const int MostUnused = 1024;

    private readonly Lock _gate = new();
    private readonly PublishLanes _waiting;
    private readonly LinkedList<Waiter> _waiters = [];
    private readonly HashSet<ushort> _reservedIds = [];
    private readonly ClientSettings _settings;
    private readonly IDropReporter _drops;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly ITimer _expiry;
    private readonly StorePump? _store;
    private readonly Action _notify;
    private readonly long _madeAt;
    private PendingPublish? _unused;
    private Exception? _end;
    private TimeSpan? _looksAt;
    private ushort _lastReservedId;
    private long _lastSequence;
    private int _count;
    private long _bytes;

    /// <summary>Makes an empty outbox.</summary>
    /// <param name="settings">The bounds, the policy and the store.</param>
    /// <param name="drops">Told of what is given up.</param>
    /// <param name="time">The clock.</param>
    /// <param name="log">The log.</param>
    /// <param name="notify">Called when there may be something to take; must not block.</param>
    public Outbox(
        ClientSettings settings, IDropReporter drops, TimeProvider time, ILogger log, Action notify)
    {
        (_settings, _drops, _time, _log, _notify) = (settings, drops, time, log, notify);
        _madeAt = time.GetTimestamp();
        _waiting = new PublishLanes(settings.Options.DataStreams);
        _store = settings.Options.OutboxStore is { } store ? new StorePump(store, log) : null;
        _expiry = time.CreateTimer(
            static o => ((Outbox)o!).DropExpired(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>How many publishes are pending, and their bytes.</summary>
    public (long Count, long Bytes) Pending
    {
        get
        {
            lock (_gate)
            {
                return (_count, _bytes);
            }
        }
    }

    /// <summary>How much of a publish's lifetime is over.</summary>
    /// <remarks>Zero for one that does not expire.</remarks>
    public TimeSpan AgeOf(PendingPublish pending) => pending.Message.MessageExpiryInterval is null
        ? TimeSpan.Zero
        : pending.AgeBefore + _time.GetElapsedTime(pending.AcceptedAt);

    /// <summary>A connection is coming, or is to be made: a call may wait for room.</summary>
    public void Begin()
    {
        lock (_gate)
        {
            _end = _isDisposed ? _end : null;
        }
    }

    /// <summary>
    /// Takes a publish in; what happens when there is no room, the policy says. One that was left out comes back
    /// completed. Its lifetime begins now, also when it has to wait for room or for the store to open.
    /// </summary>
    /// <exception cref="MqttOutboxFullException">There is no room, and the policy is to fail.</exception>
    /// <exception cref="MqttNotConnectedException">No connection is coming, and the publish would need one.</exception>
    public ValueTask<PendingPublish> AddAsync(
        MqttApplicationMessage message, bool isAwaited, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<PendingPublish>(cancellationToken);
        }
        var entry = new Entry(message, isAwaited, AcceptanceOf(message));
        return IsOpen ? AddAsync(entry, cancellationToken) : AddWhenOpenAsync(entry, cancellationToken);
    }

    /// <summary>Takes the next publish that is to be sent on one of these lanes, or null.</summary>
    /// <param name="lanes">A bit for each lane, see <see cref="PublishLanes"/>.</param>
    public PendingPublish? Take(uint lanes = PublishLanes.All)
    {
        lock (_gate)
        {
            while (_waiting.Take(lanes) is { } pending)
            {
                if (!pending.NeedsMark)
                {
                    return pending;
                }
                pending.IsReady = false; // It holds those behind it: order before speed.
                Enqueue(pending);
                _ = MarkSentAsync(pending);
            }
            return null;
        }
    }

    /// <summary>Puts a publish back that was taken and never sent.</summary>
    public void Return(PendingPublish pending)
    {
        lock (_gate)
        {
            if (!pending.IsOver)
            {
                Enqueue(pending);
            }
        }
    }

    /// <summary>A publish has its answer, or gets none.</summary>
    public void Complete(PendingPublish pending, MqttClientPublishResult result)
    {
        if (pending.IsOver && pending.Failure is not null)
        {
            return; // Its end was told when its connection ended; the QoS 2 flow went on for the server's sake.
        }
        Free(pending);
        _settings.Telemetry.Metrics.OnPublished(pending.Message, result, StartOf(pending), _time);
        var reason = result.ReasonCode switch
        {
            MqttClientPublishReasonCode.MessageExpired => MessageDropReason.Expired,
            MqttClientPublishReasonCode.OutboxFull => MessageDropReason.OutboxFull,
            _ => MessageDropReason.Refused,
        };
        // Whoever awaits the publish is told there; for one that nobody awaits this is the only report.
        if (!result.IsSuccess && (!pending.IsAwaited || reason != MessageDropReason.Refused))
        {
            _drops.Report(null, pending.Message, reason, error: null, result);
        }
        pending.Complete(result);
    }

    /// <summary>
    /// Nobody waits for a publish any more. One that is on its way or in the store goes on; any other is taken out.
    /// </summary>
    public void Abandon(PendingPublish pending, CancellationToken token)
    {
        if (!pending.TryFail(new OperationCanceledException(token)))
        {
            return; // The answer came first, and whoever awaits it is still to be told.
        }
        pending.IsAwaited = false;
        lock (_gate)
        {
            if (!pending.IsStored && _waiting.Remove(pending))
            {
                Free(pending);
            }
        }
    }

    /// <summary>
    /// No connection is coming. What is stored stays, and is sent on the next one; of the rest, whoever awaits one is
    /// told, and what nobody awaits is reported.
    /// </summary>
    public void Fail(Exception error)
    {
        var failed = new List<PendingPublish>();
        lock (_gate)
        {
            _end = error;
            while (_waiters.First is { } waiter)
            {
                _waiters.Remove(waiter);
                waiter.Value.Fail(error);
            }
            _waiting.RemoveAll(pending =>
            {
                failed.Add(pending);
                return !pending.IsStored;
            });
        }
        failed.Sort(InOrder); // Of several lanes.
        foreach (var pending in failed)
        {
            Fail(pending, error);
        }
    }

    /// <summary>Fails whoever waits for a publish; one that is not stored is over with that.</summary>
    /// <remarks>One that is stored and that nobody awaits is accepted, whatever becomes of the connection.</remarks>
    public void Fail(PendingPublish pending, Exception error)
    {
        var isAwaited = pending.IsAwaited;
        if (pending.IsStored && !isAwaited)
        {
            return;
        }
        if (pending.TryFail(error))
        {
            pending.IsAwaited = false;
        }
        if (pending.IsStored || !Free(pending))
        {
            return;
        }
        _settings.Telemetry.Metrics.OnPublishFailed(pending.Message, error, StartOf(pending), _time);
        if (!isAwaited)
        {
            _drops.Report(null, pending.Message, MessageDropReason.ConnectionEnded, error: null, Lost(pending, error));
        }
    }

    /// <summary>Keeps one that is over and whose answer was taken. Callable from any thread.</summary>
    public void Reuse(PendingPublish pending)
    {
        PendingPublish? next;
        do
        {
            next = Volatile.Read(ref _unused);
            if (next?.UnusedCount >= MostUnused)
            {
                return;
            }
            (pending.NextUnused, pending.UnusedCount) = (next, (next?.UnusedCount ?? 0) + 1);
        }
        while (Interlocked.CompareExchange(ref _unused, pending, next) != next);
    }

    // Only one thread takes at a time, under the lock: so the first can't have come back with another one behind it.
    private PendingPublish? TakeUnused()
    {
        while (Volatile.Read(ref _unused) is { } first)
        {
            if (Interlocked.CompareExchange(ref _unused, first.NextUnused, first) == first)
            {
                first.NextUnused = null;
                return first;
            }
        }
        return null;
    }

    private static MqttClientPublishResult Lost(PendingPublish pending, Exception error) => new()
    {
        ReasonCode = MqttClientPublishReasonCode.UnspecifiedError,
        ReasonString = pending.Message.QualityOfServiceLevel == MqttQualityOfServiceLevel.AtMostOnce
            ? error.Message
            : $"{error.Message} The message was not acknowledged; it may have been delivered.",
        IsLocal = true,
    };

    private static int InOrder(PendingPublish a, PendingPublish b) => a.Sequence.CompareTo(b.Sequence);

    private static long? StartOf(PendingPublish pending) =>
        pending.AgeBefore == TimeSpan.Zero && pending.AcceptedAt != 0 ? pending.AcceptedAt : null;

    private long AcceptanceOf(MqttApplicationMessage message) =>
        message.MessageExpiryInterval is not null || _settings.Telemetry.Metrics.TimesPublishes
            ? _time.GetTimestamp()
            : 0;

    private static long SizeOf(MqttApplicationMessage message) =>
        message.Payload.Length + message.Topic.Length + FixedBytes;

    private bool IsForStore(MqttApplicationMessage message) =>
        _store is not null && message.QualityOfServiceLevel != MqttQualityOfServiceLevel.AtMostOnce;

    private bool NeedsId(MqttApplicationMessage message) =>
        _store is not null && message.QualityOfServiceLevel == MqttQualityOfServiceLevel.ExactlyOnce;
}
