using Microsoft.Extensions.Logging;
using MqttScion.Mqtt;
using MqttScion.Scion;

namespace MqttScion;

/// <summary>
/// One attempt at a connection: servers in order, for each the best paths in order, on each QUIC and the CONNECT.
/// </summary>
internal sealed class ClientConnector(
    ClientSettings settings,
    ScionNetwork network,
    SubscriptionHub hub,
    Outbox outbox,
    StatisticsFeed statistics,
    TimeProvider time,
    ILogger log)
{
    private readonly QuicDialer _dialer = new(
        network, settings.Network, settings.Quic, settings.QlogDirectory, time, log);

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

    private Task<ClientConnection> ConnectAsync(ScionEndPoint server, CancellationToken cancellationToken) =>
        _dialer.TryPathsAsync(
            server, settings.PathsPerAttempt, path => ConnectAsync(server, path, cancellationToken), cancellationToken);

    private async Task<ClientConnection> ConnectAsync(
        ScionEndPoint server,
        ScionPath path,
        CancellationToken cancellationToken)
    {
        var application = new MqttApplication(settings.Mqtt, server, hub, outbox, statistics);
        var loop = _dialer.Dial(server, path, application);
        try
        {
            var result = await application.Connected.WaitAsync(cancellationToken).ConfigureAwait(false);
            var store = network.StoreOf(server.IsdAs);
            store.MarkUp(loop.Path);
            store.Select(loop.Path, "connected");
            EndpointLog.Connected(log, server, loop.Path);
            return new ClientConnection(application, loop.Path, result, loop);
        }
        catch (Exception e)
        {
            _dialer.Judge(server, loop.Path, e);
            // A refused or failed session still owes the server its goodbye; the loop sends it before it ends.
            application.Disconnect(MqttDisconnectReasonCode.NormalDisconnection);
            await application.Ended.ConfigureAwait(false);
            await loop.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }
}
