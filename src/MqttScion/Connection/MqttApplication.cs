using MqttScion.Mqtt;
using MqttScion.Quic;
using MqttScion.Scion;

namespace MqttScion;

/// <summary>
/// A client's MQTT session on the first bidirectional stream of a QUIC connection. Lives on the loop; the members that
/// other threads may call say so.
/// </summary>
internal sealed class MqttApplication : IConnectionApplication, ILoopWork
{
    // How much encoded output may wait for the stream before publishes are left in the outbox.
    private const int OutputBoundBytes = 256 * 1024;

    private static readonly TimeSpan CloseTimeout = TimeSpan.FromSeconds(2);

    private readonly MqttSession _session;
    private readonly SubscriptionHub _hub;
    private readonly Outbox _outbox;
    private readonly ScionEndPoint _server;
    private readonly Dictionary<int, PendingPublish> _publishes = [];
    private readonly Dictionary<int, Subscription> _subscribes = [];
    private readonly Queue<Action<TimeSpan>> _requests = new();
    private readonly byte[] _buffer = GC.AllocateUninitializedArray<byte>(64 * 1024);
    private readonly TaskCompletionSource<MqttClientConnectResult> _connected =
        new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<Exception?> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private LoopConnection? _connection;
    private QuicStream? _stream;
    private MqttDisconnectReasonCode? _disconnectReason;
    private TimeSpan? _closeAt;
    private Exception? _cause;
    private bool _hasEnded;
    private bool _isLingering;
    private int _pumpPosted;
    private int _isAbandoned;

    public MqttApplication(
        MqttSessionOptions options,
        ScionEndPoint server,
        SubscriptionHub hub,
        Outbox outbox,
        StatisticsFeed? statistics)
    {
        Statistics = statistics;
        _session = new MqttSession(options);
        _server = server;
        _hub = hub;
        _outbox = outbox;
    }

    /// <summary>The server's answer to the CONNECT, or why there is none.</summary>
    public Task<MqttClientConnectResult> Connected => _connected.Task;

    /// <summary>Completes when the connection is over: null after an orderly disconnect, else the cause.</summary>
    public Task<Exception?> Ended => _ended.Task;

    /// <summary>The client's, which outlives the connection.</summary>
    public StatisticsFeed? Statistics { get; }

    public TimeSpan? NextTimeout
    {
        get
        {
            var session = _hasEnded ? null : _session.NextTimeout;
            return session is null || _closeAt < session ? _closeAt : session;
        }
    }

    public bool IsFinished => _hasEnded;

    public void Attach(LoopConnection connection, TimeSpan now)
    {
        _connection = connection;
        Interlocked.MemoryBarrier();
        if (Volatile.Read(ref _isAbandoned) != 0)
        {
            Disconnect(MqttDisconnectReasonCode.NormalDisconnection);
        }
    }

    /// <summary>There is something in the outbox. Callable from any thread.</summary>
    public void Notify()
    {
        if (Interlocked.Exchange(ref _pumpPosted, 1) == 0)
        {
            _connection?.Post(this);
        }
    }

    /// <summary>Sends SUBSCRIBE. Callable from any thread.</summary>
    public void Subscribe(Subscription subscription) => Request(now =>
    {
        uint? id = _session.ConnectResult?.SubscriptionIdentifiersAvailable == true ? subscription.Id : null;
        _subscribes.Add(_session.Subscribe([subscription.Filter], id, now), subscription);
    });

    /// <summary>Sends UNSUBSCRIBE. Callable from any thread.</summary>
    public void Unsubscribe(string filter) => Request(now => _session.Unsubscribe([filter], now));

    /// <summary>Acknowledges a message. Callable from any thread.</summary>
    public void Acknowledge(ushort packetId, MqttClientPublishReasonCode reason) =>
        _connection?.Post(new Command(this, now =>
        {
            if (!_hasEnded)
            {
                _session.Acknowledge(packetId, reason, now);
            }
        }));

    /// <summary>Ends the session in order, also one that is not on its loop yet. Callable from any thread.</summary>
    public void Disconnect(MqttDisconnectReasonCode reason)
    {
        Interlocked.Exchange(ref _isAbandoned, 1); // A full fence: either we see the connection or Attach sees this.
        _connection?.Post(new Command(this, now =>
        {
            _disconnectReason ??= reason;
            _closeAt ??= now + CloseTimeout;
            if (_session.State is MqttSessionState.Connected)
            {
                _session.Disconnect(reason, now);
            }
            else
            {
                CloseConnection(now);
            }
        }));
    }

    public void OnEvent(in QuicEvent e, TimeSpan now)
    {
        switch (e.Kind)
        {
            case QuicEventKind.HandshakeCompleted:
                // The server's certificate is verified by now. Whether the server takes ours, its answer to the CONNECT
                // tells.
                if (_connection!.Quic.TryOpenStream(bidirectional: true, out _stream))
                {
                    _session.Connect(now);
                }
                else
                {
                    Fail(new MqttSessionEndedException(
                        MqttDisconnectReasonCode.ImplementationSpecificError,
                        "The server allows no bidirectional stream."), now);
                }
                break;
            case QuicEventKind.Closed:
                End(_disconnectReason is null ? _cause ?? new QuicConnectionException(_server, e.Close!) : null);
                break;
        }
    }

    public void Pump(TimeSpan now)
    {
        if (_stream is null || _hasEnded)
        {
            return;
        }
        Receive(now);
        TakeFromOutbox(now);
        Send(now);
    }

