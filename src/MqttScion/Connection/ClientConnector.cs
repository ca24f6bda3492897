using Microsoft.Extensions.Logging;
using MqttScion.Mqtt;

namespace MqttScion;

/// <summary>
/// One attempt at a connection: servers in the order of the selection, for each the best SCION paths in order or the
/// addresses of its host, on each QUIC and the CONNECT.
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
        network, settings.Network, settings.Quic, settings.Options.QlogDirectory, time, log);
    private MqttEndPoint? _lastTried;
    private readonly HashSet<MqttEndPoint> _fewDataStreams = []; // Told of once.
    private readonly ServerList _servers = new(settings);

    /// <inheritdoc/>
    public MqttEndPoint? LastTried => _lastTried;

    /// <inheritdoc/>
    public void Check()
    {
        settings.Network.Tls.Load().Dispose();
        ReadPassword();
    }

    /// <summary>Connects, or throws what the last server that was tried failed with.</summary>
    public async Task<ClientConnection> ConnectAsync(CancellationToken cancellationToken)
    {
        await outbox.FlushAsync().ConfigureAwait(false);
        var left = new LinkedList<MqttEndPoint>(_servers.Attempt());
        var tried = new HashSet<MqttEndPoint>();
        for (var hops = 0; ;)
        {
            var server = left.First!.Value;
            left.RemoveFirst();
            tried.Add(server);
            _lastTried = server;
            MqttEndPoint? other = null;
            try
            {
                var connection = await ConnectAsync(server, cancellationToken).ConfigureAwait(false);
                _servers.OnConnected(server);
                return connection;
            }
            catch (MqttConnectRefusedException e) when (
                hops < settings.Options.MaxServerReferences
                && (other = _servers.Follow(server, e.Result)) is not null
                && !tried.Contains(other))
            {
                hops++;
                EndpointLog.ServerNamedAnother(log, server, other, e.Result.ResultCode);
                left.Remove(other);
                left.AddFirst(other);
            }
            catch (Exception e) when (left.Count > 0 && ConnectFailures.IsForAnotherServer(e))
            {
                EndpointLog.ServerFailed(log, server, ErrorText.Sentence(e));
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

    private Task<ClientConnection> ConnectAsync(MqttEndPoint server, CancellationToken cancellationToken) =>
        _dialer.TryRoutesAsync(
            server,
            settings.Options.PathsPerAttempt,
            route => ConnectAsync(route, cancellationToken),
            cancellationToken);

    private async Task<ClientConnection> ConnectAsync(ServerRoute route, CancellationToken cancellationToken)
    {
        var server = route.Server;
        var data = settings.Options.Authenticator is null
            ? null
            : await BeginAuthenticationAsync(settings.Options.Authenticator, cancellationToken).ConfigureAwait(false);
        session.Password = ReadPassword();
        var application = new MqttApplication(
            session, server, hub, outbox, statistics, settings.Options.Authenticator, data)
        { Log = log };
        EndpointLog.Dialing(log, server, route);
        var loop = _dialer.Dial(route, application);
        try
        {
            var result = await application.Connected.WaitAsync(cancellationToken).ConfigureAwait(false);
            _dialer.OnConnected(server, loop);
            EndpointLog.Connected(log, server, (object?)loop.Path ?? route);
            TellOfFewDataStreams(server, application.DataStreamCount);
            return new ClientConnection(application, server, loop.Path, result, loop);
        }
        catch (Exception e)
        {
            _dialer.Judge(server, loop, e);
            // A refused or failed session still owes the server its goodbye; the loop sends it before it ends.
            application.Disconnect(MqttDisconnectReasonCode.NormalDisconnection);
            await application.Ended.ConfigureAwait(false);
            await loop.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    // Read for each connection, as the certificates are: a renewed one is taken.
    private byte[]? ReadPassword() => settings.PasswordFile is { } file
        ? PasswordFile.Read(file)
        : settings.Mqtt.Password;

    private void TellOfFewDataStreams(MqttEndPoint server, int count)
    {
        if (count < settings.Options.DataStreams && _fewDataStreams.Add(server))
        {
            EndpointLog.FewDataStreams(log, server, count, settings.Options.DataStreams);
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
