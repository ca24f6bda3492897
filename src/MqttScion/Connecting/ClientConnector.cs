using Microsoft.Extensions.Logging;

namespace MqttScion;

/// <summary>
/// One attempt at a connection: servers in the order of the selection, for each the best SCION paths in order or the
/// addresses of its host, on each QUIC and the CONNECT.
/// </summary>
internal sealed class ClientConnector(
    ClientSettings settings,
    QuicDialer dialer,
    ClientSession session,
    SubscriptionHub hub,
    Outbox outbox,
    StatisticsFeed statistics,
    ILogger log) : IClientConnector
{
    private MqttEndPoint? _lastTried;
    private readonly HashSet<MqttEndPoint> _fewDataStreams = []; // Told of once.
    private readonly ServerList _servers = new(settings);

    /// <inheritdoc/>
    public MqttEndPoint? LastTried => _lastTried;

    /// <inheritdoc/>
    public void Check()
    {
        dialer.CheckCertificates();
        ReadPassword();
    }

    /// <summary>Connects, or throws what the last server that was tried failed with.</summary>
    public async Task<ClientConnection> ConnectAsync(CancellationToken cancellationToken)
    {
        await outbox.FlushAsync(cancellationToken).ConfigureAwait(false);
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
                ClientLog.ServerNamedAnother(log, server, other, e.Result.ResultCode);
                left.Remove(other);
                left.AddFirst(other);
            }
            catch (Exception e) when (left.Count > 0 && ConnectFailures.IsForAnotherServer(e))
            {
                ClientLog.ServerFailed(log, server, ErrorText.Sentence(e));
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

    private async Task<ClientConnection> ConnectAsync(MqttEndPoint server, CancellationToken cancellationToken)
    {
        var dialed = await dialer
            .DialAsync(
                server,
                settings.Options.PathsPerAttempt,
                (route, token) => CreateAsync(server, route, token),
                cancellationToken)
            .ConfigureAwait(false);
        var application = dialed.Application;
        ClientLog.Connected(log, server, (object?)dialed.Path ?? dialed.Route);
        TellOfFewDataStreams(server, application.DataStreamCount);
        var result = await application.Connected.ConfigureAwait(false);
        return new ClientConnection(application, server, dialed.Path, result, dialed);
    }

    private async ValueTask<MqttApplication> CreateAsync(
        MqttEndPoint server, ServerRoute route, CancellationToken cancellationToken)
    {
        var data = settings.Options.Authenticator is null
            ? null
            : await BeginAuthenticationAsync(settings.Options.Authenticator, cancellationToken).ConfigureAwait(false);
        session.Password = ReadPassword();
        ClientLog.Dialing(log, server, route);
        return new MqttApplication(session, server, hub, outbox, statistics, settings.Options.Authenticator, data)
        { Log = log };
    }

    // Read for each connection, as the certificates are: a renewed one is taken.
    private byte[]? ReadPassword() => settings.PasswordFile is { } file
        ? PasswordFile.Read(file)
        : settings.Mqtt.Password;

    private void TellOfFewDataStreams(MqttEndPoint server, int count)
    {
        if (count < settings.Options.DataStreams && _fewDataStreams.Add(server))
        {
            ClientLog.FewDataStreams(log, server, count, settings.Options.DataStreams);
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
