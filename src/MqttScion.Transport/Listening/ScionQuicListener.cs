using System.Collections.Concurrent;
using System.Reactive.Subjects;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using MqttScion.Quic;
using MqttScion.Scion;

namespace MqttScion;

/// <summary>
/// Accepts QUIC connections on a SCION address, or on plain IP. One thread drives all of them; the handshakes are
/// computed on others.
/// </summary>
/// <remarks>All members may be used from any thread. Whoever accepts a connection disposes it.</remarks>
public sealed class ScionQuicListener : IAsyncDisposable
{
    private static readonly TimeSpan ShutdownTimeout = TimeSpan.FromSeconds(2);

    private readonly ConcurrentDictionary<ScionQuicConnection, Task> _open = new();
    private readonly Channel<ScionQuicConnection> _accepted;
    private readonly Subject<RefusedConnection> _refused = new();
    private readonly ListenSettings _settings;
    private readonly ListenerTls _tls;
    private readonly QlogFiles? _qlog;
    private readonly EndpointLoop _loop;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private int _stopping;

    private ScionQuicListener(ListenSettings settings, ILogger log, TimeProvider time)
    {
        (_settings, _time, _log) = (settings, time, log);
        _accepted = Channel.CreateBounded<ScionQuicConnection>(settings.Quic.MaxConnections);
        _qlog = QlogFiles.For(settings.QlogDirectory, time, log);
        var quicOptions = settings.Quic.Copy();
        quicOptions.ClockOrigin = time.GetUtcNow();
        quicOptions.Qlog = _qlog is not { } files
            ? null
            : connection => files.Open(
                connection, settings.Name, ValidatedAddress.ToText(connection.PeerAddress.Span));
        _tls = new ListenerTls(settings, quicOptions.MaxHandshakes, time, log);
        try
        {
            var quic = _tls.CreateEndpoint(quicOptions);
            _loop = new EndpointLoop(settings.Bind(), quic, Accept, time, log, watch: null, _tls.Offload);
        }
        catch
        {
            _tls.Dispose();
            throw;
        }
        Refused = _refused.OnThreadPool(e => TransportLog.ObserverFailed(log, e, nameof(Refused)));
    }

    /// <summary>The address on which it listens, with the port that it got; in no AS (0-0) on plain IP.</summary>
    public ScionEndPoint LocalEndPoint => _loop.LocalEndPoint;

    /// <summary>Completes when it listens no more; fails when a defect ended it.</summary>
    public Task Completion => _loop.Ended;

    /// <summary>How many connections there are, those included whose handshake is under way.</summary>
    public int ConnectionCount => _open.Count;

    /// <summary>
    /// The connections that did not come about, such as those whose certificate was refused. Hot; never fails;
    /// observers are called on the thread pool.
    /// </summary>
    public IObservable<RefusedConnection> Refused { get; }

    /// <summary>Starts to listen.</summary>
    /// <exception cref="ArgumentException">An option is missing or out of range; the text names each.</exception>
    /// <exception cref="System.Net.Sockets.SocketException">The address can't be bound.</exception>
    /// <exception cref="TlsConfigurationException">The certificates can't be used.</exception>
    public static ScionQuicListener Start(
        ScionQuicListenerOptions options, ILoggerFactory? loggers = null, TimeProvider? time = null) =>
        Start(options, (loggers ?? NullLoggerFactory.Instance).CreateLogger<ScionQuicListener>(), time);

    /// <summary>As the other, with the log of whoever listens.</summary>
    public static ScionQuicListener Start(ScionQuicListenerOptions options, ILogger log, TimeProvider? time = null) =>
        new(ListenSettings.From(options), log, time ?? TimeProvider.System);

    /// <summary>Takes the next connection whose handshake is done.</summary>
    /// <exception cref="ObjectDisposedException">The listener has stopped.</exception>
    public async ValueTask<ScionQuicConnection> AcceptConnectionAsync(CancellationToken cancellationToken = default)
    {
        try
        {
            return await _accepted.Reader.ReadAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (ChannelClosedException)
        {
            throw new ObjectDisposedException(nameof(ScionQuicListener));
        }
    }

    /// <summary>Closes all connections, and stops. A second call waits for nothing.</summary>
    /// <param name="errorCode">The application error code that the clients learn; below 2^62.</param>
    /// <param name="reason">A text for people, of which they learn up to 256 bytes.</param>
    /// <exception cref="ArgumentOutOfRangeException">The code has more than 62 bits.</exception>
    public async ValueTask StopAsync(ulong errorCode, string reason = "")
    {
        ApplicationErrorCode.ThrowIfTooLarge(errorCode);
        ArgumentNullException.ThrowIfNull(reason);
        if (Interlocked.Exchange(ref _stopping, 1) != 0)
        {
            return;
        }
        _accepted.Writer.TryComplete();
        foreach (var connection in _open.Keys)
        {
            connection.Abort(errorCode, reason);
        }
        var allEnded = Task.WhenAll(_open.Keys.Select(c => c.Ended));
        await Task.WhenAny(allEnded, Task.Delay(ShutdownTimeout, _time)).ConfigureAwait(false);
        await _loop.DisposeAsync().ConfigureAwait(false);
        // They have ended with the loop.
        await Task.WhenAll(_open.Values).ConfigureAwait(false);
        if (_qlog is not null)
        {
            await _qlog.WhenWrittenAsync().ConfigureAwait(false);
        }
        _refused.OnCompleted();
        _tls.Dispose();
    }

    /// <summary>Closes all connections with code 0, and stops.</summary>
    public ValueTask DisposeAsync() => StopAsync(errorCode: 0, "the server is shutting down");

    // On the loop.
    private ConnectionApplication? Accept(ScionEndPoint client)
    {
        if (Volatile.Read(ref _stopping) != 0)
        {
            return null;
        }
        var application = new ConnectionApplication(_settings.ApplicationOf(client, _log));
        var connection = new ScionQuicConnection(application, _log);
        _open[connection] = TrackAsync(connection, application.Ready, client);
        return application;
    }

    // Neither task is complete when this begins, so that it leaves the table only after it was put there.
    private async Task TrackAsync(ScionQuicConnection connection, Task ready, ScionEndPoint client)
    {
        try
        {
            await ready.ConfigureAwait(false);
            if (!_accepted.Writer.TryWrite(connection))
            {
                connection.Abort(errorCode: 0, "nobody accepts connections");
            }
        }
        catch (Exception e) when (e is QuicConnectionException or ObjectDisposedException)
        {
            _refused.OnNext(new RefusedConnection(client, e));
        }
        await connection.Ended.ConfigureAwait(false);
        _open.TryRemove(connection, out _);
    }
}
