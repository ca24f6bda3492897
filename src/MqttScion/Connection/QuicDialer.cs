using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using MqttScion.Quic;
using MqttScion.Scion;

namespace MqttScion;

/// <summary>Opens QUIC connections on SCION or IP, each on an endpoint loop of its own.</summary>
internal sealed class QuicDialer(
    ScionNetwork network,
    NetworkSettings settings,
    QuicOptions quicOptions,
    string? qlogDirectory,
    TimeProvider time,
    ILogger log)
{
    /// <summary>
    /// Bytes of the smallest MTU that carries QUIC's 1200 behind the SCION and UDP headers of an IPv4 path over seven
    /// ASes.
    /// </summary>
    public const int LeastPathMtu = 1200 + 144;

    private readonly KeyLogFile? _keyLog = KeyLogFile.For(settings.Tls, log);
    private readonly QlogFiles? _qlog = QlogFiles.For(qlogDirectory, time, log);
    private readonly HostAddresses _hosts = new(settings.ResolveHost, quicOptions.HandshakeTimeout, time);

    /// <summary>
    /// Connects on the routes to a server, one after the other: SCION paths, the best first, and the next when one
    /// stays silent; or the addresses of the host. An attempt that fails tells <see cref="Judge"/>.
    /// </summary>
    /// <exception cref="NoPathException">No SCION path leads to the server.</exception>
    /// <exception cref="PathLookupException">The path source could not answer.</exception>
    /// <exception cref="HostUnreachableException">The host has no address, or none that can be sent to.</exception>
    public Task<T> TryRoutesAsync<T>(
        MqttEndPoint server,
        int maxRoutes,
        Func<ServerRoute, Task<T>> connect,
        CancellationToken cancellationToken) => server.Scion is { } scion
        ? TryPathsAsync(server, scion.IsdAs, maxRoutes, connect, cancellationToken)
        : TryAddressesAsync(server, maxRoutes, connect, cancellationToken);

    /// <summary>A connection on a loop is up.</summary>
    public void OnConnected(MqttEndPoint server, DialedLoop loop)
    {
        if (server.Scion is { } scion)
        {
            var store = network.StoreOf(scion.IsdAs);
            store.MarkUp(loop.Path!);
            store.Select(loop.Path!, "connected");
        }
    }

    /// <summary>An attempt failed: holds the path in use back when that may be the reason.</summary>
    public void Judge(MqttEndPoint server, DialedLoop loop, Exception failure)
    {
        if (server.Scion is { } scion && ConnectFailures.IsOfPath(failure))
        {
            network.StoreOf(scion.IsdAs).MarkUnanswered(loop.Path!, $"no answer from {server}");
        }
    }

    /// <summary>
    /// Starts a connection on a route and gives its loop. What becomes of it, the application is told.
    /// </summary>
    /// <exception cref="System.Net.Sockets.SocketException">No socket can be bound, or no route leads to the address.
    /// </exception>
    public DialedLoop Dial(ServerRoute route, IConnectionApplication application)
    {
        if (route.Path?.Mtu < LeastPathMtu)
        {
            EndpointLog.PathMtuTooSmall(log, route.Path, route.Path.Mtu);
        }
        var tls = settings.Tls.Load(_keyLog);
        try
        {
            var loop = Start(route, tls);
            loop.Post(new DialWork(loop, route, settings.ServerNameFor(route.Server), application));
            var follower = route is { Path: { } path, Server.Scion: { } scion }
                ? new PathFollower(loop, scion, network.StoreOf(scion.IsdAs), path, log)
                : null;
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
            // One dial at a time, and each endpoint has a copy of the options. Tickets outlive their endpoint.
            quicOptions.ClockOrigin = time.GetUtcNow();
            quicOptions.Qlog = TraceOf(socket.CreatePaths(socket.LocalEndPoint).RemoteName, route.Server);
            // What a SCION path carries, its source tells; of IP nobody does.
            quicOptions.MaxProbedDatagramBytes = route.Path is null ? UdpLoopSocket.MaxProbedDatagramBytes : 0;
            var quic = new QuicEndpoint(
                tls,
                settings.Tls.Crypto.CreateProtectors(),
                quicOptions,
                acceptConnections: false,
                new CryptographicRandom());
            var watch = route.Server.Scion is { } scion ? network.WatchOf(scion.IsdAs) : null;
            return new EndpointLoop(socket, quic, accept: null, time, log, watch);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private LoopSocket Open(ServerRoute route)
    {
        if (route is { Path: { } path, Server.Scion: { } scion })
        {
            var binding = new ScionBinding(path.Source, LocalAddressFor(scion, path));
            return new ScionLoopSocket(binding.Open(network.LocalOf(path.Source)));
        }
        // Asked only whether there is a route: a socket that is bound to no address goes on when ours changes.
        UdpUnderlay.LocalAddressTowards(route.Address!);
        var any = route.Address!.AddressFamily == AddressFamily.InterNetworkV6 ? IPAddress.IPv6Any : IPAddress.Any;
        return new UdpLoopSocket(new IPEndPoint(any, 0), isOfClient: true);
    }

    private async Task<T> TryPathsAsync<T>(
        MqttEndPoint server,
        IsdAs destination,
        int maxPaths,
        Func<ServerRoute, Task<T>> connect,
        CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            var paths = await network.FindPathsAsync(destination, cancellationToken).ConfigureAwait(false);
            EndpointLog.PathsFound(log, paths.Count, destination, paths[0]);
            var route = new ServerRoute(server, paths[0]);
            try
            {
                return await connect(route).ConfigureAwait(false);
            }
            catch (QuicConnectionException e)
                when (ConnectFailures.IsOfPath(e) && attempt < Math.Min(maxPaths, paths.Count))
            {
                EndpointLog.AttemptFailed(
                    log, server, route, "no answer, which need not be the path's fault. Trying the next path.");
            }
        }
    }

    // The addresses of a name may be different machines: whatever one of them said, another may do better.
    private async Task<T> TryAddressesAsync<T>(
        MqttEndPoint server,
        int maxAddresses,
        Func<ServerRoute, Task<T>> connect,
        CancellationToken cancellationToken)
    {
        var tried = new List<string>();
        QuicConnectionException? refused = null;
        var addresses = await _hosts.FindAsync(server, maxAddresses, cancellationToken).ConfigureAwait(false);
        foreach (var address in addresses)
        {
            var route = new ServerRoute(server, address);
            try
            {
                return await connect(route).ConfigureAwait(false);
            }
            catch (QuicConnectionException e) when (addresses.Count > 1 && ConnectFailures.IsTransient(e))
            {
                refused = e;
                tried.Add($"{address}: {QuicCloseText.Describe(e.Close)}");
                EndpointLog.AttemptFailed(log, server, route, ErrorText.Sentence(e));
            }
            catch (SocketException e)
            {
                tried.Add($"{address}: {e.Message}");
                EndpointLog.AttemptFailed(log, server, route, ErrorText.Sentence(e));
            }
        }
        throw refused is null
            ? new HostUnreachableException(server, $"tried {string.Join("; ", tried)}", inner: null)
            : new QuicConnectionException(server, tried, refused);
    }

    private Func<QlogConnection, IQlogSink?>? TraceOf(MqttEndPoint local, MqttEndPoint server) =>
        _qlog is not { } files
            ? null
            : connection => files.Open(connection, local.ToString(), server.ToString());

    private IPEndPoint LocalAddressFor(ScionEndPoint server, ScionPath path)
    {
        if (settings.Bind is { } bind)
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
        IConnectionApplication Application) : ILoopWork
    {
        public void Run(TimeSpan now)
        {
            try
            {
                _ = Route is { Path: { } path, Server.Scion: { } server }
                    ? Loop.Connect(server, path, ServerName, Application, now)
                    : Loop.Connect(Route.Address!, ServerName, Application, now);
            }
            catch (Exception e)
            {
                // A path or a certificate that can't be used: whoever waits for the connection is told, else it would
                // wait for ever.
                Application.OnLoopEnded(e);
            }
        }
    }
}
