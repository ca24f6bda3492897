using System.Collections.Concurrent;
using System.Reactive.Subjects;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using MqttScion.Quic;
using MqttScion.Scion;

namespace MqttScion.Proxy;

/// <summary>
/// The proxy in QuicEndpoint mode: ends QUIC with mutual TLS on a SCION address, and gives each client a TCP connection
/// to the broker.
/// </summary>
public sealed class MqttProxy : IAsyncDisposable
{
    private const ulong FirstTlsAlert = 0x100; // RFC 9001 §4.8: CRYPTO_ERROR.
    private const ulong LastTlsAlert = 0x1ff;

    private readonly Subject<ProxySession> _sessions = new();
    private readonly Subject<SessionEnded> _ended = new();
    private readonly ConcurrentDictionary<Task, byte> _serving = new();
    private readonly ProxyOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly ScionQuicListener _listener;
    private readonly IDisposable _bridge;
    private readonly IDisposable _refusals;
    private readonly Task _accepting;

    private MqttProxy(ProxyOptions options, ILogger log, TimeProvider time)
    {
        _options = options;
        _time = time;
        _log = log;
        _ = ProxyOptions.TryParseBroker(options.Broker, out var broker); // Validate has seen to it.
        _listener = ScionQuicListener.Start(ListenerOptionsOf(options), log, time);
        _bridge = _sessions
            .BridgeTo(new BrokerLink(broker, options, time, log))
            .Subscribe(OnEnded, e => ProxyLog.BridgeFailed(_log, e));
        _refusals = _listener.Refused.Subscribe(
            refused => LogRefusal(refused.Remote, refused.Reason),
            e => ProxyLog.ObserverFailed(_log, e, nameof(ScionQuicListener.Refused)));
        ProxyLog.Listening(_log, _listener.LocalEndPoint, options.Broker);
        _accepting = AcceptAsync();
    }

    /// <summary>The SCION address on which the proxy listens.</summary>
    public ScionEndPoint LocalEndPoint => _listener.LocalEndPoint;

    /// <summary>Completes when the proxy serves no more; fails when a defect ended it.</summary>
    public Task Completion => _listener.Completion;

    /// <summary>The clients, as each opens its stream. Hot.</summary>
    public IObservable<ProxySession> Sessions =>
        _sessions.OnThreadPool(e => ProxyLog.ObserverFailed(_log, e, nameof(Sessions)));

    /// <summary>The sessions that are over. Hot.</summary>
    public IObservable<SessionEnded> Ended =>
        _ended.OnThreadPool(e => ProxyLog.ObserverFailed(_log, e, nameof(Ended)));

    /// <summary>How many clients are connected.</summary>
    public int SessionCount => _listener.ConnectionCount;

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
        ProxyLog.Stopping(_log, SessionCount);
        await _listener.StopAsync(ProxyErrorCodes.ShuttingDown, "the proxy is shutting down").ConfigureAwait(false);
        await _accepting.ConfigureAwait(false);
        await Task.WhenAll(_serving.Keys).ConfigureAwait(false);
        _sessions.OnCompleted();
        _ended.OnCompleted();
        _bridge.Dispose();
        _refusals.Dispose();
        ProxyLog.Stopped(_log);
    }

    private static ScionQuicListenerOptions ListenerOptionsOf(ProxyOptions options) => new()
    {
        Tls = options.Tls,
        Listen = options.Listen,
        ApplicationProtocol = "mqtt",
        // Clients without one are told so with a code of the proxy's.
        RequireClientCertificate = false,
        SessionTickets = options.SessionTickets,
        IdleTimeout = options.IdleTimeout,
        MaxConnections = options.MaxSessions,
        MaxBidirectionalStreams = 1,
        BufferBytes = options.BufferBytes,
        StatisticsInterval = options.StatisticsInterval,
        QlogDirectory = options.QlogDirectory,
    };

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var serving = ServeAsync(await _listener.AcceptConnectionAsync().ConfigureAwait(false));
                _serving[serving] = 0;
                _ = serving.ContinueWith(
                    (task, _) => _serving.TryRemove(task, out byte _), null, TaskScheduler.Default);
            }
        }
        catch (ObjectDisposedException)
        {
            // The listener has stopped.
        }
    }

    private async Task ServeAsync(ScionQuicConnection connection)
    {
        var client = connection.Remote.Scion!.Value;
        ProxyLog.ClientArrived(_log, client, SessionCount);
        try
        {
            var stream = await AcceptStreamAsync(connection).ConfigureAwait(false);
            var session = new ProxySession(client, connection, stream);
            ProxyLog.SessionOpened(_log, client, session.Subject);
            _sessions.OnNext(session); // The bridge disposes it, when the broker has the client's last bytes.
            await connection.Ended.ConfigureAwait(false);
            ProxyLog.SessionCarried(_log, client, session.SentBytes, session.ReceivedBytes);
        }
        catch (Exception e) when (e is QuicConnectionException or ObjectDisposedException)
        {
            LogRefusal(client, e);
            await connection.DisposeAsync().ConfigureAwait(false);
        }
    }

    private async Task<ScionQuicStream> AcceptStreamAsync(ScionQuicConnection connection)
    {
        if (connection.PeerCertificate is null)
        {
            connection.Abort(ProxyErrorCodes.NoClientCertificate, "no client certificate");
            throw await connection.Ended.ConfigureAwait(false);
        }
        using var timeout = new CancellationTokenSource(_options.FirstStreamTimeout, _time);
        try
        {
            return await connection.AcceptStreamAsync(timeout.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            connection.Abort(ProxyErrorCodes.NoStream, "no stream was opened in time");
            throw await connection.Ended.ConfigureAwait(false);
        }
    }

    private void LogRefusal(ScionEndPoint client, Exception cause) =>
        ProxyLog.ClientRefused(_log, LevelOf(cause), client, TerminalText.Escape(cause.Message));

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
