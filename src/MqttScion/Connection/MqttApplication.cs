using MqttScion.Mqtt;
using MqttScion.Quic;

namespace MqttScion;

/// <summary>
/// A client's MQTT session on the first bidirectional stream of a connection. Lives on the loop; the members that
/// other threads may call say so.
/// </summary>
internal sealed partial class MqttApplication : IConnectionApplication, ISubscriptionLink, ILoopWork
{
    // How much encoded output may wait for the stream before publishes are left in the outbox.
    private const int OutputBoundBytes = 256 * 1024;

    private static readonly TimeSpan CloseTimeout = TimeSpan.FromSeconds(2);

    private readonly ClientSession _state;
    private readonly SubscriptionHub _hub;
    private readonly Outbox _outbox;
    private readonly MqttEndPoint _server;
    private readonly IMqttAuthenticator? _authenticator;
    private readonly byte[]? _authenticationData;
    private readonly Dictionary<int, (Subscription Subscription, SubscribeStep Step)> _subscribes = [];
    private readonly Dictionary<int, (string Filter, long Number)> _unsubscribes = [];
    private readonly List<SubscribeStep> _steps = [];
    private readonly Queue<(ushort PacketId, Task Stored)> _releases = new();
    private readonly Queue<Action<TimeSpan>> _requests = new();
    private readonly byte[] _buffer = GC.AllocateUninitializedArray<byte>(64 * 1024);
    private readonly TaskCompletionSource<MqttClientConnectResult> _connected =
        new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<Exception?> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private MqttSession _session = null!; // From Attach on, before anything else can happen.
    private IMqttTransport? _connection;
    private IMqttStream? _stream;
    private MqttDisconnectReasonCode? _disconnectReason;
    private TimeSpan? _closeAt;
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
            var session = _hasEnded || _session is null ? null : _session.NextTimeout;
            return session is null || _closeAt < session ? _closeAt : session;
        }
    }

    public bool IsFinished => _hasEnded;

    void IConnectionApplication.Attach(LoopConnection connection, TimeSpan now) => Attach(connection, now);

    /// <summary>The connection is on its loop now; called once, before anything else.</summary>
    public void Attach(IMqttTransport connection, TimeSpan now)
    {
        _session = _state.Begin(_server, _authenticationData, now);
        _lastNow = now;
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

    public void Subscribe(Subscription subscription) => Request(now =>
    {
        var hasIdentifiers = _session.ConnectResult?.SubscriptionIdentifiersAvailable == true;
        _steps.Clear();
        _hub.TakeSubscribes(subscription, hasIdentifiers, _steps);
        foreach (var step in _steps)
        {
            var token = _session.Subscribe([step.Filter], hasIdentifiers ? step.Identifier : null, now);
            _subscribes.Add(token, (subscription, step));
        }
    });

    public void Unsubscribe(string filter, long number) =>
        Request(now => _unsubscribes.Add(_session.Unsubscribe([filter], now), (filter, number)));

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
            if (_session.State is MqttSessionState.Connected)
            {
                _session.Disconnect(reason, now, endsSession ? TimeSpan.Zero : null);
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
                // The server's certificate is verified by now. Whether the server takes ours, its answer to the CONNECT
                // tells.
                if (_connection!.TryOpenStream(out _stream))
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
        _lastNow = now;
        SendAnswers(now);
        Receive(now);
        SendReleases(now);
        TakeFromOutbox(now);
        Send(now);
        ForgetAnswered();
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
        while (MayRead() && (count = _stream!.Read(_buffer)) > 0)
        {
            _session.Receive(_buffer.AsSpan(0, count), now);
            DrainEvents(now);
        }
        if ((_stream!.IsReadFinished || _stream.IsReset) && _closeAt is null && !_hasEnded)
        {
            // The peer closes next, and its code says why: wait for it before we close ourselves.
            _isLingering = true;
            _closeAt = now + CloseTimeout;
        }
    }

    private void Request(Action<TimeSpan> request) =>
        Post(_ => _requests.Enqueue(request));

    private void Post(Action<TimeSpan> run) => _connection?.Post(new Command(this, run));

    // The session refuses requests while its output is high or publishes have all packet identifiers; such a refusal
    // would end the subscription. A request is two packets at most.
    private void RunRequests(TimeSpan now)
    {
        while (_mayUse
            && _session.CanSubscribe
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
        // One that waits in the session can't be dropped or expire in the outbox: no more go there than can be sent.
        while (_mayUse
            && _session.State is MqttSessionState.Connected
            && _session.CanPublish
            && _requests.Count == 0
            && _session.WaitingCount == 0
            && _session.PendingOutput.Length < OutputBoundBytes
            && _outbox.Take() is { } pending)
        {
            _state.Publishes.Add(Publish(pending, now), pending);
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
                    OnConnected(e.ConnectResult!);
                    break;
                case MqttEventKind.ConnectRefused:
                    Fail(new MqttConnectRefusedException(e.ConnectResult!), now);
                    break;
                case MqttEventKind.PublishCompleted when _state.Publishes.Remove(e.Token, out var publish):
                    _outbox.Complete(publish, e.PublishResult!);
                    break;
                case MqttEventKind.PublishReleased when _state.Publishes.TryGetValue(e.Token, out var released):
                    StoreRelease(released, e.PacketId);
                    break;
                case MqttEventKind.SubscribeCompleted when _subscribes.Remove(e.Token, out var asked):
                    // At the end of a session the server's answer is only due: the filter is sent again on the next
                    // one.
                    if (!e.SubscribeResult!.IsLocal || _session.State != MqttSessionState.Closed)
                    {
                        _hub.OnSubscribed(asked.Subscription, asked.Step, e.SubscribeResult);
                    }
                    break;
                case MqttEventKind.UnsubscribeCompleted when _unsubscribes.Remove(e.Token, out var left):
                    if (!e.UnsubscribeResult!.IsLocal)
                    {
                        _hub.OnUnsubscribed(left.Filter, left.Number);
                    }
                    break;
                case MqttEventKind.MessageReceived:
                    OnMessage(e.Message!, e.PacketId);
                    break;
                case MqttEventKind.AuthenticationRequired:
                    AnswerChallenge(e.Authentication!);
                    break;
                case MqttEventKind.ReAuthenticated:
                    FinishReAuthentication(e.Authentication!);
                    break;
                case MqttEventKind.Disconnected or MqttEventKind.Failed when _disconnectReason is null && !_hasEnded:
                    Fail(new MqttSessionEndedException(e.End!, Describe(e.End!)), now);
                    break;
            }
        }
    }

    private int Publish(PendingPublish pending, TimeSpan now) => _session.PublishReserved(
        pending.Message, now, _outbox.AgeOf(pending), pending.PacketId, pending.MayHaveBeenSent);

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
            _session.Release(_releases.Dequeue().PacketId, now);
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
        if (_session is not null)
        {
            _session.OnTransportClosed(cause?.Message ?? "");
            DrainEvents(_lastNow);
            _state.Suspend(_session, _lastNow);
        }
        FailReAuthentication(cause);
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
