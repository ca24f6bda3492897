using Microsoft.Extensions.Logging;
using MqttScion.Mqtt;
using MqttScion.Scion;

namespace MqttScion;

/// <summary>
/// One attempt at a connection: servers in the order of the selection, for each the best paths in order, on each QUIC
/// and the CONNECT.
/// </summary>
internal sealed class ClientConnector(
    ClientSettings settings,
    ScionNetwork network,
    ClientSession session,
    SubscriptionHub hub,
    Outbox outbox,
    StatisticsFeed statistics,
    TimeProvider time,
    ILogger log) : IClientConnector
{
    private readonly QuicDialer _dialer = new(
        network, settings.Network, settings.Quic, settings.QlogDirectory, time, log);
    private readonly HashSet<ScionEndPoint> _fewDataStreams = []; // Told of once.
    private readonly ServerList _servers = new(settings, network.Knows);

    /// <summary>Connects, or throws what the last server that was tried failed with.</summary>
    public async Task<ClientConnection> ConnectAsync(CancellationToken cancellationToken)
    {
        await outbox.FlushAsync().ConfigureAwait(false);
        var left = new LinkedList<ScionEndPoint>(_servers.Attempt());
        var tried = new HashSet<ScionEndPoint>();
        for (var hops = 0; ;)
        {
            var server = left.First!.Value;
            left.RemoveFirst();
            tried.Add(server);
            ScionEndPoint? other = null;
            try
            {
                var connection = await ConnectAsync(server, cancellationToken).ConfigureAwait(false);
                _servers.OnConnected(server);
                return connection;
            }
            catch (MqttConnectRefusedException e) when (
                hops < settings.MaxServerReferences
                && (other = _servers.Follow(server, e.Result)) is not null
                && !tried.Contains(other.Value))
            {
                hops++;
                EndpointLog.ServerNamedAnother(log, server, other.Value, e.Result.ResultCode);
                left.Remove(other.Value);
                left.AddFirst(other.Value);
            }
            catch (Exception e) when (left.Count > 0 && ConnectFailures.IsForAnotherServer(e))
            {
                EndpointLog.ServerFailed(log, server, e.Message);
            }
        }
    }

    /// <summary>A connection ended: what the server said about other servers counts for the next attempt.</summary>
    public void Learn(ClientConnection connection, Exception cause)
    {
        if (cause is MqttSessionEndedException ended)
        {
            _servers.Follow(connection.Server, ended.End);
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
        var data = settings.Authenticator is null
            ? null
            : await BeginAuthenticationAsync(settings.Authenticator, cancellationToken).ConfigureAwait(false);
        var application = new MqttApplication(
            session, server, hub, outbox, statistics, settings.Authenticator, data);
        var loop = _dialer.Dial(server, path, application);
        try
        {
            var result = await application.Connected.WaitAsync(cancellationToken).ConfigureAwait(false);
            var store = network.StoreOf(server.IsdAs);
            store.MarkUp(loop.Path);
            store.Select(loop.Path, "connected");
            EndpointLog.Connected(log, server, loop.Path);
            TellOfFewDataStreams(server, application.DataStreamCount);
            return new ClientConnection(application, server, loop.Path, result, loop);
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

    private void TellOfFewDataStreams(ScionEndPoint server, int count)
    {
        if (count < settings.DataStreams && _fewDataStreams.Add(server))
        {
            EndpointLog.FewDataStreams(log, server, count, settings.DataStreams);
        }
    }

    private static async Task<byte[]?> BeginAuthenticationAsync(
        IMqttAuthenticator authenticator, CancellationToken cancellationToken)
    {
        try
        {
            return await authenticator.BeginAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            throw new MqttAuthenticationException(authenticator.Method, e); // User code: it may throw anything.
        }
    }
}
