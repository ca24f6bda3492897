using System.Net;
using Microsoft.Extensions.Logging;
using MqttScion.Quic;
using MqttScion.Scion;

namespace MqttScion;

/// <summary>Opens QUIC connections along paths, each on an endpoint loop of its own.</summary>
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

    /// <summary>
    /// Connects along the best path, and when that stays silent along the next. An attempt that fails tells
    /// <see cref="Judge"/>.
    /// </summary>
    public async Task<T> TryPathsAsync<T>(
        ScionEndPoint server,
        int maxPaths,
        Func<ScionPath, Task<T>> connect,
        CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            var paths = await network.FindPathsAsync(server.IsdAs, cancellationToken).ConfigureAwait(false);
            try
            {
                return await connect(paths[0]).ConfigureAwait(false);
            }
            catch (QuicConnectionException e)
                when (ConnectFailures.IsOfPath(e) && attempt < Math.Min(maxPaths, paths.Count))
            {
                EndpointLog.AttemptFailed(log, server, paths[0], e.Message);
            }
        }
    }

    /// <summary>An attempt failed: holds its path back when that may be the reason.</summary>
    public void Judge(ScionEndPoint server, ScionPath path, Exception failure)
    {
        if (ConnectFailures.IsOfPath(failure))
        {
            network.StoreOf(server.IsdAs).MarkDown(path, failure.Message);
        }
    }

    /// <summary>
    /// Starts a connection along a path and gives its loop. What becomes of it, the application is told.
    /// </summary>
    public DialedLoop Dial(ScionEndPoint server, ScionPath path, IConnectionApplication application)
    {
        if (path.Mtu < LeastPathMtu)
        {
            EndpointLog.PathMtuTooSmall(log, path, path.Mtu);
        }
        var tls = settings.Tls.Load(_keyLog);
        try
        {
            var binding = new ScionBinding(path.Source, LocalAddressFor(server, path));
            var socket = binding.Open(network.LocalOf(path.Source));
            // One dial at a time, and each endpoint has a copy of the options. Tickets outlive their endpoint.
            quicOptions.ClockOrigin = time.GetUtcNow();
            quicOptions.Qlog = TraceOf(socket.LocalEndPoint, server);
            var quic = new QuicEndpoint(
                tls,
                new GnuTlsPacketProtectorFactory(),
                quicOptions,
                acceptConnections: false,
                new CryptographicRandom());
            var loop = new EndpointLoop(socket, quic, accept: null, time, log, network.WatchOf(server.IsdAs));
            loop.Post(new DialWork(loop, server, path, settings.ServerNameFor(server), application));
            var follower = new PathFollower(loop, server, network.StoreOf(server.IsdAs), path, log);
            return new DialedLoop(loop, follower, tls, _qlog);
        }
        catch
        {
            tls.Dispose();
            throw;
        }
    }

    private Func<QlogConnection, IQlogSink?>? TraceOf(ScionEndPoint local, ScionEndPoint server) =>
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
        ScionEndPoint Server,
        ScionPath Path,
        string ServerName,
        IConnectionApplication Application) : ILoopWork
    {
        public void Run(TimeSpan now)
        {
            try
            {
                Loop.Connect(Server, Path, ServerName, Application, now);
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
