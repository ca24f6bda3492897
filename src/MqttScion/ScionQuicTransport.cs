using System.IO.Pipelines;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using MqttScion.Quic;
using MqttScion.Scion;

namespace MqttScion;

/// <summary>
/// One bidirectional QUIC stream over SCION, or over plain IP, as a pipe: the seam for MQTT clients other than ours.
/// Bytes written to <see cref="Output"/> reach the peer; <see cref="Input"/> gives what it sends and ends
/// with its end of stream, or with the connection (<see cref="Ended"/> tells why).
/// </summary>
/// <remarks>
/// Where the peer cuts one direction and the connection stays up, that one fails with a
/// <see cref="QuicStreamAbortedException"/>: a read of <see cref="Input"/> when the peer reset its side, and what it
/// had sent and nobody has read is dropped; a flush of <see cref="Output"/> when the peer takes no more.
/// </remarks>
public sealed class ScionQuicTransport : IDuplexPipe, IAsyncDisposable
{
    // How many paths are tried, one after the other, when they stay silent.
    private const int MaxPaths = 3;

    private static readonly TimeSpan StallTimeout = TimeSpan.FromSeconds(5);

    private readonly PipeApplication _application;
    private readonly StreamPipe _pipe;
    private readonly DialedLoop _loop;
    private readonly ScionNetwork _network;
    private int _disposed;

    private ScionQuicTransport(PipeApplication application, StreamPipe pipe, DialedLoop loop, ScionNetwork network)
    {
        (_application, _pipe, _loop, _network) = (application, pipe, loop, network);
        Paths = network.PathEvents;
        Statistics = application.Statistics!.Statistics;
    }

    /// <inheritdoc/>
    public PipeReader Input => _pipe.Input;

    /// <inheritdoc/>
    public PipeWriter Output => _pipe.Output;

    /// <summary>The SCION path that our packets take now; null on plain IP.</summary>
    public ScionPath? Path => _loop.Path;

    /// <summary>
    /// What happens to the paths to the peer. Replays the current set; never fails; completes when the transport is
    /// disposed. Observers return at once.
    /// </summary>
    public IObservable<PathEvent> Paths { get; }

    /// <summary>
    /// The connection's round trips, window, losses and counters: while somebody observes, after each interval of the
    /// options in which something changed, and at once on another path, after a key update and at the end. Replays the
    /// latest, never fails, completes with the connection.
    /// </summary>
    public IObservable<ConnectionStatistics> Statistics { get; }

    /// <summary>Completes when the connection is over, with the reason.</summary>
    public Task<Exception> Ended => _application.Ended;

    /// <summary>
    /// Looks paths up, connects along the best (along others, three in all, when it stays silent) and opens the stream.
    /// On plain IP, the addresses of the host's name take the place of the paths.
    /// </summary>
    /// <exception cref="ArgumentException">An option is missing or not valid.</exception>
    /// <exception cref="PathLookupException">The path source can't be reached or gave no usable answer.</exception>
    /// <exception cref="NoPathException">No path leads to the server, or the policy allows none.</exception>
    /// <exception cref="HostUnreachableException">On plain IP: the host name is not known, or no route leads there.
    /// </exception>
    /// <exception cref="QuicConnectionException">The QUIC handshake failed or timed out.</exception>
    public static async Task<ScionQuicTransport> ConnectAsync(
        ScionQuicTransportOptions options,
        ILoggerFactory? loggers = null,
        TimeProvider? time = null,
        CancellationToken cancellationToken = default)
    {
        var (server, settings, quic, qlogDirectory) = Freeze(options);
        time ??= TimeProvider.System;
        var log = (loggers ?? NullLoggerFactory.Instance).CreateLogger<ScionQuicTransport>();
        var network = new ScionNetwork(settings, server.Scion is { } scion ? [scion.IsdAs] : [], time, log);
        try
        {
            var dialer = new QuicDialer(network, settings, quic, qlogDirectory, time, log);
            return await dialer
                .TryRoutesAsync(
                    server,
                    MaxPaths,
                    route => ConnectAsync(
                        network, dialer, route, options.StatisticsInterval, log, cancellationToken),
                    cancellationToken)
                .ConfigureAwait(false);
        }
        catch
        {
            await network.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>
    /// Completes the output, waits until the peer has it, and closes. A slow peer is waited for; one that takes nothing
    /// for 5 s is not, and what it has not got is lost.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }
        await Output.CompleteAsync().ConfigureAwait(false);
        _application.CloseWhenDelivered(code: 0, "", StallTimeout);
        await _application.Ended.ConfigureAwait(false);
        await Input.CompleteAsync().ConfigureAwait(false);
        await _loop.DisposeAsync().ConfigureAwait(false);
        await _network.DisposeAsync().ConfigureAwait(false);
    }

    private static async Task<ScionQuicTransport> ConnectAsync(
        ScionNetwork network,
        QuicDialer dialer,
        ServerRoute route,
        TimeSpan interval,
        ILogger log,
        CancellationToken cancellationToken)
    {
        var application = new PipeApplication(new PipeApplicationOptions(
            OpensStream: true,
            RequiresPeerCertificate: false,
            route.Server,
            Statistics: new StatisticsFeed(interval, e => EndpointLog.ObserverFailed(log, e, nameof(Statistics)))));
        var loop = dialer.Dial(route, application);
        try
        {
            var pipe = await application.Opened.WaitAsync(cancellationToken).ConfigureAwait(false);
            dialer.OnConnected(route.Server, loop);
            return new ScionQuicTransport(application, pipe, loop, network);
        }
        catch (Exception e)
        {
            dialer.Judge(route.Server, loop, e);
            await loop.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private static (MqttEndPoint Server, NetworkSettings Network, QuicOptions Quic, string? Qlog) Freeze(
        ScionQuicTransportOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        // The same rules as for a client, and one place that knows them.
        var checkedOptions = new ScionMqttClientOptions(options.Scion, options.Tls)
        {
            HandshakeTimeout = options.HandshakeTimeout,
            IdleTimeout = options.IdleTimeout,
            QlogDirectory = options.QlogDirectory,
            StatisticsInterval = options.StatisticsInterval,
        };
        checkedOptions.Servers.Add(options.Server);
        var settings = ClientSettings.From(checkedOptions);
        return (settings.Servers[0], settings.Network, settings.Quic, settings.Options.QlogDirectory);
    }
}
