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

    private readonly Lock _gate = new();
    private readonly PublishLanes _waiting;
    private readonly Queue<Waiter> _waiters = new();
    private readonly HashSet<ushort> _reservedIds = [];
    private readonly ClientSettings _settings;
    private readonly IDropReporter _drops;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly ITimer _expiry;
    private readonly Action _notify;
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
    public TimeSpan AgeOf(PendingPublish pending) => pending.AgeBefore + _time.GetElapsedTime(pending.AcceptedAt);

    /// <summary>
    /// Takes a publish in; what happens when there is no room, the policy says. One that was left out comes back
    /// completed.
    /// </summary>
    /// <exception cref="MqttOutboxFullException">There is no room, and the policy is to fail.</exception>
    public ValueTask<PendingPublish> AddAsync(
        MqttApplicationMessage message, bool isAwaited, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
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
                    throw new MqttOutboxFullException(
                        $"The outbox holds {_count} publishes and {_bytes} bytes; MaxPendingPublishes is "
                        + $"{_settings.MaxPendingPublishes}, MaxPendingBytes {_settings.MaxPendingBytes}.");
                case not OutboxOverflow.Wait:
                    var left = new PendingPublish(0, message, _time.GetTimestamp(), TimeSpan.Zero) { IsOver = true };
                    ReportFull(left);
                    return ValueTask.FromResult(left);
            }
            waiter = new Waiter(this, message, isAwaited);
            _waiters.Enqueue(waiter);
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
        pending.Complete(result);
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
    }

    /// <summary>
    /// Nobody waits for a publish any more. One that is on its way or in the store goes on; any other is taken out.
    /// </summary>
    public void Abandon(PendingPublish pending, CancellationToken token)
    {
        pending.Cancel(token);
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
            while (_waiters.TryDequeue(out var waiter))
            {
                waiter.Fail(error);
            }
            foreach (var pending in _waiting.TakeAll(_ => true))
            {
                Fail(pending, error);
                if (pending.IsStored)
                {
                    Enqueue(pending);
                }
            }
        }
    }

    /// <summary>Fails whoever waits for a publish; one that is not stored is over with that.</summary>
    public void Fail(PendingPublish pending, Exception error)
    {
        pending.Fail(error);
        pending.IsAwaited = false;
        if (!pending.IsStored)
        {
            Free(pending);
            _settings.Telemetry.Metrics.OnPublishFailed(pending.Message, error, StartOf(pending), _time);
        }
    }

    private static long? StartOf(PendingPublish pending) =>
        pending.AgeBefore == TimeSpan.Zero ? pending.AcceptedAt : null;

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
        var pending = new PendingPublish(++_lastSequence, message, _time.GetTimestamp(), TimeSpan.Zero)
        {
            IsStored = isStored,
            IsReady = !isStored,
            IsAwaited = isAwaited,
            PacketId = NeedsId(message) ? ReserveId() : (ushort)0,
        };
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
        _waiting.Add(pending);
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
            while (_waiters.TryPeek(out var waiter) && (waiter.IsOver || HasRoom(waiter.Message)))
            {
                _waiters.Dequeue();
                if (!waiter.IsOver)
                {
                    waiter.Take(Admit(waiter.Message, waiter.IsAwaited));
                }
            }
        }
    }

    // An expired message is given up while it waits too: whoever awaits it is told, and its room is free again.
    private void DropExpired()
    {
        List<PendingPublish> expired;
        lock (_gate)
        {
            _isExpiryArmed = false;
            expired = _waiting.TakeAll(p => p.Message.MessageExpiryInterval is { } seconds && !p.MayHaveBeenSent
                && AgeOf(p).TotalSeconds >= seconds);
            if (_waiting.Publishes.Any(p => p.Message.MessageExpiryInterval is not null))
            {
                _isExpiryArmed = true;
                _expiry.Change(TimeSpan.FromSeconds(1), Timeout.InfiniteTimeSpan);
            }
        }
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
    private sealed class Waiter(Outbox owner, MqttApplicationMessage message, bool isAwaited)
    {
        private readonly TaskCompletionSource<PendingPublish> _turn =
            new(TaskCreationOptions.RunContinuationsAsynchronously);

        public MqttApplicationMessage Message => message;

        public bool IsAwaited => isAwaited;

        public bool IsOver => _turn.Task.IsCompleted;

        public void Take(PendingPublish pending)
        {
            _turn.SetResult(pending);
            owner._notify();
        }

        public void Fail(Exception error) => _turn.TrySetException(error);

        public async ValueTask<PendingPublish> WaitAsync(CancellationToken cancellationToken)
        {
            await using var _ = cancellationToken.UnsafeRegister(Cancel, this).ConfigureAwait(false);
            return await _turn.Task.ConfigureAwait(false);

            void Cancel(object? _, CancellationToken token)
            {
                lock (owner._gate)
                {
                    _turn.TrySetCanceled(token);
                }
            }
        }
    }
}
