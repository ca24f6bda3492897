using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using MqttScion.Quic;
using MqttScion.Scion;
using MqttScion.Udp;

namespace MqttScion.Transport;

/// <summary>
/// Opens QUIC connections on SCION or IP, each on an endpoint loop of its own, and owns how an attempt goes: which
/// routes are tried in which order, when the connection counts as up, and what a failure says about the path. Keeps the
/// SCION paths to its servers fresh from the first dial on.
/// </summary>
/// <remarks>Any thread may use it; of <see cref="DialAsync"/> one call at a time goes to an AS.</remarks>
public sealed class QuicDialer : IAsyncDisposable
{
    /// <summary>
    /// Bytes of the smallest MTU that carries QUIC's 1200 behind the SCION and UDP headers of an IPv4 path over seven
    /// ASes.
    /// </summary>
    public const int LeastPathMtu = 1200 + 144;

    private readonly ScionNetwork _network;
    private readonly NetworkSettings _settings;
    private readonly QuicOptions _quicOptions;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly KeyLogFile? _keyLog;
    private readonly QlogFiles? _qlog;
    private readonly HostAddresses _hosts;

    /// <summary>Prepares; nothing is looked up or opened yet.</summary>
    /// <param name="options">How to reach servers.</param>
    /// <param name="servers">Whom is going to be dialed.</param>
    /// <param name="time">The clock.</param>
    /// <param name="log">The log of what happens to connections and paths.</param>
    /// <exception cref="FormatException">The path policy of the options is malformed.</exception>
    public QuicDialer(
        QuicDialerOptions options, IEnumerable<ServerAddress> servers, TimeProvider time, ILogger log)
    {
        ArgumentNullException.ThrowIfNull(options);
        (_time, _log) = (time, log);
        _settings = NetworkSettings.From(options);
        _quicOptions = options.Quic.Copy();
        _network = new ScionNetwork(_settings, servers.Select(s => s.Scion?.IsdAs).OfType<IsdAs>(), time, log);
        _keyLog = KeyLogFile.For(_settings.Tls, log);
        _qlog = QlogFiles.For(options.QlogDirectory, time, log);
        _hosts = new HostAddresses(_settings.ResolveHost, _quicOptions.HandshakeTimeout, time);
    }

    /// <summary>
    /// What happens to the paths, told on whatever thread it is found, the loop's too: observers must return at once
    /// and not throw. Replays the current set; completes when the dialer is disposed.
    /// </summary>
    public IObservable<PathEvent> PathEvents => _network.PathEvents;

    /// <summary>Reads the certificates, so that what is wrong with them is known before somebody is dialed.</summary>
    /// <exception cref="TlsConfigurationException">A file's content can't be used.</exception>
    /// <exception cref="IOException">A file can't be read.</exception>
    public void CheckCertificates() => _settings.Tls.Load().Dispose();

    /// <summary>Applies another policy from now on: paths that it does not allow are given up.</summary>
    public void UsePathPolicy(IPathPolicy policy) => _network.UsePolicy(policy);

    /// <summary>Looks paths up no more until the next dial; those known stay until they expire.</summary>
    public Task StopRefreshingAsync() => _network.StopAsync();

    /// <summary>
    /// Connects on the routes to a server, one after the other: SCION paths, the best first, and the next when one
    /// stays silent; or the addresses of the host.
    /// </summary>
    /// <param name="server">One of those that the dialer was made for.</param>
    /// <param name="maxRoutes">How many to try.</param>
    /// <param name="create">Makes what the connection of an attempt carries.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="NoPathException">No SCION path leads to the server.</exception>
    /// <exception cref="PathLookupException">The path source could not answer.</exception>
    /// <exception cref="HostUnreachableException">The host has no address, or none that can be sent to.</exception>
    /// <exception cref="QuicConnectionException">The handshake failed or timed out.</exception>
    public Task<DialedConnection<TApplication>> DialAsync<TApplication>(
        ServerAddress server,
        int maxRoutes,
        Func<ServerRoute, CancellationToken, ValueTask<TApplication>> create,
        CancellationToken cancellationToken = default)
        where TApplication : IDialedApplication
    {
        ArgumentNullException.ThrowIfNull(server);
        ArgumentNullException.ThrowIfNull(create);
        return server.Scion is { } scion
            ? TryPathsAsync(server, scion.IsdAs, maxRoutes, create, cancellationToken)
            : TryAddressesAsync(server, maxRoutes, create, cancellationToken);
    }

