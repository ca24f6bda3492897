using System.Reactive.Linq;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using MqttScion.Scion;

namespace MqttScion;

/// <summary>
/// A QUIC connection over SCION, or over plain IP: streams, unreliable datagrams, and the network paths under it. The
/// connection goes on when the path under it does not, and the peer sees no other address.
/// </summary>
/// <remarks>All members may be used from any thread. <see cref="ScionQuicListener"/> is the other side.</remarks>
public sealed class ScionQuicConnection : IAsyncDisposable
{
    private static readonly TimeSpan DefaultStallTimeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan MaxStallTimeout = TimeSpan.FromDays(1);

    private readonly ConnectionApplication _application;
    private readonly ILogger _log;
    private readonly DialedConnection<ConnectionApplication>? _dialed;
    private readonly QuicDialer? _dialer;
    private int _disposed;

    internal ScionQuicConnection(
        ConnectionApplication application,
        ILogger log,
        DialedConnection<ConnectionApplication>? dialed = null,
        QuicDialer? dialer = null)
    {
        (_application, _log, _dialed, _dialer) = (application, log, dialed, dialer);
    }

    /// <summary>The other end.</summary>
    public ServerAddress Remote => _application.Remote;

    /// <summary>The SCION path that our packets take now; null on plain IP, and where the peer chose it.</summary>
    public ScionPath? Path => _dialed?.Path;

    /// <summary>The peer's certificate (DER), which was checked; null when it showed none.</summary>
    public ReadOnlyMemory<byte>? PeerCertificate =>
        _application.PeerCertificate is { } certificate ? (ReadOnlyMemory<byte>?)certificate : null;

    /// <summary>The application protocol that both sides agreed on (ALPN).</summary>
    public string ApplicationProtocol => _application.ApplicationProtocol ?? "";

    /// <summary>Completes when the connection is over, with the reason. Never fails.</summary>
    public Task<Exception> Ended => _application.Ended;

    /// <summary>
    /// Connected, and then closed. Replays the present one, never fails, completes with the connection. Observers are
    /// called on the thread pool.
    /// </summary>
    public IObservable<ScionQuicConnectionState> States => Observable
        .Defer(() => Ended.IsCompleted
            ? Closing
            : Closing.StartWith(new ScionQuicConnectionState.Connected(Remote, Path)))
        .OnThreadPool(e => TransportLog.ObserverFailed(_log, e, nameof(States)));

    /// <summary>
    /// What happens to the paths to the peer, where this end dialed. Replays the current set; never fails; completes
    /// when the connection is disposed. Observers are called on the thread pool.
    /// </summary>
    public IObservable<PathEvent> Paths => _dialer is null
        ? Observable.FromAsync(() => Ended).IgnoreElements().Cast<PathEvent>()
        : _dialer.PathEvents.OnThreadPool(e => TransportLog.ObserverFailed(_log, e, nameof(Paths)));

    /// <summary>
    /// The connection's round trips, window, losses and counters: while somebody observes, after each interval of the
    /// options in which something changed, and at once on another path, after a key update and at the end. Replays the
    /// latest, never fails, completes with the connection.
    /// </summary>
    public IObservable<ConnectionStatistics> Statistics => _application.Statistics!.Statistics;

    /// <summary>
    /// How many bytes a datagram may have on the present path; 0 when one of the sides takes none.
    /// </summary>
    public int MaxDatagramBytes => _application.MaxDatagramBytes;

    private IObservable<ScionQuicConnectionState> Closing => Observable.FromAsync(() => Ended)
        .Select(reason => (ScionQuicConnectionState)new ScionQuicConnectionState.Closed(reason));

    /// <summary>
    /// Looks paths up and connects along the best, and along others when it stays silent. On plain IP, the addresses of
    /// the host's name take the place of the paths.
    /// </summary>
    /// <exception cref="ArgumentException">An option is missing or not valid.</exception>
    /// <exception cref="PathLookupException">The path source can't be reached or gave no usable answer.</exception>
    /// <exception cref="NoPathException">No path leads to the server, or the policy allows none.</exception>
    /// <exception cref="HostUnreachableException">On plain IP: the host name is not known, or no route leads there.
    /// </exception>
    /// <exception cref="QuicConnectionException">The QUIC handshake failed or timed out.</exception>
    public static Task<ScionQuicConnection> ConnectAsync(
        ScionQuicConnectionOptions options,
        ILoggerFactory? loggers = null,
        TimeProvider? time = null,
        CancellationToken cancellationToken = default)
    {
        var log = (loggers ?? NullLoggerFactory.Instance).CreateLogger<ScionQuicConnection>();
        return ConnectAsync(ConnectSettings.From(options), log, time ?? TimeProvider.System, cancellationToken);
    }

    /// <summary>Opens a stream; waits while the peer permits no more.</summary>
    /// <param name="bidirectional">False: only this end sends.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="QuicConnectionException">The connection is over.</exception>
    public async ValueTask<ScionQuicStream> OpenStreamAsync(
        bool bidirectional = true, CancellationToken cancellationToken = default) =>
        new(await _application.OpenStreamAsync(bidirectional, cancellationToken).ConfigureAwait(false));

