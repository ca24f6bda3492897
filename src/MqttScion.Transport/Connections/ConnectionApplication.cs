using MqttScion.Quic;
using MqttScion.Udp;

namespace MqttScion.Transport;

/// <summary>
/// Gives the streams and datagrams of a connection to the outside, streams as pipes. Lives on the loop; the members
/// that other threads may call say so.
/// </summary>
internal sealed partial class ConnectionApplication(ConnectionApplicationOptions options) : IDialedApplication
{
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<Exception> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private LoopConnection? _connection;
    private Exception? _closed;
    private PendingClose? _pendingClose;
    private CloseWork? _earlyClose;

    /// <summary>The peer.</summary>
    public ServerAddress Remote => options.Remote;

    /// <summary>The connection's own; completes with it.</summary>
    public StatisticsFeed? Statistics => options.Statistics;

    /// <summary>Completes with the handshake; fails when the connection ends before.</summary>
    public Task Ready => _ready.Task;

    /// <summary>Completes with the reason when the connection is over.</summary>
    public Task<Exception> Ended => _ended.Task;

    /// <summary>The peer's certificate (DER), or null when it has none. Known once <see cref="Ready"/>.</summary>
    public byte[]? PeerCertificate { get; private set; }

    /// <summary>The application protocol that was agreed on. Known once <see cref="Ready"/>.</summary>
    public string? ApplicationProtocol { get; private set; }

    public TimeSpan? NextTimeout => _closed is null ? _pendingClose?.Stall.Due : null;

    public bool IsFinished => _closed is not null && IsEveryInputDone && (_waiting is null or { Count: 0 });

    public void Attach(LoopConnection connection, TimeSpan now)
    {
        // A full fence: either the loop sees that it was closed already, or who closes it sees the connection.
        Interlocked.Exchange(ref _connection, connection);
        Volatile.Read(ref _earlyClose)?.Run(now);
    }

    /// <summary>
    /// Tells the peer, which else would keep a place for us until its own patience ends. Completes in the loop's turn
    /// that sends it.
    /// </summary>
    public Task AbandonAsync()
    {
        Close(0, "the attempt was given up");
        return Ended;
    }

    /// <summary>Closes at once; what is in flight is lost. Callable from any thread.</summary>
    public void Close(ulong code, string reason) => Close(new CloseWork(this, code, reason, StallTimeout: null));

    /// <summary>
    /// Closes once the peer has acknowledged all output that was completed, or when it acknowledges nothing for a time:
    /// a slow peer is waited for, a stuck one is not. Callable from any thread.
    /// </summary>
    public void CloseWhenDelivered(ulong code, string reason, TimeSpan stallTimeout) =>
        Close(new CloseWork(this, code, reason, stallTimeout));

    /// <summary>Nobody uses the streams any more. Callable from any thread.</summary>
    public void Release() => _connection?.Post(new ReleaseWork(this));

    public void OnEvent(in QuicEvent e, TimeSpan now)
    {
        switch (e.Kind)
        {
            case QuicEventKind.HandshakeCompleted:
                (PeerCertificate, ApplicationProtocol) =
                    (_connection!.Quic.PeerCertificate, _connection.Quic.ApplicationProtocol);
                _ready.TrySetResult();
                break;
            case QuicEventKind.StreamOpened when _closed is null:
                OnStreamOpened(e.StreamId);
                break;
            case QuicEventKind.StreamReadable or QuicEventKind.StreamWritable or QuicEventKind.StreamReset
                or QuicEventKind.StreamStopped:
                if (_pipes?.TryGetValue(e.StreamId, out var pipe) == true)
                {
                    MarkDue(pipe);
                }
                break;
            case QuicEventKind.DatagramReceived:
                TakeDatagrams();
                break;
            case QuicEventKind.Closed:
                End(new QuicConnectionException(options.Remote, e.Close!));
                break;
        }
    }

    public void Pump(TimeSpan now)
    {
        OpenRequested(_openingBidirectional, isBidirectional: true);
        OpenRequested(_openingUnidirectional, isBidirectional: false);
        PumpStreams();
        NoteDatagramSize();
        if (_pendingClose is { } close && _closed is null && IsEverythingDelivered)
        {
            _pendingClose = null;
            _connection!.Quic.Close(close.Code, close.Reason, now);
        }
    }

    public void OnTimeout(TimeSpan now)
    {
        if (_pendingClose is { } close && close.Stall.IsStalled(AcknowledgedBytes, now))
        {
            _pendingClose = null;
            _connection!.Quic.Close(close.Code, close.Reason, now);
        }
    }

    public void OnLoopEnded(Exception cause)
    {
        End(cause);
        AbortStreams();
    }

    private void Close(CloseWork work)
    {
        Interlocked.CompareExchange(ref _earlyClose, work, null);
        _connection?.Post(work);
    }

    private void End(Exception cause)
    {
        if (_closed is not null)
        {
            return;
        }
        _closed = cause;
        _ready.TrySetException(cause);
        _ = _ready.Task.Exception; // Seen: nobody may have waited for it.
        EndStreams();
        EndDatagrams();
        _ended.TrySetResult(cause);
        Statistics?.Dispose();
    }

    private readonly record struct PendingClose(ulong Code, string Reason, StallTimer Stall);

    private sealed record ReleaseWork(ConnectionApplication Owner) : ILoopWork
    {
        public void Run(TimeSpan now)
        {
            Owner._closed ??= new ObjectDisposedException(nameof(ScionQuicConnection));
            Owner.AbortStreams();
            Owner._connection!.MarkDirty();
        }
    }

    private sealed record CloseWork(ConnectionApplication Owner, ulong Code, string Reason, TimeSpan? StallTimeout)
        : ILoopWork
    {
        public void Run(TimeSpan now)
        {
            if (Owner._closed is not null)
            {
                return;
            }
            if (StallTimeout is { } timeout)
            {
                Owner._pendingClose ??= new PendingClose(
                    Code, Reason, new StallTimer(timeout, Owner.AcknowledgedBytes, now));
                Owner.MarkAllDue(); // The end of an output may have been written a moment ago.
            }
            else
            {
                Owner._connection!.Quic.Close(Code, Reason, now);
            }
            Owner._connection!.MarkDirty();
        }
    }
}
