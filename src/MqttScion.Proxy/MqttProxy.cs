using System.Collections.Concurrent;
using System.Reactive.Subjects;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using MqttScion.Quic;
using MqttScion.Scion;

namespace MqttScion.Proxy;

/// <summary>
/// The proxy in QuicEndpoint mode: ends QUIC with mutual TLS on a SCION address, and gives each client a TCP connection
/// to the broker. Built from the client's parts: the same loop, the same pipes.
/// </summary>
public sealed class MqttProxy : IAsyncDisposable
{
    private const ulong FirstTlsAlert = 0x100; // RFC 9001 §4.8: CRYPTO_ERROR.
    private const ulong LastTlsAlert = 0x1ff;

    private static readonly TimeSpan ShutdownTimeout = TimeSpan.FromSeconds(2);

    private readonly Subject<ProxySession> _sessions = new();
    private readonly Subject<SessionEnded> _ended = new();
    private readonly ConcurrentDictionary<PipeApplication, ScionEndPoint> _open = new();
    private readonly ProxyOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly QuicTicketIssuer? _issuer;
    private readonly RenewedTls _tls;
    private readonly QlogFiles? _qlog;
    private readonly HandshakeWorkers _workers;
    private readonly EndpointLoop _loop;
    private readonly IDisposable _bridge;

    private MqttProxy(ProxyOptions options, ILogger log, TimeProvider time)
    {
        _options = options;
        _time = time;
        _log = log;
        _ = ProxyOptions.TryParseBroker(options.Broker, out var broker); // Validate has seen to it.
        _bridge = _sessions
            .BridgeTo(new BrokerLink(broker, options, time, log))
            .Subscribe(OnEnded, e => ProxyLog.BridgeFailed(_log, e));
        var listen = ScionEndPoint.Parse(options.Listen);
        listen.TryGetIPEndPoint(out var address);
        _qlog = QlogFiles.For(options.QlogDirectory, time, log);
        var quicOptions = QuicOptionsOf(options, listen);
        _issuer = options.SessionTickets ? new QuicTicketIssuer() : null;
        _tls = new RenewedTls(TlsFiles.From(options.Tls), _issuer, time, log);
        _workers = new HandshakeWorkers(HandshakeWorkers.DefaultThreadCount, quicOptions.MaxHandshakes);
        try
        {
            var offload = new OffloadedTlsFactory(_tls, _workers);
            var quic = new QuicEndpoint(
                offload,
                new GnuTlsPacketProtectorFactory(),
                quicOptions,
                acceptConnections: true,
                new CryptographicRandom());
            var socket = new ScionBinding(listen.IsdAs, address!).Open();
            _loop = new EndpointLoop(new ScionLoopSocket(socket), quic, Accept, time, log, watch: null, offload);
        }
        catch
        {
            _workers.Dispose();
            _tls.Dispose();
            _issuer?.Dispose();
            throw;
        }
        ProxyLog.Listening(_log, _loop.LocalEndPoint, options.Broker);
    }

    /// <summary>The SCION address on which the proxy listens.</summary>
    public ScionEndPoint LocalEndPoint => _loop.LocalEndPoint;

    /// <summary>Completes when the proxy serves no more; fails when a defect ended it.</summary>
    public Task Completion => _loop.Ended;

    /// <summary>The clients, as each opens its stream. Hot.</summary>
    public IObservable<ProxySession> Sessions =>
        _sessions.OnThreadPool(e => ProxyLog.ObserverFailed(_log, e, nameof(Sessions)));

    /// <summary>The sessions that are over. Hot.</summary>
    public IObservable<SessionEnded> Ended =>
        _ended.OnThreadPool(e => ProxyLog.ObserverFailed(_log, e, nameof(Ended)));

    /// <summary>How many clients are connected.</summary>
    public int SessionCount => _open.Count;

    /// <summary>Starts a proxy.</summary>
    /// <exception cref="ArgumentException">An option is missing or out of range; the text names each.</exception>
    /// <exception cref="System.Net.Sockets.SocketException">The address can't be bound.</exception>
    public static MqttProxy Start(ProxyOptions options, ILoggerFactory? loggers = null, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        var faults = options.Validate();
        if (faults.Count > 0)
        {
            throw new ArgumentException("The options are not valid. " + string.Join(' ', faults), nameof(options));
        }
        var log = (loggers ?? NullLoggerFactory.Instance).CreateLogger<MqttProxy>();
        return new MqttProxy(options, log, time ?? TimeProvider.System);
    }