    /// <summary>Ends the look-ups and completes <see cref="PathEvents"/>. Connections go on: they are their owners'.
    /// </summary>
    public ValueTask DisposeAsync() => _network.DisposeAsync();

    private async Task<DialedConnection<TApplication>> ConnectAsync<TApplication>(
        ServerRoute route,
        Func<ServerRoute, CancellationToken, ValueTask<TApplication>> create,
        CancellationToken cancellationToken)
        where TApplication : IDialedApplication
    {
        var application = await create(route, cancellationToken).ConfigureAwait(false);
        var loop = Start(route, application);
        try
        {
            await application.Ready.WaitAsync(cancellationToken).ConfigureAwait(false);
            OnConnected(route, loop);
            return new DialedConnection<TApplication>(application, route, loop);
        }
        catch (Exception e)
        {
            Judge(route, loop, e);
            await application.AbandonAsync().ConfigureAwait(false);
            await loop.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private void OnConnected(ServerRoute route, DialedLoop loop)
    {
        if (route.Server.Scion is { } scion)
        {
            var store = _network.StoreOf(scion.IsdAs);
            store.MarkUp(loop.Path!);
            store.Select(loop.Path!, "connected");
        }
    }

    // Holds the path in use back when it may be the reason.
    private void Judge(ServerRoute route, DialedLoop loop, Exception failure)
    {
        if (route.Server.Scion is { } scion && DialFailures.IsOfPath(failure))
        {
            _network.StoreOf(scion.IsdAs).MarkUnanswered(loop.Path!, $"no answer from {route.Server}");
        }
    }

    // Starts a connection on a route and gives its loop. What becomes of it, the application is told.
    private DialedLoop Start(ServerRoute route, IConnectionApplication application)
    {
        if (route.Path?.Mtu < LeastPathMtu)
        {
            TransportLog.PathMtuTooSmall(_log, route.Path, route.Path.Mtu);
        }
        var tls = _settings.Tls.Load(_keyLog);
        try
        {
            var loop = Start(route, tls);
            var follower = route is { Path: { } path, Server.Scion: { } scion }
                ? new PathFollower(
                    loop, scion, _network.StoreOf(scion.IsdAs), path, _settings.Probing?.Interval, _log)
                : null;
            var work = new DialWork(loop, route, _settings.ServerNameFor(route.Server), application, follower);
            if (!loop.Post(work))
            {
                work.Drop(defect: null);
            }
            return new DialedLoop(loop, follower, tls, _qlog);
        }
        catch
        {
            tls.Dispose();
            throw;
        }
    }

    private EndpointLoop Start(ServerRoute route, IQuicTlsFactory tls)
    {
        var socket = Open(route);
        try
        {
            var quic = new QuicEndpoint(
                tls,
                _settings.Tls.Crypto.CreateProtectors(),
                OptionsFor(route, socket.CreatePaths(socket.LocalEndPoint).RemoteName),
                acceptConnections: false,
                new CryptographicRandom());
            var watch = route.Server.Scion is { } scion ? _network.WatchOf(scion.IsdAs) : null;
            return new EndpointLoop(socket, quic, accept: null, _time, _log, watch);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>The options of one dial and of no other, so that several can be under way. The tickets in them are for
    /// all.</summary>
    internal QuicOptions OptionsFor(ServerRoute route, ServerAddress local)
    {
        var options = _quicOptions.Copy();
        options.ClockOrigin = _time.GetUtcNow();
        options.Qlog = TraceOf(local, route.Server);
        return options;
    }

    private LoopSocket Open(ServerRoute route)
    {
        if (route is { Path: { } path, Server.Scion: { } scion })
        {
            var binding = new ScionBinding(path.Source, LocalAddressFor(scion, path));
            return new ScionLoopSocket(binding.Open(_network.LocalOf(path.Source)));
        }
        // Asked only whether there is a route: a socket that is bound to no address goes on when ours changes.
        UdpUnderlay.LocalAddressTowards(route.Address!);
        var any = route.Address!.AddressFamily == AddressFamily.InterNetworkV6 ? IPAddress.IPv6Any : IPAddress.Any;
        return new UdpLoopSocket(new IPEndPoint(any, 0), route.Server.Scheme!, isOfClient: true);
    }

    private async Task<DialedConnection<TApplication>> TryPathsAsync<TApplication>(
        ServerAddress server,
        IsdAs destination,
        int maxPaths,
        Func<ServerRoute, CancellationToken, ValueTask<TApplication>> create,
        CancellationToken cancellationToken)
        where TApplication : IDialedApplication
    {
        for (var attempt = 1; ; attempt++)
        {
            var paths = await _network.FindPathsAsync(destination, cancellationToken).ConfigureAwait(false);
            TransportLog.PathsFound(_log, paths.Count, destination, paths[0]);
            var route = new ServerRoute(server, paths[0]);
            try
            {
                return await ConnectAsync(route, create, cancellationToken).ConfigureAwait(false);
            }
            catch (QuicConnectionException e)
                when (DialFailures.IsOfPath(e) && attempt < Math.Min(maxPaths, paths.Count))
            {
                TransportLog.AttemptFailed(
                    _log, server, route, "no answer, which need not be the path's fault. Trying the next path.");
            }
        }
    }

    // The addresses of a name may be different machines: whatever one of them said, another may do better.
    private async Task<DialedConnection<TApplication>> TryAddressesAsync<TApplication>(
        ServerAddress server,
        int maxAddresses,
        Func<ServerRoute, CancellationToken, ValueTask<TApplication>> create,
        CancellationToken cancellationToken)
        where TApplication : IDialedApplication
    {
        var tried = new List<string>();
        QuicConnectionException? refused = null;
        var addresses = await _hosts.FindAsync(server, maxAddresses, cancellationToken).ConfigureAwait(false);
        foreach (var address in addresses)
        {
            var route = new ServerRoute(server, address);
            try
            {
                return await ConnectAsync(route, create, cancellationToken).ConfigureAwait(false);
            }
            catch (QuicConnectionException e) when (addresses.Count > 1 && !DialFailures.IsRefusedByPeer(e))
            {
                refused = e;
                tried.Add($"{address}: {QuicCloseText.Describe(e.Close)}");
                TransportLog.AttemptFailed(_log, server, route, ErrorText.Sentence(e));
            }
            catch (SocketException e)
            {
                tried.Add($"{address}: {e.Message}");
                TransportLog.AttemptFailed(_log, server, route, ErrorText.Sentence(e));
            }
        }
        throw refused is null
            ? new HostUnreachableException(server, $"tried {string.Join("; ", tried)}", inner: null)
            : new QuicConnectionException(server, tried, refused);
    }

    private Func<QlogConnection, IQlogSink?>? TraceOf(ServerAddress local, ServerAddress server) =>
        _qlog is not { } files
            ? null
            : connection => files.Open(connection, local.ToString(), server.ToString());

    private IPEndPoint LocalAddressFor(ScionEndPoint server, ScionPath path)
    {
        if (_settings.Bind is { } bind)
        {
            return bind;
        }
        if (path.NextHop is not { } target && !server.TryGetIPEndPoint(out target!))
        {
            throw new ArgumentException($"{server} names no IP host.");
        }
        return new IPEndPoint(UdpUnderlay.LocalAddressTowards(target), 0);
    }

    private sealed record DialWork(
        EndpointLoop Loop,
        ServerRoute Route,
        string ServerName,
        IConnectionApplication Application,
        IPathSteering? Steering) : ILoopWork
    {
        public void Run(TimeSpan now)
        {
            try
            {
                _ = Route is { Path: { } path, Server.Scion: { } server }
                    ? Loop.Connect(server, path, ServerName, Application, Steering, now)
                    : Loop.Connect(Route.Address!, ServerName, Application, now);
            }
            catch (Exception e)
            {
                // A path or a certificate that can't be used: whoever waits for the connection is told, else it would
                // wait for ever.
                Application.OnLoopEnded(e);
            }
        }

        public void Drop(Exception? defect) =>
            Application.OnLoopEnded(new ObjectDisposedException("The endpoint loop ended.", defect));
    }
}
