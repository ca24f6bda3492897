using Microsoft.Extensions.Logging;
using MqttScion.Mqtt;
using MqttScion.Quic;
using MqttScion.Scion;

namespace MqttScion;

/// <summary>
/// One attempt at a connection: servers in order, for each the best paths in order, on each QUIC and the CONNECT.
/// </summary>
internal sealed class ClientConnector(
    ClientSettings settings,
    IReadOnlyDictionary<IsdAs, PathStore> stores,
    SubscriptionHub hub,
    Outbox outbox,
    TimeProvider time,
    ILogger log)
{
    private readonly QuicDialer _dialer = new(settings.Network, settings.Quic, time, log);

    /// <summary>Connects, or throws what the last server that was tried failed with.</summary>
    public async Task<ClientConnection> ConnectAsync(CancellationToken cancellationToken)
    {
        for (var i = 0; ; i++)
        {
            try
            {
                return await ConnectAsync(settings.Servers[i], cancellationToken).ConfigureAwait(false);
            }
            catch (Exception e) when (i + 1 < settings.Servers.Count && ConnectFailures.IsForAnotherServer(e))
            {
                EndpointLog.ServerFailed(log, settings.Servers[i], e.Message);
            }
        }
    }

    private async Task<ClientConnection> ConnectAsync(ScionEndPoint server, CancellationToken cancellationToken)
    {
        var source = settings.Network.CreatePathSource(time, out var owned);
        using (owned)
        {
            var paths = await _dialer.FindPathsAsync(source, server, cancellationToken).ConfigureAwait(false);
            var store = stores[server.IsdAs];
            store.Update(paths);
            for (var i = 0; ; i++)
            {
                try
                {
                    return await ConnectAsync(server, paths[i], store, cancellationToken).ConfigureAwait(false);
                }
                catch (QuicConnectionException e) when (IsPathFailure(e))
                {
                    EndpointLog.AttemptFailed(log, server, paths[i], e.Message);
                    store.MarkDown(paths[i], e.Message);
                    if (i + 1 == Math.Min(paths.Count, settings.PathsPerAttempt))
                    {
                        throw;
                    }
                }
            }
        }
    }

    private async Task<ClientConnection> ConnectAsync(
        ScionEndPoint server,
        ScionPath path,
        PathStore store,
        CancellationToken cancellationToken)
    {
        var application = new MqttApplication(settings.Mqtt, server, hub, outbox);
        var loop = _dialer.Dial(server, path, application);
        try
        {
            var result = await application.Connected.WaitAsync(cancellationToken).ConfigureAwait(false);
            store.Select(path, "connected");
            EndpointLog.Connected(log, server, path);
            return new ClientConnection(application, path, result, loop);
        }
        catch
        {
            // A refused or failed session still owes the server its goodbye; the loop sends it before it ends.
            application.Disconnect(MqttDisconnectReasonCode.NormalDisconnection);
            await application.Ended.ConfigureAwait(false);
            await loop.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    // Silence may be the path's fault; anything else was said by the server, who is the same on every path.
    private static bool IsPathFailure(QuicConnectionException e) =>
        e.Close.Kind is QuicCloseKind.HandshakeTimeout or QuicCloseKind.IdleTimeout;
}
