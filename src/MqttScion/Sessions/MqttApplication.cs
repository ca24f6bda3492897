using MqttScion.Mqtt;
using MqttScion.Quic;
using MqttScion.Udp;

namespace MqttScion;

/// <summary>
/// A client's MQTT connection: the session on the first bidirectional stream, and data streams beside it where they
/// are asked for. Lives on the loop; the members that other threads may call say so.
/// </summary>
internal sealed partial class MqttApplication : IDialedApplication, ISubscriptionLink, ILoopWork
{
    private static readonly TimeSpan CloseTimeout = TimeSpan.FromSeconds(2);

    // How long the server may take to get on with our answers and the data streams before DISCONNECT cuts them off.
    private static readonly TimeSpan GoodbyeTimeout = CloseTimeout / 2;

    private readonly ClientSession _state;
    private readonly SubscriptionHub _hub;
    private readonly Outbox _outbox;
    private readonly MqttEndPoint _server;
    private readonly IMqttAuthenticator? _authenticator;
    private readonly byte[]? _authenticationData;
    private readonly List<SubscribeStep> _steps = [];
    private readonly Queue<(ushort PacketId, Task Stored)> _releases = new();
    private readonly TaskCompletionSource<MqttClientConnectResult> _connected =
        new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<Exception?> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private MqttStream _control = null!; // From Attach on, before anything else can happen.
    private IMqttTransport? _connection;
    private MqttDisconnectReasonCode? _disconnectReason;
    private TimeSpan? _closeAt;
    private TimeSpan? _goodbyeAt;
    private bool _endsSession;
    private Exception? _cause;
    private TimeSpan _lastNow;
    private bool _hasEnded;
    private bool _isLingering;
    private int _pumpPosted;
    private int _isAbandoned;