    /// <summary>Tells every client that the proxy is shutting down, and stops.</summary>
    public async ValueTask DisposeAsync()
    {
        var open = _open.Keys.ToArray();
        ProxyLog.Stopping(_log, open.Length);
        foreach (var application in open)
        {
            application.Close(ProxyErrorCodes.ShuttingDown, "the proxy is shutting down");
        }
        var allEnded = Task.WhenAll(open.Select(a => a.Ended));
        await Task.WhenAny(allEnded, Task.Delay(ShutdownTimeout, _time)).ConfigureAwait(false);
        await _loop.DisposeAsync().ConfigureAwait(false);
        if (_qlog is not null)
        {
            await _qlog.WhenWrittenAsync().ConfigureAwait(false);
        }
        _sessions.OnCompleted();
        _ended.OnCompleted();
        _bridge.Dispose();
        _workers.Dispose();
        _tls.Dispose();
        _issuer?.Dispose();
        ProxyLog.Stopped(_log);
    }

    private QuicOptions QuicOptionsOf(ProxyOptions options, ScionEndPoint listen) => new()
    {
        ClockOrigin = _time.GetUtcNow(),
        Qlog = _qlog is not { } files
            ? null
            : connection => files.Open(
                connection, listen.ToString(), ValidatedAddress.ToText(connection.PeerAddress.Span)),
        IdleTimeout = options.IdleTimeout,
        MaxBidirectionalStreams = 1,
        MaxUnidirectionalStreams = 0,
        MaxConnections = options.MaxSessions,
    };

    // On the loop.
    private PipeApplication? Accept(ScionEndPoint client)
    {
        var application = new PipeApplication(new PipeApplicationOptions(
            OpensStream: false,
            RequiresPeerCertificate: true,
            client,
            _options.BufferBytes,
            _options.FirstStreamTimeout,
            new StatisticsFeed(
                _options.StatisticsInterval,
                e => ProxyLog.ObserverFailed(_log, e, nameof(ProxySession.Statistics)))));
        _open.TryAdd(application, client);
        ProxyLog.ClientArrived(_log, client, _open.Count);
        _ = TrackAsync(application, client);
        return application;
    }

    private async Task TrackAsync(PipeApplication application, ScionEndPoint client)
    {
        try
        {
            var pipe = await application.Opened.ConfigureAwait(false);
            var session = new ProxySession(client, application, pipe);
            ProxyLog.SessionOpened(_log, client, session.Subject);
            _sessions.OnNext(session);
            await application.Ended.ConfigureAwait(false);
            ProxyLog.SessionCarried(_log, client, session.SentBytes, session.ReceivedBytes);
        }
        catch (Exception e) when (e is QuicConnectionException or ObjectDisposedException)
        {
            ProxyLog.ClientRefused(_log, LevelOf(e), client, TerminalText.Escape(e.Message));
        }
        await application.Ended.ConfigureAwait(false);
        _open.TryRemove(application, out _);
    }

    // A certificate that one side refuses needs somebody; a client that went away before it began does not.
    private static LogLevel LevelOf(Exception cause) =>
        cause is QuicConnectionException { Close: var close }
        && (close.Kind is QuicCloseKind.LocalTransport or QuicCloseKind.PeerTransport
                && close.ErrorCode is >= FirstTlsAlert and <= LastTlsAlert
            || close is { Kind: QuicCloseKind.LocalApplication, ErrorCode: ProxyErrorCodes.NoClientCertificate })
            ? LogLevel.Warning
            : LogLevel.Information;

    private void OnEnded(SessionEnded ended)
    {
        var level = ended.Cause == SessionEndCause.BrokerUnreachable ? LogLevel.Warning : LogLevel.Information;
        ProxyLog.SessionEnded(_log, level, ended.Client, ended.Cause, TerminalText.Escape(ended.Detail));
        _ended.OnNext(ended);
    }
}
