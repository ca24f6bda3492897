using System.Collections.Concurrent;
using System.Net;

namespace MqttScion.Testnet;

/// <summary>Accepts QUIC connections for a broker: the first stream of each is the control stream.</summary>
internal sealed class PocketBrokerQuic : IAsyncDisposable
{
    private static readonly TimeSpan StallTimeout = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<Task, byte> _serving = new();
    private readonly PocketBroker _broker;
    private readonly TimeSpan _connectTimeout;
    private readonly ScionQuicListener _listener;
    private readonly Task _accepting;

    /// <summary>Starts to listen.</summary>
    /// <param name="broker">Serves the streams.</param>
    /// <param name="listener">Where they come from; it is disposed too.</param>
    /// <param name="connectTimeout">How long a client may take to open its first stream.</param>
    public PocketBrokerQuic(PocketBroker broker, ScionQuicListener listener, TimeSpan connectTimeout)
    {
        (_broker, _listener, _connectTimeout) = (broker, listener, connectTimeout);
        _ = listener.LocalEndPoint.TryGetIPEndPoint(out var endPoint);
        EndPoint = endPoint!;
        _accepting = AcceptAsync();
    }

    /// <summary>Where it listens.</summary>
    public IPEndPoint EndPoint { get; }

    /// <summary>Closes all connections with code 0 and stops.</summary>
    public async ValueTask DisposeAsync()
    {
        await _listener.DisposeAsync().ConfigureAwait(false);
        await _accepting.ConfigureAwait(false);
        await Task.WhenAll(_serving.Keys).ConfigureAwait(false);
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                Track(ServeAsync(await _listener.AcceptConnectionAsync().ConfigureAwait(false)));
            }
        }
        catch (ObjectDisposedException)
        {
            // It is over.
        }
    }

    private async Task ServeAsync(ScionQuicConnection connection)
    {
        await using (connection.ConfigureAwait(false))
        {
            if (await TryAcceptFirstAsync(connection).ConfigureAwait(false) is not { } first)
            {
                return;
            }
            var streams = new PocketBrokerConnection(_broker);
            var further = ServeFurtherAsync(connection, streams);
            // What an authorizing function throws, the broker's disposal throws.
            await streams.ServeControlStreamAsync(first).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            // Code 0 at the end, as brokers do.
            await connection.CloseAsync(errorCode: 0, "", StallTimeout).ConfigureAwait(false);
            await further.ConfigureAwait(false);
        }
    }

    private async Task<ScionQuicStream?> TryAcceptFirstAsync(ScionQuicConnection connection)
    {
        using var timeout = new CancellationTokenSource(_connectTimeout);
        try
        {
            return await connection.AcceptStreamAsync(timeout.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            connection.Abort(ProxyErrorCodes.NoStream, "no stream was opened in time");
            return null;
        }
        catch (Exception e) when (e is QuicConnectionException or ObjectDisposedException)
        {
            return null;
        }
    }

    private async Task ServeFurtherAsync(ScionQuicConnection connection, PocketBrokerConnection streams)
    {
        try
        {
            while (true)
            {
                var stream = await connection.AcceptStreamAsync().ConfigureAwait(false);
                Track(ServeDataStreamAsync(connection, streams, stream));
            }
        }
        catch (Exception e) when (e is QuicConnectionException or ObjectDisposedException)
        {
            // It is over.
        }
    }

    private static async Task ServeDataStreamAsync(
        ScionQuicConnection connection, PocketBrokerConnection streams, ScionQuicStream stream) =>
        await streams.ServeDataStreamAsync(stream, connection.Ended)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    private void Track(Task serving)
    {
        _serving[serving] = 0;
        _ = serving.ContinueWith(
            (task, _) => _serving.TryRemove(task, out byte _), null, TaskScheduler.Default);
    }
}
