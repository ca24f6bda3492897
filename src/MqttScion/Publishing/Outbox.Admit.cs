using MqttScion.Mqtt;

namespace MqttScion;

/// <summary>How publishes come into the outbox, wait for room, and make room for others.</summary>
internal sealed partial class Outbox
{
    private async ValueTask<PendingPublish> AddWhenOpenAsync(Entry entry, CancellationToken cancellationToken)
    {
        await OpenAsync(cancellationToken).ConfigureAwait(false);
        return await AddAsync(entry, cancellationToken).ConfigureAwait(false);
    }

    private ValueTask<PendingPublish> AddAsync(in Entry entry, CancellationToken cancellationToken)
    {
        Waiter? waiter = null;
        PendingPublish? pending = null;
        List<PendingPublish>? givenUp = null; // Reported outside the lock: metrics and logs are the user's.
        lock (_gate)
        {
            // What is stored and awaited by nobody needs no connection; anything else would stay here for ever.
            if (_end is { } end && (_isDisposed || entry.IsAwaited || !IsForStore(entry.Message)))
            {
                return ValueTask.FromException<PendingPublish>(end);
            }
            if (_waiters.Count == 0 && (HasRoom(entry.Message) || TryEvict(entry.Message, ref givenUp)))
            {
                pending = Admit(entry);
            }
            else if (_settings.Options.OutboxOverflow == OutboxOverflow.Fail)
            {
                return ValueTask.FromException<PendingPublish>(new MqttOutboxFullException(
                    $"{DescribeFill()}; MaxPendingPublishes is {_settings.Options.MaxPendingPublishes}, "
                    + $"MaxPendingBytes {_settings.Options.MaxPendingBytes}."));
            }
            else if (_settings.Options.OutboxOverflow != OutboxOverflow.Wait)
            {
                pending = LeaveOut(entry);
                (givenUp ??= []).Add(pending);
            }
            else if (_end is not null)
            {
                return ValueTask.FromException<PendingPublish>(new MqttNotConnectedException(
                    $"{DescribeFill()}, and no connection is coming that could make room. Connect, and enqueue "
                    + $"again. {_end.Message}", _end));
            }
            else
            {
                waiter = new Waiter(this, entry);
                _waiters.AddLast(waiter.Place);
                LookAgainFor(entry);
            }
        }
        givenUp?.ForEach(ReportFull);
        return waiter?.WaitAsync(cancellationToken) ?? ValueTask.FromResult(pending!);
    }

    private string DescribeFill() => $"The outbox holds {_count} publishes and {_bytes} bytes";

    // It takes no room, and is about to be completed.
    private PendingPublish LeaveOut(in Entry entry) => new(this)
    {
        Message = entry.Message,
        IsAwaited = entry.IsAwaited,
        AcceptedAt = entry.AcceptedAt,
        IsOver = true,
    };

    // A message that is larger than the whole bound is taken when nothing else is in.
    private bool HasRoom(MqttApplicationMessage message) =>
        _count < _settings.Options.MaxPendingPublishes
        && (_count == 0 || _bytes + SizeOf(message) <= _settings.Options.MaxPendingBytes)
        && (!NeedsId(message) || _reservedIds.Count < MostReservedIds);

    private bool TryEvict(MqttApplicationMessage message, ref List<PendingPublish>? evicted)
    {
        if (_settings.Options.OutboxOverflow != OutboxOverflow.DropOldest)
        {
            return false;
        }
        while (!HasRoom(message) && _waiting.TakeUnsent() is { } oldest)
        {
            Free(oldest);
            (evicted ??= []).Add(oldest);
        }
        return HasRoom(message);
    }

    private void ReportFull(PendingPublish pending) => Complete(pending, new MqttClientPublishResult
    {
        ReasonCode = MqttClientPublishReasonCode.OutboxFull,
        ReasonString = $"The outbox was full; its policy is {_settings.Options.OutboxOverflow}.",
        IsLocal = true,
    });

    private PendingPublish Admit(in Entry entry)
    {
        var (message, isAwaited, acceptedAt) = entry;
        var isStored = IsForStore(message);
        var pending = isStored
            ? new PendingPublish(this)
            {
                IsStored = true,
                IsStoring = true,
                IsReady = false,
                NeedsMark = NeedsId(message) && message.MessageExpiryInterval is not null,
                PacketId = NeedsId(message) ? ReserveId() : (ushort)0,
            }
            : TakeUnused() ?? new PendingPublish(this);
        pending.Sequence = ++_lastSequence;
        pending.Message = message;
        pending.Lane = _waiting.LaneOf(message);
        pending.AcceptedAt = acceptedAt;
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
        LookAgainFor(pending);
    }

    // False when it was over before.
    private bool Free(PendingPublish pending)
    {
        lock (_gate)
        {
            if (pending.IsOver)
            {
                return false;
            }
            pending.IsOver = true;
            _count--;
            _bytes -= SizeOf(pending.Message);
            if (pending.PacketId != 0)
            {
                _reservedIds.Remove(pending.PacketId);
            }
            if (pending.IsStored && !_isDisposed)
            {
                _store!.Remove(pending.Sequence);
            }
            AdmitWaiters();
            return true;
        }
    }

    private void AdmitWaiters()
    {
        while (_waiters.First is { Value: var waiter } && HasRoom(waiter.Entry.Message))
        {
            _waiters.RemoveFirst();
            waiter.Take(Admit(waiter.Entry));
        }
    }

    /// <summary>What a call hands over.</summary>
    /// <param name="Message">The message.</param>
    /// <param name="IsAwaited">True when somebody is told of its end.</param>
    /// <param name="AcceptedAt">The timestamp of the call; 0 when nothing depends on it.</param>
    private readonly record struct Entry(MqttApplicationMessage Message, bool IsAwaited, long AcceptedAt);

    /// <summary>A call that waits for room.</summary>
    private sealed class Waiter
    {
        private readonly Outbox _owner;
        private readonly TaskCompletionSource<PendingPublish> _turn =
            new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Waiter(Outbox owner, Entry entry)
        {
            (_owner, Entry) = (owner, entry);
            Place = new LinkedListNode<Waiter>(this);
        }

        public Entry Entry { get; }

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
