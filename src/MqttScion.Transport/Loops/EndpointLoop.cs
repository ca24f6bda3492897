using Microsoft.Extensions.Logging;
using MqttScion.Quic;
using MqttScion.Scion;
using MqttScion.Udp;

namespace MqttScion.Transport;

/// <summary>
/// Owns one socket (SCION, or plain UDP), its timers and all QUIC connections on it, in one thread. Client and proxy
/// run the same loop.
/// </summary>
/// <remarks>
/// Only <see cref="Post"/>, <see cref="LocalEndPoint"/> and <see cref="DisposeAsync"/> may be used from other threads;
/// everything else belongs to the loop. User code never runs on it.
/// </remarks>
internal sealed partial class EndpointLoop : ISocketLoopOwner, IAsyncDisposable
{
    private const int MaxSegments = 16;
    private const int MaxFlightsPerTurn = 8;
    private const int MaxErrorsPerTurn = 64;

    private readonly SocketLoop _loop;
    private readonly LoopSocket _socket;
    private readonly QuicEndpoint _quic;
    private readonly Func<ScionEndPoint, IConnectionApplication?>? _accept;
    private readonly ILogger _log;
    private readonly PathWatch? _watch;
    private readonly OffloadedTlsFactory? _offload;
    private readonly TimerHeap<LoopConnection> _timers = new();
    private readonly ConnectionTable _connections = new();
    private readonly List<LoopConnection> _dirty = [];
    private readonly List<LoopConnection> _turn = [];
    private readonly List<LoopConnection> _unmapped = [];
    private readonly byte[] _flight = GC.AllocateUninitializedArray<byte>(MaxSegments * 2048, pinned: true);

    /// <summary>Starts the loop.</summary>
    /// <param name="socket">The bound socket; the loop disposes it.</param>
    /// <param name="quic">The QUIC endpoint; the loop disposes it.</param>
    /// <param name="accept">Makes the application of an incoming connection, null refuses; null when none are
    /// accepted.</param>
    /// <param name="time">The clock.</param>
    /// <param name="log">The log.</param>
    /// <param name="watch">The SCION paths of outgoing connections; null when nobody keeps track of them.</param>
    /// <param name="offload">What makes the endpoint's handshakes, when others than the loop compute them.</param>
    public EndpointLoop(
        LoopSocket socket,
        QuicEndpoint quic,
        Func<ScionEndPoint, IConnectionApplication?>? accept,
        TimeProvider time,
        ILogger log,
        PathWatchOptions? watch = null,
        OffloadedTlsFactory? offload = null)
    {
        _socket = socket;
        _quic = quic;
        _accept = accept;
        _log = log;
        LocalEndPoint = socket.LocalEndPoint;
        _watch = watch is null ? null : new PathWatch(watch, ((ScionLoopSocket)socket).Socket, IsOurs);
        _offload = offload;
        _offload?.Attach(this);
        _loop = new SocketLoop(this, [socket.UdpSocket], time);
        _loop.Start($"mqtt-scion {LocalEndPoint}");
    }

    /// <summary>The address that the loop's socket is bound to; in no AS (0-0) when it is one of IP.</summary>
    public ScionEndPoint LocalEndPoint { get; }

    /// <summary>Completes when the loop has ended; fails when a defect ended it.</summary>
    public Task Ended => _loop.Ended;

    /// <summary>
    /// Queues work; callable from any thread. False when the loop has ended, and the work will not run.
    /// </summary>
    public bool Post(ILoopWork work) => _loop.Post(work);

    /// <summary>Opens a connection along a SCION path. On the loop only.</summary>
    public LoopConnection Connect(
        ScionEndPoint remote,
        ScionPath path,
        string serverName,
        IConnectionApplication application,
        IPathSteering? steering,
        TimeSpan now)
    {
        var paths = _socket.CreatePaths(remote);
        var entry = paths.Add(path);
        _watch?.Use(entry);
        return Connect(paths, entry, serverName, application, steering, now);
    }