    public MqttApplication(
        ClientSession state,
        MqttEndPoint server,
        SubscriptionHub hub,
        Outbox outbox,
        StatisticsFeed? statistics,
        IMqttAuthenticator? authenticator = null,
        byte[]? authenticationData = null)
    {
        Statistics = statistics;
        _state = state;
        _server = server;
        _hub = hub;
        _outbox = outbox;
        _authenticator = authenticator;
        _authenticationData = authenticationData;
        _mayUse = authenticator is null;
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
            var session = _hasEnded || _control is null ? null : _control.Session.NextTimeout;
            return Earliest(Earliest(session, _closeAt), _goodbyeAt);
        }
    }

    public bool IsFinished => _hasEnded;

    public bool IsGone => Volatile.Read(ref _hasEnded);

    /// <summary>The connection is on its loop now; called once, before anything else.</summary>
    public void Attach(IMqttTransport connection, TimeSpan now)
    {
        var session = _state.Begin(_server, _authenticationData, now);
        _control = new MqttStream(this, session, _hub, _state.ReceiveMaximum, _state.Publishes, _state.Deliveries);
        _streams.Add(_control);
        _lanes = [.. Enumerable.Repeat(_control, 1 + _state.DataStreams)];
        _lastNow = _attachedAt = now;
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
        // The caller has locked what it put something into, a full fence, and the loop locks that after it has taken
        // the mark back: whoever finds the mark may leave it at that.
        if (Volatile.Read(ref _pumpPosted) == 0 && Interlocked.Exchange(ref _pumpPosted, 1) == 0)
        {
            _connection?.Post(this);
        }
    }

    /// <summary>Ends the connection without an answer to a message. Callable from any thread.</summary>
    public void GiveBack(Delivery delivery) => Post(now =>
    {
        if (!_hasEnded && _closeAt is null)
        {
            var text = $"Every consumer of a message on '{delivery.Message.Topic}' failed, and OnObserverFailure is "
                + $"{ObserverFailureAction.Disconnect}.";
            Fail(new MqttSessionEndedException(MqttDisconnectReasonCode.NormalDisconnection, text), now);
            _control.Session.Disconnect(MqttDisconnectReasonCode.NormalDisconnection, now);
        }
    });

    /// <summary>Ends the connection in order, also one that is not on its loop yet. Callable from any thread.</summary>
    /// <param name="reason">The reason code of the DISCONNECT.</param>
    /// <param name="endsSession">True: the server need not keep the session any longer.</param>
    public void Disconnect(MqttDisconnectReasonCode reason, bool endsSession = false)
    {
        Interlocked.Exchange(ref _isAbandoned, 1); // A full fence: either we see the connection or Attach sees this.
        _connection?.Post(new Command(this, now =>
        {
            _disconnectReason ??= reason;
            _closeAt ??= now + CloseTimeout;
            if (_control.Session.State is MqttSessionState.Connected)
            {
                _mayUse = false;
                _endsSession = endsSession;
                _goodbyeAt ??= now + GoodbyeTimeout;
            }
            else
            {
                CloseConnection(now);
            }
        }));
    }

    public void OnEvent(in QuicEvent e, TimeSpan now)
    {
        _lastNow = now;
        switch (e.Kind)
        {
            case QuicEventKind.HandshakeCompleted:
                _handshakeAt = now;
                // The server's certificate is verified by now. Whether the server takes ours, its answer to the CONNECT
                // tells.
                if (_connection!.TryOpenStream(out var stream))
                {
                    stream.Prefer();
                    _control.Bytes = stream;
                    _control.Session.Connect(now);
                }
                else
                {
                    Fail(new MqttSessionEndedException(
                        MqttDisconnectReasonCode.ImplementationSpecificError,
                        "The server allows no bidirectional stream."), now);
                }
                break;
            case QuicEventKind.Closed:
                End(_disconnectReason is null
                    ? _cause ?? new QuicConnectionException(_server, e.Close!, MqttQuicErrorCodes.NameOf)
                    : null);
                break;
        }
    }

    public void Pump(TimeSpan now)
    {
        if (_control?.Bytes is null || _hasEnded)
        {
            return;
        }
        _lastNow = now;
        foreach (var stream in _streams)
        {
            stream.SendAnswers(now);
        }
        Receive(now);
        SendReleases(now);
        do
        {
            RunRequests(now);
            TakeFromOutbox(now);
        }
        while (Send(now));
        foreach (var stream in _streams)
        {
            stream.ForgetAnswered();
        }
        Close(now);
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
        else if (_goodbyeAt <= now)
        {
            SayGoodbye(now);
        }
        else if (!_hasEnded)
        {
            _control.Session.OnTimeout(now);
            DrainEvents(_control, now);
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
        for (var i = 0; i < _streams.Count; i++) // The CONNACK adds to them.
        {
            while (_streams[i].TryReceive(now))
            {
                DrainEvents(_streams[i], now);
            }
        }
        EndStreamsOfPeer(now);
        if (_control.IsEndedByPeer && _closeAt is null && !_hasEnded)
        {
            // The peer closes next, and its code says why: wait for it before we close ourselves.
            _isLingering = true;
            _closeAt = now + CloseTimeout;
        }
    }

    private void Post(Action<TimeSpan> run) => _connection?.Post(new Command(this, run));

    // The session refuses requests while its output is high or publishes have all packet identifiers; such a refusal
    // would end the subscription.
    private void RunRequests(TimeSpan now)
    {
        foreach (var stream in _streams)
        {
            while (_mayUse && stream.CanRequest && stream.Requests.TryDequeue(out var request))
            {
                request(now);
                DrainEvents(stream, now);
            }
        }
    }

    private void TakeFromOutbox(TimeSpan now)
    {
        while (_mayUse && OpenLanes() is var lanes and not 0 && _outbox.Take(lanes) is { } pending)
        {
            var stream = _lanes[pending.Lane];
            stream.Publishes.Add(Publish(stream, pending, now), pending);
            DrainEvents(stream, now);
        }
    }

    private uint OpenLanes()
    {
        var lanes = 0u;
        for (var lane = 0; lane < _lanes.Length; lane++)
        {
            lanes |= _lanes[lane].CanPublish ? 1u << lane : 0;
        }
        return lanes;
    }

    /// <summary>True when a stream took something, so that there may be room for more.</summary>
    private bool Send(TimeSpan now)
    {
        var hasSent = false;
        foreach (var stream in _streams)
        {
            while (stream.TrySend())
            {
                hasSent = true;
            }
            DrainEvents(stream, now);
        }
        return hasSent;
    }

    private void Close(TimeSpan now)
    {
        if (_goodbyeAt is not null)
        {
            FinishDataStreams(now);
        }
        if (_goodbyeAt is null && _closeAt is not null && !_isLingering && _control.Session.OutputBytes == 0)
        {
            _control.Bytes!.Finish();
            if (_control.Bytes.IsEverythingAcknowledged)
            {
                CloseConnection(now);
            }
        }
    }

    // A server that gets DISCONNECT forgets what is still on the way on other streams. Its own end of a data stream
    // says that it has handled all of it.
    private void FinishDataStreams(TimeSpan now)
    {
        foreach (var stream in _streams)
        {
            if (!stream.IsControl && stream.Session.OutputBytes == 0)
            {
                stream.Bytes!.Finish();
            }
        }
        // What consumers have acknowledged goes out first, as far as there is room.
        if (_streams.Count == 1 && _control.Session.OutputBytes == 0)
        {
            SayGoodbye(now);
        }
    }

    private void SayGoodbye(TimeSpan now)
    {
        _goodbyeAt = null;
        _control.SendAnswers(now);
        _control.Session.Disconnect(_disconnectReason!.Value, now, _endsSession ? TimeSpan.Zero : null);
        Send(now);
    }

    private void DrainEvents(MqttStream stream, TimeSpan now)
    {
        while (stream.Session.TryGetEvent(out var e))
        {
            Observe(stream, e, now);
            switch (e.Kind)
            {
                case MqttEventKind.Connected:
                    OnConnected(e.ConnectResult!);
                    break;
                case MqttEventKind.ConnectRefused:
                    Fail(new MqttConnectRefusedException(e.ConnectResult!), now);
                    break;
                case MqttEventKind.PublishCompleted when stream.Publishes.Remove(e.Token, out var publish):
                    _outbox.Complete(publish, e.PublishResult!);
                    break;
                case MqttEventKind.PublishReleased when stream.Publishes.TryGetValue(e.Token, out var released):
                    StoreRelease(released, e.PacketId);
                    break;
                case MqttEventKind.SubscribeCompleted when stream.Subscribes.Remove(e.Token, out var asked):
                    // At the end of a session the server's answer is only due: the filter is sent again on the next
                    // one.
                    if (!e.SubscribeResult!.IsLocal || stream.Session.State != MqttSessionState.Closed)
                    {
                        LeaveFormer(asked);
                        _hub.OnSubscribed(asked.Subscription, asked.Step, e.SubscribeResult);
                    }
                    break;
                case MqttEventKind.UnsubscribeCompleted when stream.Unsubscribes.Remove(e.Token, out var left):
                    if (!e.UnsubscribeResult!.IsLocal)
                    {
                        _hub.OnUnsubscribed(left.Filter, left.Number, e.UnsubscribeResult);
                    }
                    break;
                case MqttEventKind.MessageReceived:
                    stream.OnMessage(e.Message!, e.PacketId);
                    break;
                case MqttEventKind.AuthenticationRequired:
                    AnswerChallenge(e.Authentication!);
                    break;
                case MqttEventKind.ReAuthenticated:
                    FinishReAuthentication(e.Authentication!);
                    break;
                case MqttEventKind.Disconnected or MqttEventKind.Failed when _disconnectReason is null && !_hasEnded:
                    OnSessionEnded(stream, e.End!, now);
                    break;
            }
        }
    }

    // A broken rule on a data stream is the end of the connection too [MQTT-4.13.1-1]; a data stream that only ended
    // is not.
    private void OnSessionEnded(MqttStream stream, MqttSessionEnd end, TimeSpan now)
    {
        if (stream.IsControl)
        {
            Fail(new MqttSessionEndedException(end, Describe(end)), now);
        }
        else if (end.Cause != MqttSessionEndCause.TransportClosed)
        {
            Fail(new MqttSessionEndedException(end, Describe(end)), now);
            _control.Session.Disconnect(end.ReasonCode, now);
        }
    }

    // PUBREL goes out when the store knows that the server has the message: after a crash it must not be sent again.
    private void StoreRelease(PendingPublish pending, ushort packetId)
    {
        if (!pending.IsStored)
        {
            return;
        }
        var stored = _outbox.ReleaseAsync(pending);
        _releases.Enqueue((packetId, stored));
        _ = NotifyWhenAsync(stored);
    }

    private async Task NotifyWhenAsync(Task stored)
    {
        await stored.ConfigureAwait(false);
        Notify();
    }

    // [MQTT-4.6.0-4]: PUBREL packets leave in the order in which the PUBRECs came.
    private void SendReleases(TimeSpan now)
    {
        while (_releases.TryPeek(out var next) && next.Stored.IsCompleted)
        {
            _control.Session.Release(_releases.Dequeue().PacketId, now);
        }
    }

    private string Describe(MqttSessionEnd end) => end.Cause == MqttSessionEndCause.DisconnectedByServer
        ? $"The server behind {_server} sent DISCONNECT: {end.ReasonCode} (0x{(int)end.ReasonCode:x2})"
            + (end.Reason.Length > 0 ? $", '{end.Reason}'." : ".") + _state.DescribeUnanswered()
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
            _connection!.Close(now);
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
        _connected.TrySetException(cause ?? new MqttNotConnectedException("Disconnected while connecting."));
        _ = _connected.Task.Exception; // Seen: nobody waits for it when the connection had been up.
        _hub.OnDisconnected(this);
        if (_control is not null)
        {
            _control.Session.OnTransportClosed(cause?.Message ?? "");
            foreach (var stream in _streams)
            {
                DrainEvents(stream, _lastNow);
                if (!stream.IsControl)
                {
                    GiveBack(stream);
                }
            }
            _state.Suspend(_control.Session, _lastNow);
        }
        FailReAuthentication(cause);
        _ended.TrySetResult(cause);
    }

    private static TimeSpan? Earliest(TimeSpan? a, TimeSpan? b) =>
        a is null ? b : b is null ? a : a < b ? a : b;

    private sealed class Command(MqttApplication owner, Action<TimeSpan> run) : ILoopWork
    {
        public void Run(TimeSpan now)
        {
            run(now);
            owner._connection!.MarkDirty();
        }
    }
}
