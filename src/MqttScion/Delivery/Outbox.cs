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
    private readonly Action _notify;
    private PendingPublish? _unused;
    private bool _isExpiryArmed;
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
        _waiting = new PublishLanes(settings.DataStreams);
        _expiry = time.CreateTimer(
            static o => ((Outbox)o!).DropExpired(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    private IOutboxStore? Store => _settings.OutboxStore;

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

    /// <summary>
    /// Takes a publish in; what happens when there is no room, the policy says. One that was left out comes back
    /// completed.
    /// </summary>
    /// <exception cref="MqttOutboxFullException">There is no room, and the policy is to fail.</exception>
    public ValueTask<PendingPublish> AddAsync(
        MqttApplicationMessage message, bool isAwaited, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<PendingPublish>(cancellationToken);
        }
        Waiter waiter;
        PendingPublish? evicted = null;
        lock (_gate)
        {
            if (_waiters.Count == 0 && (HasRoom(message) || TryEvict(message, out evicted)))
            {
                var pending = Admit(message, isAwaited);
                ReportFull(evicted);
                return ValueTask.FromResult(pending);
            }
            switch (_settings.OutboxOverflow)
            {
                case OutboxOverflow.Fail:
                    return ValueTask.FromException<PendingPublish>(new MqttOutboxFullException(
                        $"The outbox holds {_count} publishes and {_bytes} bytes; MaxPendingPublishes is "
                        + $"{_settings.MaxPendingPublishes}, MaxPendingBytes {_settings.MaxPendingBytes}."));
                case not OutboxOverflow.Wait:
                    var left = new PendingPublish(this) { Message = message, IsAwaited = isAwaited, IsOver = true };
                    ReportFull(left);
                    return ValueTask.FromResult(left);
            }
            waiter = new Waiter(this, message, isAwaited);
            _waiters.AddLast(waiter.Place);
        }
        return waiter.WaitAsync(cancellationToken);
    }

    /// <summary>Takes the next publish that is to be sent on one of these lanes, or null.</summary>
    /// <param name="lanes">A bit for each lane, see <see cref="PublishLanes"/>.</param>
    public PendingPublish? Take(uint lanes = PublishLanes.All)
    {
        lock (_gate)
        {
            return _waiting.Take(lanes);
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

    /// <summary>No connection is coming. What is stored stays, and is sent on the next one.</summary>
    public void Fail(Exception error)
    {
        lock (_gate)
        {
            while (_waiters.First is { } waiter)
            {
                _waiters.Remove(waiter);
                waiter.Value.Fail(error);
            }
            _waiting.RemoveAll(pending =>
            {
                Fail(pending, error);
                return !pending.IsStored;
            });
        }
    }

    /// <summary>Fails whoever waits for a publish; one that is not stored is over with that.</summary>
    /// <remarks>One that is stored and that nobody awaits is accepted, whatever becomes of the connection.</remarks>
    public void Fail(PendingPublish pending, Exception error)
    {
        if (pending.IsStored && !pending.IsAwaited)
        {
            return;
        }
        if (pending.TryFail(error))
        {
            pending.IsAwaited = false;
        }
        if (!pending.IsStored)
        {
            Free(pending);
            _settings.Telemetry.Metrics.OnPublishFailed(pending.Message, error, StartOf(pending), _time);
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

    private static long? StartOf(PendingPublish pending) =>
        pending.AgeBefore == TimeSpan.Zero && pending.AcceptedAt != 0 ? pending.AcceptedAt : null;

    private long AcceptanceOf(MqttApplicationMessage message) =>
        message.MessageExpiryInterval is not null || _settings.Telemetry.Metrics.TimesPublishes
            ? _time.GetTimestamp()
            : 0;

    private static long SizeOf(MqttApplicationMessage message) =>
        message.Payload.Length + message.Topic.Length + FixedBytes;

    private bool IsForStore(MqttApplicationMessage message) =>
        Store is not null && message.QualityOfServiceLevel != MqttQualityOfServiceLevel.AtMostOnce;

    private bool NeedsId(MqttApplicationMessage message) =>
        Store is not null && message.QualityOfServiceLevel == MqttQualityOfServiceLevel.ExactlyOnce;

    // A message that is larger than the whole bound is taken when nothing else is in.
    private bool HasRoom(MqttApplicationMessage message) =>
        _count < _settings.MaxPendingPublishes
        && (_count == 0 || _bytes + SizeOf(message) <= _settings.MaxPendingBytes)
        && (!NeedsId(message) || _reservedIds.Count < MostReservedIds);

    private bool TryEvict(MqttApplicationMessage message, out PendingPublish? evicted)
    {
        evicted = null;
        if (_settings.OutboxOverflow != OutboxOverflow.DropOldest)
        {
            return false;
        }
        while (!HasRoom(message) && _waiting.Take(PublishLanes.All) is { } oldest)
        {
            ReportFull(evicted);
            evicted = oldest;
            Free(evicted);
        }
        if (HasRoom(message))
        {
            return true;
        }
        ReportFull(evicted);
        return false;
    }

    private void ReportFull(PendingPublish? pending)
    {
        if (pending is not null)
        {
            Complete(pending, new MqttClientPublishResult
            {
                ReasonCode = MqttClientPublishReasonCode.OutboxFull,
                ReasonString = $"The outbox was full; its policy is {_settings.OutboxOverflow}.",
                IsLocal = true,
            });
        }
    }

    private PendingPublish Admit(MqttApplicationMessage message, bool isAwaited)
    {
        var isStored = IsForStore(message);
        var pending = isStored
            ? new PendingPublish(this)
            {
                IsStored = true,
                IsReady = false,
                PacketId = NeedsId(message) ? ReserveId() : (ushort)0,
            }
            : TakeUnused() ?? new PendingPublish(this);
        pending.Sequence = ++_lastSequence;
        pending.Message = message;
        pending.AcceptedAt = AcceptanceOf(message);
        pending.IsAwaited = isAwaited;
        _count++;
        _bytes += SizeOf(message);
        Enqueue(pending);
        if (isStored)
        {
            pending.Storing = StoreAsync(pending);
        }
        return pending;
    }

    private ushort ReserveId()
    {
        do
        {
            _lastReservedId = _lastReservedId is < HighestSessionPacketId or ushort.MaxValue
                ? (ushort)(HighestSessionPacketId + 1)
                : (ushort)(_lastReservedId + 1);
        }
        while (!_reservedIds.Add(_lastReservedId));
        return _lastReservedId;
    }

    private void Enqueue(PendingPublish pending)
    {
        _waiting.Enqueue(pending);
        if (pending.Message.MessageExpiryInterval is not null && !_isExpiryArmed)
        {
            _isExpiryArmed = true;
            _expiry.Change(TimeSpan.FromSeconds(1), Timeout.InfiniteTimeSpan);
        }
    }

    private void Free(PendingPublish pending)
    {
        lock (_gate)
        {
            if (pending.IsOver)
            {
                return;
            }
            pending.IsOver = true;
            _count--;
            _bytes -= SizeOf(pending.Message);
            if (pending.PacketId != 0)
            {
                _reservedIds.Remove(pending.PacketId);
            }
            if (pending.IsStored)
            {
                Store!.Remove(pending.Sequence);
            }
            AdmitWaiters();
        }
    }

    private void AdmitWaiters()
    {
        while (_waiters.First is { Value: var waiter } && HasRoom(waiter.Message))
        {
            _waiters.RemoveFirst();
            waiter.Take(Admit(waiter.Message, waiter.IsAwaited));
        }
    }

    // An expired message is given up while it waits too: whoever awaits it is told, and its room is free again.
    private void DropExpired()
    {
        var expired = new List<PendingPublish>();
        lock (_gate)
        {
            _isExpiryArmed = false;
            var isAnyLeft = false;
            _waiting.RemoveAll(pending =>
            {
                if (pending.Message.MessageExpiryInterval is not { } seconds)
                {
                    return false;
                }
                var isOver = !pending.MayHaveBeenSent && AgeOf(pending).TotalSeconds >= seconds;
                if (isOver)
                {
                    expired.Add(pending);
                }
                isAnyLeft |= !isOver;
                return isOver;
            });
            if (isAnyLeft)
            {
                _isExpiryArmed = true;
                _expiry.Change(TimeSpan.FromSeconds(1), Timeout.InfiniteTimeSpan);
            }
        }
        expired.Sort((a, b) => a.Sequence.CompareTo(b.Sequence)); // Of several lanes.
        foreach (var pending in expired)
        {
            Complete(pending, new MqttClientPublishResult
            {
                ReasonCode = MqttClientPublishReasonCode.MessageExpired,
                ReasonString = $"§3.3.2.3.3: The lifetime of {pending.Message.MessageExpiryInterval} s was over before "
                    + "the message could be sent.",
                IsLocal = true,
            });
        }
    }

    /// <summary>A call that waits for room.</summary>
    private sealed class Waiter
    {
        private readonly Outbox _owner;
        private readonly TaskCompletionSource<PendingPublish> _turn =
            new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Waiter(Outbox owner, MqttApplicationMessage message, bool isAwaited)
        {
            (_owner, Message, IsAwaited) = (owner, message, isAwaited);
            Place = new LinkedListNode<Waiter>(this);
        }

        public MqttApplicationMessage Message { get; }

        public bool IsAwaited { get; }

        /// <summary>Its place among those that wait.</summary>
        public LinkedListNode<Waiter> Place { get; }

        public void Take(PendingPublish pending)
        {
            _turn.SetResult(pending);
            _owner._notify();
        }

        public void Fail(Exception error) => _turn.TrySetException(error);

        public async ValueTask<PendingPublish> WaitAsync(CancellationToken cancellationToken)
        {
            await using var _ = cancellationToken.UnsafeRegister(Cancel, this).ConfigureAwait(false);
            return await _turn.Task.ConfigureAwait(false);

            void Cancel(object? _, CancellationToken token)
            {
                lock (_owner._gate)
                {
                    if (_turn.TrySetCanceled(token))
                    {
                        _owner._waiters.Remove(Place);
                        _owner.AdmitWaiters();
                    }
                }
            }
        }
    }
}