    public void OnTimeout(TimeSpan now)
    {
        if (_closeAt <= now)
        {
            _closeAt = null;
            if (_isLingering)
            {
                _cause ??= new MqttSessionEndedException(
                    MqttDisconnectReasonCode.UnspecifiedError,
                    $"{_server} ended the MQTT stream without a DISCONNECT.");
            }
            CloseConnection(now);
        }
        else if (!_hasEnded)
        {
            _session.OnTimeout(now);
            DrainEvents(now);
        }
    }

    public void OnLoopEnded(Exception cause) => End(_disconnectReason is null ? _cause ?? cause : null);

    void ILoopWork.Run(TimeSpan now)
    {
        Volatile.Write(ref _pumpPosted, 0);
        _connection!.MarkDirty();
    }

    private void Receive(TimeSpan now)
    {
        int count;
        // A server that ignores our Receive Maximum is held back by flow control; one that keeps it never gets there,
        // and its answers to our own packets are never left unread.
        while (!_session.IsOverReceiveMaximum && (count = _stream!.Read(_buffer)) > 0)
        {
            _session.Receive(_buffer.AsSpan(0, count), now);
            DrainEvents(now);
        }
        if ((_stream!.IsReadFinished || _stream.PeerResetCode is not null) && _closeAt is null && !_hasEnded)
        {
            // The peer closes next, and its code says why: wait for it before we close ourselves.
            _isLingering = true;
            _closeAt = now + CloseTimeout;
        }
    }

    private void Request(Action<TimeSpan> request) =>
        _connection?.Post(new Command(this, _ => _requests.Enqueue(request)));

    // The session refuses requests while its output is high; such a refusal would end the subscription.
    private void RunRequests(TimeSpan now)
    {
        while (_session.State is MqttSessionState.Connected
            && _session.PendingOutput.Length < OutputBoundBytes
            && _requests.TryDequeue(out var request))
        {
            request(now);
            DrainEvents(now);
        }
    }

    private void TakeFromOutbox(TimeSpan now)
    {
        RunRequests(now);
        while (_session.State is MqttSessionState.Connected
            && _session.CanPublish
            && _session.PendingOutput.Length < OutputBoundBytes
            && _outbox.Take() is { } pending)
        {
            _publishes.Add(_session.Publish(pending.Message, now), pending);
            DrainEvents(now);
        }
    }

    private void Send(TimeSpan now)
    {
        while (_session.PendingOutput.Length > 0)
        {
            var count = _stream!.Write(_session.PendingOutput);
            if (count == 0)
            {
                return;
            }
            _session.ConsumeOutput(count);
            TakeFromOutbox(now);
        }
        if (_closeAt is null || _isLingering)
        {
            return;
        }
        _stream!.Finish();
        if (_stream.IsEverythingAcknowledged)
        {
            CloseConnection(now);
        }
    }

    private void DrainEvents(TimeSpan now)
    {
        while (_session.TryGetEvent(out var e))
        {
            switch (e.Kind)
            {
                case MqttEventKind.Connected:
                    _hub.OnConnected(this);
                    _connected.TrySetResult(e.ConnectResult!);
                    break;
                case MqttEventKind.ConnectRefused:
                    Fail(new MqttConnectRefusedException(e.ConnectResult!), now);
                    break;
                case MqttEventKind.PublishCompleted when _publishes.Remove(e.Token, out var publish):
                    publish.Complete(e.PublishResult!);
                    break;
                case MqttEventKind.SubscribeCompleted when _subscribes.Remove(e.Token, out var subscription):
                    // At the end of a session the server's answer is only due: the filter is sent again on the next
                    // one.
                    if (!e.SubscribeResult!.IsLocal || _session.State != MqttSessionState.Closed)
                    {
                        _hub.OnSubscribed(subscription, e.SubscribeResult);
                    }
                    break;
                case MqttEventKind.MessageReceived:
                    _hub.OnMessage(this, e.Message!, e.PacketId);
                    break;
                case MqttEventKind.Disconnected or MqttEventKind.Failed when _disconnectReason is null:
                    Fail(new MqttSessionEndedException(e.End!.ReasonCode, Describe(e.End)), now);
                    break;
            }
        }
    }

    private string Describe(MqttSessionEnd end) => end.Cause == MqttSessionEndCause.DisconnectedByServer
        ? $"The server behind {_server} sent DISCONNECT: {end.ReasonCode} (0x{(int)end.ReasonCode:x2})"
            + (end.Reason.Length > 0 ? $", '{end.Reason}'." : ".")
        : $"The MQTT session with {_server} failed: {end.Reason}";

    // Remembers the cause and closes in order, so that a DISCONNECT that tells the server why still gets out.
    private void Fail(Exception cause, TimeSpan now)
    {
        _cause ??= cause;
        _connected.TrySetException(cause);
        _closeAt ??= now + CloseTimeout;
        _connection!.MarkDirty();
    }

    private void CloseConnection(TimeSpan now)
    {
        if (!_hasEnded)
        {
            _connection!.Quic.Close(applicationErrorCode: 0, "", now);
            _connection.MarkDirty();
        }
    }

    private void End(Exception? cause)
    {
        if (_hasEnded)
        {
            return;
        }
        _hasEnded = true;
        _closeAt = null;
        _hub.OnDisconnected(this);
        foreach (var pending in _publishes.Values)
        {
            _outbox.Return(pending);
        }
        _publishes.Clear();
        _connected.TrySetException(cause ?? new MqttNotConnectedException("Disconnected while connecting."));
        _ = _connected.Task.Exception; // Seen: nobody waits for it when the connection had been up.
        _ended.TrySetResult(cause);
    }

    private sealed class Command(MqttApplication owner, Action<TimeSpan> run) : ILoopWork
    {
        public void Run(TimeSpan now)
        {
            run(now);
            owner._connection!.MarkDirty();
        }
    }
}