    /// <summary>Takes the next stream that the peer opens, in the order in which they came.</summary>
    /// <exception cref="QuicConnectionException">The connection is over, and no stream is left.</exception>
    public async ValueTask<ScionQuicStream> AcceptStreamAsync(CancellationToken cancellationToken = default) =>
        new(await _application.AcceptStreamAsync(cancellationToken).ConfigureAwait(false));

    /// <summary>
    /// Sends a datagram (RFC 9221), which arrives whole or not at all, and in any order.
    /// </summary>
    /// <returns>False when it is longer than <see cref="MaxDatagramBytes"/>, when too many wait to be sent, or when the
    /// connection is over: nothing was sent.</returns>
    public bool TrySendDatagram(ReadOnlySpan<byte> datagram) => _application.TrySendDatagram(datagram);

    /// <summary>Takes the next datagram that came. Those that nobody takes in time are dropped.</summary>
    /// <exception cref="InvalidOperationException">The options take no datagrams.</exception>
    /// <exception cref="QuicConnectionException">The connection is over, and no datagram is left.</exception>
    public async ValueTask<ReadOnlyMemory<byte>> ReceiveDatagramAsync(CancellationToken cancellationToken = default)
    {
        var datagrams = _application.Datagrams
            ?? throw new InvalidOperationException("MaxWaitingDatagrams is 0: this end takes no datagrams.");
        try
        {
            return await datagrams.ReadAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (ChannelClosedException e) when (e.InnerException is { } cause)
        {
            throw cause;
        }
    }

    /// <summary>Applies another path policy from now on: a path that it does not allow is left at once.</summary>
    /// <exception cref="InvalidOperationException">The peer dialed, and it chooses the paths.</exception>
    public void UsePathPolicy(IPathPolicy policy)
    {
        ArgumentNullException.ThrowIfNull(policy);
        (_dialer ?? throw new InvalidOperationException("The peer dialed: it chooses the paths."))
            .UsePathPolicy(policy);
    }

    /// <summary>Closes at once; what is in flight is lost.</summary>
    /// <param name="errorCode">The application error code that the peer learns; below 2^62.</param>
    /// <param name="reason">A text for people, of which the peer learns up to 256 bytes.</param>
    /// <exception cref="ArgumentOutOfRangeException">The code has more than 62 bits.</exception>
    public void Abort(ulong errorCode, string reason = "")
    {
        ApplicationErrorCode.ThrowIfTooLarge(errorCode);
        ArgumentNullException.ThrowIfNull(reason);
        _application.Close(errorCode, reason);
    }

    /// <summary>
    /// Closes once the peer has acknowledged what was written to streams whose output was completed, and completes when
    /// the connection is over. A slow peer is waited for, one that takes nothing for a time is not.
    /// </summary>
    /// <param name="errorCode">The application error code that the peer learns; below 2^62.</param>
    /// <param name="reason">A text for people, of which the peer learns up to 256 bytes.</param>
    /// <param name="stallTimeout">How long the peer may take nothing. Default 5 s; zero to a day.</param>
    /// <exception cref="ArgumentOutOfRangeException">The code has more than 62 bits, or the time is out of its range.
    /// </exception>
    public async ValueTask CloseAsync(ulong errorCode = 0, string reason = "", TimeSpan? stallTimeout = null)
    {
        ApplicationErrorCode.ThrowIfTooLarge(errorCode);
        ArgumentNullException.ThrowIfNull(reason);
        var patience = stallTimeout ?? DefaultStallTimeout;
        ArgumentOutOfRangeException.ThrowIfLessThan(patience, TimeSpan.Zero, nameof(stallTimeout));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(patience, MaxStallTimeout, nameof(stallTimeout));
        _application.CloseWhenDelivered(errorCode, reason, patience);
        await Ended.ConfigureAwait(false);
    }

    /// <summary>As <see cref="CloseAsync"/> with code 0, and gives everything back.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }
        await CloseAsync().ConfigureAwait(false);
        _application.Release();
        if (_dialed is not null)
        {
            await _dialed.DisposeAsync().ConfigureAwait(false);
        }
        if (_dialer is not null)
        {
            await _dialer.DisposeAsync().ConfigureAwait(false);
        }
    }

    internal static async Task<ScionQuicConnection> ConnectAsync(
        ConnectSettings settings, ILogger log, TimeProvider time, CancellationToken cancellationToken)
    {
        var dialer = new QuicDialer(settings.Dialing, [settings.Server], time, log);
        try
        {
            var dialed = await dialer
                .DialAsync(
                    settings.Server,
                    settings.PathsPerAttempt,
                    (route, _) => ValueTask.FromResult(new ConnectionApplication(settings.ApplicationOf(route, log))),
                    cancellationToken)
                .ConfigureAwait(false);
            return new ScionQuicConnection(dialed.Application, log, dialed, dialer);
        }
        catch
        {
            await dialer.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    internal Task<StreamPipe> OpenPipeAsync(CancellationToken cancellationToken) =>
        _application.OpenStreamAsync(bidirectional: true, cancellationToken);
}
