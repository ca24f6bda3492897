
namespace MqttScion;

/// <summary>What an outbox does with its store.</summary>
internal sealed partial class Outbox : IAsyncDisposable
{
    private readonly SemaphoreSlim _opening = new(1, 1);
    private bool _isOpen;

    /// <summary>The QoS 2 publishes of an earlier process that the server has already: only PUBREL is left.</summary>
    public IReadOnlyList<PendingPublish> Released { get; private set; } = [];

    /// <summary>True when publishes may come in: the store was read, or there is none.</summary>
    public bool IsOpen => Store is null || Volatile.Read(ref _isOpen);

    /// <summary>Reads the store; the first call does, and one after a failure again. Nothing without a store.</summary>
    public async ValueTask OpenAsync(CancellationToken cancellationToken)
    {
        if (IsOpen)
        {
            return;
        }
        await _opening.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (!_isOpen)
            {
                var stored = await Store!.OpenAsync(_settings.Mqtt.ClientId, cancellationToken).ConfigureAwait(false);
                Restore(stored);
                Volatile.Write(ref _isOpen, true);
            }
        }
        finally
        {
            _opening.Release();
        }
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
            Task releasing;
            lock (_gate)
            {
                releasing = Store!.ReleaseAsync(pending.Sequence);
            }
            await releasing.ConfigureAwait(false);
        }
        catch (Exception e)
        {
            // A store may fail in any way. Without PUBREL the flow would never end; a crash now can send it twice.
            EndpointLog.OutboxStoreFailed(_log, e);
        }
    }

    /// <summary>Ends when the store has all that happened: a new connection must not know more than it.</summary>
    public async Task FlushAsync()
    {
        if (Store is null || !_isOpen)
        {
            return;
        }
        try
        {
            Task flushing;
            lock (_gate)
            {
                flushing = Store.FlushAsync();
            }
            await flushing.ConfigureAwait(false);
        }
        catch (Exception e)
        {
            EndpointLog.OutboxStoreFailed(_log, e); // The connection is worth more than the proof.
        }
    }

    /// <summary>Closes the store.</summary>
    public async ValueTask DisposeAsync()
    {
        await _expiry.DisposeAsync().ConfigureAwait(false);
        if (Store is not null)
        {
            await Store.DisposeAsync().ConfigureAwait(false);
        }
        _opening.Dispose();
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
                    AcceptedAt = _time.GetTimestamp(),
                    AgeBefore = age > TimeSpan.Zero ? age : TimeSpan.Zero, // The wall clock may have been set back.
                    IsStored = true,
                    PacketId = publish.PacketId,
                    MayHaveBeenSent = publish.PacketId != 0,
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
            await Store!.AppendAsync(new StoredPublish(
                pending.Sequence, pending.Message, _time.GetUtcNow(), pending.PacketId)).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            lock (_gate)
            {
                _waiting.Remove(pending);
            }
            pending.TryFail(e); // A store may fail in any way; whoever hands the message over is told.
            Free(pending);
            _notify(); // Those behind it, which have waited for it.
            return;
        }
        lock (_gate)
        {
            pending.IsReady = true;
        }
        _notify();
    }
}