    /// <summary>Opens a connection to an IP address. On the loop only.</summary>
    public LoopConnection Connect(
        UdpAddress remote,
        string serverName,
        IConnectionApplication application,
        TimeSpan now)
    {
        var paths = _socket.CreatePaths(UdpLoopSocket.EndPointOf(remote));
        return Connect(paths, paths.Add(remote), serverName, application, steering: null, now);
    }

    /// <summary>Puts a connection on the list of those to look at before the loop waits.</summary>
    public void MarkDirty(LoopConnection connection)
    {
        if (!connection.IsDirty)
        {
            connection.IsDirty = true;
            _dirty.Add(connection);
        }
    }

    /// <summary>Tells the log that a connection resumed the TLS session of an earlier one.</summary>
    public void OnResumed(LoopConnection connection) =>
        TransportLog.SessionResumed(_log, connection.Paths.RemoteName);

    /// <summary>
    /// Ends the loop: connections are dropped without a goodbye (close them first), the socket is closed.
    /// </summary>
    public ValueTask DisposeAsync() => _loop.DisposeAsync();

    TimeSpan? ISocketLoopOwner.NextTimeout
    {
        get
        {
            var own = _timers.Next;
            var others = Earlier(_socket.NextTimeout, _watch?.NextTimeout);
            return Earlier(own, others);
        }
    }

    void ISocketLoopOwner.OnTimeout(TimeSpan now)
    {
        while (_timers.TakeDue(now) is { } connection)
        {
            if (connection.NextTimeout <= now)
            {
                connection.OnTimeout(now);
            }
            else
            {
                Schedule(connection);
            }
        }
        _socket.OnTimeout(now);
        _watch?.Run(now);
    }

    bool ISocketLoopOwner.Flush(TimeSpan now)
    {
        TakeUnreachable();
        RetryUnmapped();
        var sentAll = FlushDirty(now);
        return !sentAll || _dirty.Count > 0;
    }

    void ISocketLoopOwner.OnEnded(Exception? defect)
    {
        if (defect is not null)
        {
            TransportLog.LoopFailed(_log, defect, LocalEndPoint);
        }
        foreach (var connection in _connections.TakeAll())
        {
            connection.Application.OnLoopEnded(new ObjectDisposedException("The endpoint loop ended.", defect));
            connection.Quic.Dispose();
        }
        _quic.Dispose();
        _socket.Dispose();
    }

    private static TimeSpan? Earlier(TimeSpan? one, TimeSpan? other) => one < other ? one : other ?? one;

    // A deadline that moved back is noticed when the earlier one comes up.
    private void Schedule(LoopConnection connection)
    {
        if (connection.NextTimeout is { } next)
        {
            _timers.Add(connection, next);
        }
    }

    private LoopConnection Connect(
        PathTable paths,
        PathEntry entry,
        string serverName,
        IConnectionApplication application,
        IPathSteering? steering,
        TimeSpan now)
    {
        var quic = _quic.Connect(
            serverName,
            entry.PathId,
            PathEntry.LeastDatagramBytes,
            entry.Headroom,
            now,
            ticket: null,
            entry.MaxProbedDatagramBytes);
        _offload?.Bind(quic);
        return Attach(quic, paths, application, steering, now);
    }

    private LoopConnection Attach(
        QuicConnection quic,
        PathTable paths,
        IConnectionApplication application,
        IPathSteering? steering,
        TimeSpan now)
    {
        var connection = new LoopConnection(this, quic, paths, application, steering);
        _connections.Add(connection);
        application.Attach(connection, now);
        MarkDirty(connection);
        return connection;
    }

    private void Remove(LoopConnection connection)
    {
        _connections.Remove(connection);
        _timers.Remove(connection);
        connection.Quic.Dispose();
    }
}
