
namespace MqttScion;

/// <summary>What an outbox does with its store.</summary>
internal sealed partial class Outbox : IAsyncDisposable
{
    private static readonly TimeSpan _longestClose = TimeSpan.FromSeconds(30);

    private readonly CancellationTokenSource _disposal = new();
    private Task? _opening;
    private bool _isOpen;
    private bool _isDisposed;

    /// <summary>The QoS 2 publishes of an earlier process that the server has already: only PUBREL is left.</summary>
    public IReadOnlyList<PendingPublish> Released { get; private set; } = [];

    /// <summary>True when publishes may come in: the store was read, or there is none.</summary>
    public bool IsOpen => _store is null || Volatile.Read(ref _isOpen);

    /// <summary>Reads the store; the first call does, and one after a failure again. Nothing without a store.</summary>
    public async ValueTask OpenAsync(CancellationToken cancellationToken)
    {
        if (IsOpen)
        {
            return;
        }
        Task opening;
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, typeof(ScionMqttClient));
            if (_opening is null or { IsCompleted: true, IsCompletedSuccessfully: false })
            {
                _opening = OpenStoreAsync();
            }
            opening = _opening;
        }
        // Who gives up waiting leaves the others to it: what was opened is used by the next, or closed with the client.
        await opening.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Ends when the store has the PUBREC of a publish; at once for one that is not in it.</summary>
    public async Task ReleaseAsync(PendingPublish pending)
    {
        if (!pending.IsStored)
        {
            return;
        }
        try
        {
            await _store!.ReleaseAsync(pending.Sequence).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            // A store may fail in any way. Without PUBREL the flow would never end; a crash now can send it twice.
            ClientLog.OutboxStoreFailed(_log, e);
        }
    }

    /// <summary>Ends when the store has all that happened: a new connection must not know more than it.</summary>
    public async Task FlushAsync(CancellationToken cancellationToken)
    {
        if (_store is null || !_isOpen)
        {
            return;
        }
        try
        {
            await _store.FlushAsync().WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            ClientLog.OutboxStoreFailed(_log, e); // The connection is worth more than the proof.
        }
    }

    /// <summary>Closes the store, also one that is just being opened.</summary>
    public async ValueTask DisposeAsync()
    {
        Task? opening;
        lock (_gate)
        {
            _isDisposed = true;
            opening = _opening;
        }
        await _expiry.DisposeAsync().ConfigureAwait(false);
        await _disposal.CancelAsync().ConfigureAwait(false);
        if (opening is not null)
        {
            // Whoever asked for it is told how it ended.
            await opening.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        if (_store is not null)
        {
            await CloseStoreAsync(_store).ConfigureAwait(false);
        }
        _disposal.Dispose();
    }

    // A store that is stuck is closed when it goes on, if it does: nobody may call it beside the call under way.
    private async Task CloseStoreAsync(StorePump store)
    {
        try
        {
            await store.CloseAsync().WaitAsync(_longestClose, _time).ConfigureAwait(false);
        }
        catch (TimeoutException e)
        {
            ClientLog.OutboxStoreFailed(_log, new TimeoutException(
                $"The outbox store was not closed within {_longestClose.TotalSeconds:0} s: a call of it does not end. "
                + "It is closed when that call ends.", e));
        }
    }

    private async Task OpenStoreAsync()
    {
        // A store may do its work where it is called, which is under the lock.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        var stored = await _settings.Options.OutboxStore!
            .OpenAsync(_settings.Mqtt.ClientId, _disposal.Token).ConfigureAwait(false);
        Restore(stored);
        Volatile.Write(ref _isOpen, true);
    }

    // The mark is durable before the PUBLISH leaves: else, after a crash, nobody could tell whether the lifetime still
    // counts [MQTT-4.3.3-7].
    private async Task MarkSentAsync(PendingPublish pending)
    {
        try
        {
            await _store!.MarkSentAsync(pending.Sequence).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            // A store may fail in any way. Unsent it would hold up all behind it; a crash now can let it expire.
            ClientLog.OutboxStoreFailed(_log, e);
        }
        lock (_gate)
        {
            pending.NeedsMark = false;
            pending.IsReady = true;
        }
        _notify();
    }

    private void Restore(IReadOnlyList<StoredPublish> stored)
    {
        var released = new List<PendingPublish>();
        var now = _time.GetUtcNow();
        lock (_gate)
        {
            foreach (var publish in stored)
            {
                var age = now - publish.AcceptedAt;
                var pending = new PendingPublish(this)
                {
                    Sequence = publish.Sequence,
                    Message = publish.Message,
                    Lane = _waiting.LaneOf(publish.Message),
                    AcceptedAt = _time.GetTimestamp(),
                    AgeBefore = age > TimeSpan.Zero ? age : TimeSpan.Zero, // The wall clock may have been set back.
                    IsStored = true,
                    PacketId = publish.PacketId,
                    MayHaveBeenSent = publish.PacketId != 0 && publish.MayHaveBeenSent,
                    NeedsMark = publish is { PacketId: not 0, MayHaveBeenSent: false },
                };
                _lastSequence = Math.Max(_lastSequence, publish.Sequence);
                _count++;
                _bytes += SizeOf(publish.Message);
                if (publish.PacketId != 0)
                {
                    _reservedIds.Add(publish.PacketId);
                    _lastReservedId = publish.PacketId;
                }
                if (publish.IsReleased)
                {
                    released.Add(pending);
                }
                else
                {
                    Enqueue(pending);
                }
            }
        }
        Released = released;
    }

    // Called under the lock, so that the store sees the publishes in their order.
    private async Task StoreAsync(PendingPublish pending)
    {
        try
        {
            var publish = new StoredPublish(
                pending.Sequence, pending.Message, _time.GetUtcNow() - AgeOf(pending), pending.PacketId)
            {
                MayHaveBeenSent = !pending.NeedsMark,
            };
            await _store!.AppendAsync(publish).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            lock (_gate)
            {
                pending.IsStoring = false;
                _waiting.Remove(pending);
            }
            pending.TryFail(e); // A store may fail in any way; whoever hands the message over is told.
            Free(pending);
            _notify(); // Those behind it, which have waited for it.
            return;
        }
        lock (_gate)
        {
            pending.IsStoring = false;
            pending.IsReady = true;
            LookAgainFor(pending);
        }
        _notify();
    }
}
