using MqttScion.Quic;
using MqttScion.Udp;

namespace MqttScion;

/// <summary>
/// Gives the bidirectional streams of a connection to the outside as pipes, in most uses the first alone: the proxy's
/// side of a client, and the transport that other MQTT clients can use. Lives on the loop; the members that other
/// threads may call say so.
/// </summary>
internal sealed class PipeApplication : IConnectionApplication
{
    private readonly PipeApplicationOptions _options;
    private readonly TaskCompletionSource<StreamPipe> _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<Exception> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private LoopConnection? _connection;
    private readonly List<StreamPipe> _further = [];
    private StreamPipe? _pipe;
    private Exception? _closed;
    private PendingClose? _pendingClose;
    private bool _isRefused;
    private TimeSpan? _streamDue;

    public PipeApplication(PipeApplicationOptions options)
    {
        _options = options;
        Statistics = options.Statistics;
    }

    /// <summary>The connection's own; completes with it.</summary>
    public StatisticsFeed? Statistics { get; }

    /// <summary>The stream, once there is one; fails when the connection ends before.</summary>
    public Task<StreamPipe> Opened => _opened.Task;

    /// <summary>The peer's certificate (DER), or null when it has none. Known by the time a stream is.</summary>
    public byte[]? PeerCertificate { get; private set; }

    /// <summary>The peer.</summary>
    public MqttEndPoint Remote => _options.Remote;

    /// <summary>Completes with the reason when the connection is over.</summary>
    public Task<Exception> Ended => _ended.Task;

    public TimeSpan? NextTimeout => _closed is null ? _pendingClose?.Stall.Due ?? _streamDue : null;

    public bool IsFinished =>
        _closed is not null && _pipe is null or { IsInputDone: true } && _further.TrueForAll(p => p.IsInputDone);

    public void Attach(LoopConnection connection, TimeSpan now) => _connection = connection;

    /// <summary>Closes at once; what is in flight is lost. Callable from any thread.</summary>
    public void Close(ulong code, string reason) =>
        _connection?.Post(new CloseWork(this, code, reason, StallTimeout: null));

    /// <summary>
    /// Closes once the peer has acknowledged all output (which must be completed), or when it acknowledges nothing for
    /// a time: a slow peer is waited for, a stuck one is not. Callable from any thread.
    /// </summary>
    public void CloseWhenDelivered(ulong code, string reason, TimeSpan stallTimeout) =>
        _connection?.Post(new CloseWork(this, code, reason, stallTimeout));

    public void OnEvent(in QuicEvent e, TimeSpan now)
    {
        switch (e.Kind)
        {
            case QuicEventKind.HandshakeCompleted when _options.RequiresPeerCertificate
                && _connection!.Quic.PeerCertificate is null:
                // The first data may have come together with the end of the handshake: its event comes before Closed.
                _isRefused = true;
                _connection.Quic.Close(ProxyErrorCodes.NoClientCertificate, "no client certificate", now);
                break;
            case QuicEventKind.HandshakeCompleted when _options.OpensStream:
                OpenStream(now);
                break;
            case QuicEventKind.HandshakeCompleted:
                _streamDue = now + _options.FirstStreamTimeout;
                break;
            case QuicEventKind.StreamOpened when !_options.OpensStream && _closed is null && !_isRefused:
                if (_connection!.Quic.TryGetStream(e.StreamId, out var stream) && stream.IsBidirectional)
                {
                    Take(stream);
                }
                break;
            case QuicEventKind.Closed:
                End(new QuicConnectionException(_options.Remote, e.Close!));
                break;
        }
    }

    public void Pump(TimeSpan now)
    {
        _pipe?.Pump(_closed);
        PumpFurther();
        if (_pendingClose is { } close && _closed is null && _pipe is null or { IsEverythingDelivered: true })
        {
            _pendingClose = null;
            _connection!.Quic.Close(close.Code, close.Reason, now);
        }
    }

    public void OnTimeout(TimeSpan now)
    {
        if (_streamDue <= now)
        {
            _streamDue = null;
            _connection!.Quic.Close(ProxyErrorCodes.NoStream, "no stream was opened in time", now);
        }
        if (_pendingClose is { } close && close.Stall.IsStalled(_pipe?.AcknowledgedBytes ?? 0, now))
        {
            _pendingClose = null;
            _connection!.Quic.Close(close.Code, close.Reason, now);
        }
    }

    public void OnLoopEnded(Exception cause)
    {
        End(cause);
        _pipe?.Abort(_closed!);
        _further.ForEach(p => p.Abort(_closed!));
    }

    private void PumpFurther()
    {
        for (var i = _further.Count - 1; i >= 0; i--)
        {
            _further[i].Pump(_closed);
            if (_further[i] is { IsInputDone: true, IsOutputDone: true })
            {
                _further.RemoveAt(i);
            }
        }
    }

    private void Take(QuicStream stream)
    {
        if (_pipe is null)
        {
            Open(stream);
        }
        else if (_options.OnFurtherStream is { } take)
        {
            _further.Add(new StreamPipe(_connection!, stream, _options.Remote, _options.BufferBytes));
            take(stream.Id, _further[^1]);
        }
    }

    private void OpenStream(TimeSpan now)
    {
        if (_connection!.Quic.TryOpenStream(bidirectional: true, out var stream))
        {
            Open(stream);
        }
        else
        {
            _connection.Quic.Close(ProxyErrorCodes.ProtocolError, "the peer allows no bidirectional stream", now);
        }
    }

    private void Open(QuicStream stream)
    {
        _streamDue = null;
        PeerCertificate = _connection!.Quic.PeerCertificate;
        _pipe = new StreamPipe(_connection, stream, _options.Remote, _options.BufferBytes);
        _opened.TrySetResult(_pipe);
    }

    private void End(Exception cause)
    {
        _closed ??= cause;
        _opened.TrySetException(_closed);
        _ = _opened.Task.Exception; // Seen: the stream may never have been asked for.
        _ended.TrySetResult(_closed);
        Statistics?.Dispose();
    }

    private readonly record struct PendingClose(ulong Code, string Reason, StallTimer Stall);

    private sealed record CloseWork(PipeApplication Owner, ulong Code, string Reason, TimeSpan? StallTimeout)
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
                    Code, Reason, new StallTimer(timeout, Owner._pipe?.AcknowledgedBytes ?? 0, now));
            }
            else
            {
                Owner._connection!.Quic.Close(Code, Reason, now);
            }
            Owner._connection!.MarkDirty();
        }
    }
}
