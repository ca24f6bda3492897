namespace MqttScion.Testnet;

/// <summary>The data streams of a connection. Each has a session of its own, which ends with it, as EMQX has it: packet
/// identifiers, subscriptions and both Receive Maximums are the stream's.</summary>
internal sealed partial class BrokerConnection
{
    private readonly TaskCompletionSource<bool> _accepted = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The data streams that are served or wait for it; null once the connection has ended. Under the lock.
    /// </summary>
    private HashSet<BrokerConnection>? _streams = [];

    /// <summary>Resets the data streams; gives their number.</summary>
    public int DropStreams()
    {
        BrokerConnection[] streams;
        lock (_lock)
        {
            streams = [.. _streams ?? []];
        }
        Array.ForEach(streams, stream => stream.Drop());
        return streams.Length;
    }

    /// <summary>Waits, with nothing read, until the control stream has a session; false when there will be none, or
    /// when there are too many streams.</summary>
    private async ValueTask<bool> TryJoinAsync(BrokerConnection of)
    {
        lock (of._lock)
        {
            if (of._streams is null || of._streams.Count >= options.MaximumDataStreams)
            {
                return false;
            }
            of._streams.Add(this);
        }
        try
        {
            if (await of._accepted.Task.WaitAsync(_stop.Token).ConfigureAwait(false))
            {
                ClientId = of.ClientId;
                (_maximumPacketSize, _receiveMaximum) = (of._maximumPacketSize, of._receiveMaximum);
                _session = router.OpenStream(of._session!, of, this, (_receiveMaximum, _maximumPacketSize));
            }
        }
        catch (OperationCanceledException)
        {
            // The connection ended, or the stream was dropped.
        }
        if (_session is null)
        {
            Leave();
        }
        return _session is not null;
    }

    private void Leave()
    {
        if (control is not null)
        {
            lock (control._lock)
            {
                control._streams?.Remove(this);
            }
            if (_session is { } stream)
            {
                router.CloseStream(stream);
            }
            return;
        }
        HashSet<BrokerConnection> streams;
        lock (_lock)
        {
            (streams, _streams) = (_streams!, null);
        }
        foreach (var left in streams)
        {
            left.Drop();
        }
        _accepted.TrySetResult(false);
        if (_session is { } session)
        {
            router.Detach(session, this);
        }
    }
}
