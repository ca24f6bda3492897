using System.Diagnostics;

namespace MqttScion.Mqtt;

/// <summary>The client's engine of one MQTT 5 network connection: bytes in, bytes out, events up, time as an
/// argument.</summary>
/// <remarks>
/// <para>State chart: Idle → Connecting → Connected → Closed, and each state straight to Closed. A closed session
/// keeps its output: send it, then close the stream.</para>
/// <para>Not thread-safe; one loop owns it. All <c>now</c> arguments are of one monotonic clock with any origin. After
/// each call the owner drains <see cref="TryGetEvent"/>, sends <see cref="PendingOutput"/> and looks at
/// <see cref="NextTimeout"/>. Nothing that the server sends makes a method throw.</para>
/// <para>QoS 1 and 2 publishes outlive the connection: see <see cref="TakeInflight"/>. Subscribes and unsubscribes
/// don't; they complete with a failure when the session ends.</para>
/// </remarks>
public sealed partial class MqttSession
{
    private const MqttTimer LastTimer = MqttTimer.Authentication;

    private readonly MqttSessionOptions _options;
    private readonly MqttPacketWriter _writer = new();
    private readonly MqttByteQueue _output = new();
    private readonly MqttFrameAssembler _assembler;
    private readonly Queue<MqttEvent> _events = [];
    private readonly InflightTable _inflight;
    private readonly AcknowledgementQueue _acknowledgements;
    private readonly Queue<MqttInflightPublish> _waiting;
    private readonly TopicTexts _topicTexts = new();
    private readonly Dictionary<ushort, string> _incomingAliases = [];
    private OutgoingTopicAliases _outgoingAliases = new(capacity: 0);
    private int _lastToken;
    private TimeSpan _keepAlivePeriod;
    private TimeSpan _connectStarted;
    private TimeSpan _lastSent;
    private TimeSpan _lastReceived;
    private TimeSpan? _pingSent;
    private int _bytesUntilPingLeft;
    private bool _hasOutputMoved;
    private int _unreadReplies;

    /// <summary>Makes a session that has sent nothing yet.</summary>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public MqttSession(MqttSessionOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        Check(options);
        _options = options;
        _assembler = new MqttFrameAssembler(options.MaximumPacketSize);
        _inflight = new InflightTable(options.FirstPacketId, options.HighestPacketId);
        _keepAlivePeriod = options.KeepAlivePeriod;
        _waiting = new Queue<MqttInflightPublish>(options.Inflight?.Publishes ?? []);
        _lastToken = _waiting.Count == 0 ? 0 : _waiting.Last().Token;
        _acknowledgements = new AcknowledgementQueue(options.Inflight?.ReceivedExactlyOnce ?? []);
    }

    /// <summary>Where the session stands.</summary>
    public MqttSessionState State { get; private set; }

    /// <summary>What the CONNACK said; null before it came.</summary>
    public MqttClientConnectResult? ConnectResult { get; private set; }

    /// <summary>How the session ended; null before.</summary>
    public MqttSessionEnd? End { get; private set; }

    /// <summary>True while a publish would be taken: connected, output below its bound, room among the
    /// waiting.</summary>
    public bool CanPublish => State == MqttSessionState.Connected && !IsOutputHigh
        && _waiting.Count < _options.MaximumWaitingPublishes;

    /// <summary>True while two requests more, SUBSCRIBE or UNSUBSCRIBE, would be taken: connected, output below its
    /// bound, packet identifiers free.</summary>
    public bool CanSubscribe => State == MqttSessionState.Connected && !IsOutputHigh && _inflight.FreeCount >= 2;

    /// <summary>How many QoS 1 and 2 publishes were sent and not answered.</summary>
    public int InflightCount => _inflight.SentPublishCount;

    /// <summary>How many QoS 1 and 2 publishes wait to be sent.</summary>
    public int WaitingCount => _waiting.Count;

    /// <summary>How many QoS 1 and 2 messages came and wait for <see cref="Acknowledge"/> or for the server's
    /// PUBREL.</summary>
    public int UnacknowledgedCount => _acknowledgements.Count;

    /// <summary>True while more messages wait for our answer than our Receive Maximum allows.</summary>
    /// <remarks>QoS 2 messages that only wait for PUBREL don't count: an owner that stopped to read because of them
    /// would never get the PUBREL.</remarks>
    public bool IsOverReceiveMaximum => _acknowledgements.OpenCount > _options.ReceiveMaximum;

    /// <summary>Set by an owner that does not give the session what came, because of
    /// <see cref="IsOverReceiveMaximum"/>.</summary>
    /// <remarks>An answer to PINGREQ may lie unread then: each <see cref="Acknowledge"/> begins its wait anew, and its
    /// end is a fault of the server, which did not keep our Receive Maximum (0x93).</remarks>
    public bool IsReadingPaused { get; set; }

    /// <summary>True while a QoS 1 or 2 message waits for its answer to go out.</summary>
    public bool IsUnanswered(ushort packetId) => _acknowledgements.IsOpen(packetId);

    /// <summary>The bytes for the stream. Valid until the next call.</summary>
    public ReadOnlySpan<byte> PendingOutput => _output.Written;

    /// <summary>How many bytes wait for the stream.</summary>
    public int OutputBytes => _output.Count;

    /// <summary>When to call <see cref="OnTimeout"/>, on the clock of <c>now</c>; null when nothing is
    /// awaited.</summary>
    public TimeSpan? NextTimeout
    {
        get
        {
            TimeSpan? next = null;
            for (var timer = MqttTimer.Connect; timer <= LastTimer; timer++)
            {
                if (Due(timer) is { } due && (next is null || due < next))
                {
                    next = due;
                }
            }
            return next;
        }
    }

    /// <summary>The largest packet that the server takes.</summary>
    private long AllowedBytes => ConnectResult?.MaximumPacketSize ?? MqttFrame.MaxRemainingLength;

    private bool IsOutputHigh => _output.Count >= _options.OutputHighWaterBytes;

    /// <summary>Writes CONNECT. To be called once, first.</summary>
    /// <exception cref="InvalidOperationException">It was called before.</exception>
    public void Connect(TimeSpan now)
    {
        if (State != MqttSessionState.Idle)
        {
            throw new InvalidOperationException($"Connect was called in state {State}; a session connects once.");
        }
        State = MqttSessionState.Connecting;
        _connectStarted = _lastReceived = _lastSent = now;
        _writer.Write(_output, new MqttConnectPacket
        {
            ClientId = _options.ClientId,
            CleanStart = _options.CleanStart,
            KeepAliveSeconds = (ushort)Math.Ceiling(_options.KeepAlivePeriod.TotalSeconds),
            UserName = _options.UserName,
            Password = _options.Password,
            Will = _options.Will,
            WillDelaySeconds = ToSeconds(_options.WillDelayInterval),
            Properties = ConnectProperties(),
        });
    }

    /// <summary>Writes DISCONNECT and ends the session; a data stream ends without. Without effect on an ended one.
    /// </summary>
    /// <param name="reasonCode">Why.</param>
    /// <param name="now">The time.</param>
    /// <param name="sessionExpiryInterval">How long the server keeps the session; null means as the CONNECT said.
    /// </param>
    /// <exception cref="ArgumentException">An interval is given, but the CONNECT asked for none.</exception>
    public void Disconnect(
        MqttDisconnectReasonCode reasonCode, TimeSpan now, TimeSpan? sessionExpiryInterval = null)
    {
        if (sessionExpiryInterval > TimeSpan.Zero && _options.SessionExpiryInterval <= TimeSpan.Zero)
        {
            throw new ArgumentException("§3.14.2.2.2: A session that was to end with its connection cannot be kept.",
                nameof(sessionExpiryInterval));
        }
        if (State == MqttSessionState.Closed)
        {
            return;
        }
        if (State != MqttSessionState.Idle && !IsDataStream)
        {
            WriteDisconnect(reasonCode, now, sessionExpiryInterval);
        }
        Close(MqttEventKind.Disconnected, new MqttSessionEnd(MqttSessionEndCause.DisconnectedByClient, reasonCode, ""));
    }

    /// <summary>Tells that the stream ended, without a DISCONNECT. Without effect on an ended session.</summary>
    public void OnTransportClosed(string reason)
    {
        if (State != MqttSessionState.Closed)
        {
            _output.Clear();
            Close(MqttEventKind.Failed, new MqttSessionEnd(
                MqttSessionEndCause.TransportClosed, MqttDisconnectReasonCode.UnspecifiedError, reason));
        }
    }

    /// <summary>Tells how many bytes of <see cref="PendingOutput"/> the stream took.</summary>
    public void ConsumeOutput(int count)
    {
        if (count == 0)
        {
            return;
        }
        _output.Consume(count);
        _hasOutputMoved |= _bytesUntilPingLeft > 0;
        _bytesUntilPingLeft = Math.Max(0, _bytesUntilPingLeft - count);
        _unreadReplies = 0;
        if (State == MqttSessionState.Connected)
        {
            SendAcknowledgements(_lastSent);
            SendWaiting(_lastSent);
        }
    }

    /// <summary>Takes the next event; false when there is none.</summary>
    public bool TryGetEvent(out MqttEvent e) => _events.TryDequeue(out e);

    /// <summary>Does what is due. May be called early or late.</summary>
    public void OnTimeout(TimeSpan now)
    {
        for (var timer = MqttTimer.Connect; timer <= LastTimer; timer++)
        {
            if (Due(timer) is { } due && due <= now)
            {
                Fire(timer, now);
            }
        }
    }

    /// <summary>Takes out of an ended session the QoS 1 and 2 publishes that are not completed.</summary>
    /// <remarks>Give them to the next session (<see cref="MqttSessionOptions.Inflight"/>), or fail them.</remarks>
    /// <exception cref="InvalidOperationException">The session has not ended.</exception>
    public MqttInflightState TakeInflight()
    {
        if (State != MqttSessionState.Closed)
        {
            throw new InvalidOperationException($"The session is {State}; it must have ended.");
        }
        var state = new MqttInflightState(
            // Tokens wrap around; their distance to the last one does not.
            [.. _inflight.All<MqttInflightPublish>().Union(_waiting).OrderBy(p => unchecked(p.Token - _lastToken))],
            [.. _acknowledgements.Unreleased]);
        _inflight.Clear();
        _waiting.Clear();
        _acknowledgements.Clear();
        return state;
    }

    private TimeSpan? Due(MqttTimer timer) => timer switch
    {
        MqttTimer.Connect when State == MqttSessionState.Connecting => _connectStarted + _options.ConnectTimeout,
        MqttTimer.KeepAlive when State == MqttSessionState.Connected && _pingSent is null
            && _keepAlivePeriod > TimeSpan.Zero =>
            // Also when we do send: a publisher must notice a dead link although it never falls silent.
            (_lastSent < _lastReceived ? _lastSent : _lastReceived) + _keepAlivePeriod,
        MqttTimer.PingResponse when State == MqttSessionState.Connected && _pingSent is { } sent =>
            sent + _options.PingResponseTimeout,
        MqttTimer.Authentication when State == MqttSessionState.Connected && _authenticationSent is { } sent =>
            sent + _options.ConnectTimeout,
        _ => null,
    };

    private void Fire(MqttTimer timer, TimeSpan now)
    {
        switch (timer)
        {
            case MqttTimer.Connect:
                Fail(MqttSessionEndCause.ConnectTimeout, MqttDisconnectReasonCode.UnspecifiedError,
                    $"No CONNACK came within {_options.ConnectTimeout.TotalSeconds} s.", now);
                break;
            case MqttTimer.KeepAlive:
                // A PINGREQ behind other output gets more time as long as that output moves.
                var isQueued = _output.Count > 0;
                MqttPacketWriter.WritePing(_output, MqttPacketType.PingReq);
                _bytesUntilPingLeft = isQueued ? _output.Count : 0;
                _hasOutputMoved = false;
                _pingSent = _lastSent = now;
                break;
            case MqttTimer.PingResponse when _hasOutputMoved:
                _hasOutputMoved = false;
                _pingSent = now;
                break;
            case MqttTimer.PingResponse when IsReadingPaused:
                Fail(new MqttReadFault(MqttDisconnectReasonCode.ReceiveMaximumExceeded,
                    $"[MQTT-3.3.4-9] {_acknowledgements.OpenCount} messages came, of which {_options.ReceiveMaximum} "
                    + "were allowed, and none was acknowledged in "
                    + $"{_options.PingResponseTimeout.TotalSeconds} s."), now);
                break;
            case MqttTimer.PingResponse:
                Fail(MqttSessionEndCause.PingTimeout, MqttDisconnectReasonCode.KeepAliveTimeout,
                    $"Nothing came within {_options.PingResponseTimeout.TotalSeconds} s after PINGREQ.", now);
                break;
            case MqttTimer.Authentication:
                Fail(MqttSessionEndCause.AuthenticationTimeout, MqttDisconnectReasonCode.NotAuthorized,
                    $"[MQTT-4.12.1-2] No AUTH came within {_options.ConnectTimeout.TotalSeconds} s.", now);
                break;
            default:
                throw new UnreachableException();
        }
    }

    private void Fail(MqttSessionEndCause cause, MqttDisconnectReasonCode reasonCode, string reason, TimeSpan now)
    {
        if (IsDataStream)
        {
            _output.Clear();
        }
        else
        {
            WriteDisconnect(reasonCode, now);
        }
        Close(MqttEventKind.Failed, new MqttSessionEnd(cause, reasonCode, reason));
    }

    private void Close(MqttEventKind kind, MqttSessionEnd end)
    {
        State = MqttSessionState.Closed;
        End = end;
        _assembler.Clear();
        var reason = $"The connection ended before the server answered: {end.Cause}. {end.Reason}";
        LeaveGroup(reason);
        foreach (var operation in _inflight.All<SubscribeOperation>())
        {
            _events.Enqueue(operation.Refuse(_ => MqttClientSubscribeResultCode.UnspecifiedError, reason));
        }
        foreach (var operation in _inflight.All<UnsubscribeOperation>())
        {
            _events.Enqueue(operation.Refuse(MqttClientUnsubscribeResultCode.UnspecifiedError, reason));
        }
        _events.Enqueue(new MqttEvent(
            kind, kind == MqttEventKind.ConnectRefused ? ConnectResult : end));
    }

    private void WriteDisconnect(
        MqttDisconnectReasonCode reasonCode, TimeSpan now, TimeSpan? sessionExpiryInterval = null)
    {
        MqttProperties? properties = null;
        if (sessionExpiryInterval is { } interval)
        {
            properties = new MqttProperties();
            properties.Add(MqttPropertyId.SessionExpiryInterval, ToSeconds(interval));
        }
        _lastSent = now;
        _writer.Write(_output, new MqttDisconnectPacket(MqttPacketType.Disconnect, (byte)reasonCode, properties));
    }

    private MqttProperties ConnectProperties()
    {
        var properties = new MqttProperties();
        if (_options.SessionExpiryInterval > TimeSpan.Zero)
        {
            properties.Add(MqttPropertyId.SessionExpiryInterval, ToSeconds(_options.SessionExpiryInterval));
        }
        properties.Add(MqttPropertyId.ReceiveMaximum, _options.ReceiveMaximum);
        properties.Add(MqttPropertyId.MaximumPacketSize, (uint)_options.MaximumPacketSize);
        if (_options.TopicAliasMaximum > 0)
        {
            properties.Add(MqttPropertyId.TopicAliasMaximum, _options.TopicAliasMaximum);
        }
        if (_options.RequestResponseInformation)
        {
            properties.Add(MqttPropertyId.RequestResponseInformation, 1);
        }
        if (!_options.RequestProblemInformation)
        {
            properties.Add(MqttPropertyId.RequestProblemInformation, 0);
        }
        properties.Add(MqttPropertyId.AuthenticationMethod, _options.AuthenticationMethod);
        properties.Add(MqttPropertyId.AuthenticationData, _options.AuthenticationData);
        properties.Add(_options.UserProperties);
        return properties;
    }

    private static uint ToSeconds(TimeSpan time) => (uint)Math.Clamp(Math.Ceiling(time.TotalSeconds), 0, uint.MaxValue);

    private static void Check(MqttSessionOptions options)
    {
        static void Require(bool condition, string message)
        {
            if (!condition)
            {
                throw new ArgumentException(message, nameof(options));
            }
        }

        Require(MqttTopic.IsWellFormed(options.ClientId), "ClientId must be at most 65,535 bytes of UTF-8.");
        Require(options.UserName is null || MqttTopic.IsWellFormed(options.UserName),
            "UserName must be at most 65,535 bytes of UTF-8.");
        Require(options.Password is null or { Length: <= ushort.MaxValue }, "Password must be at most 65,535 bytes.");
        Require(options.KeepAlivePeriod >= TimeSpan.Zero && options.KeepAlivePeriod.TotalSeconds <= ushort.MaxValue,
            "KeepAlivePeriod must be 0 to 65,535 s.");
        Require(options.PingResponseTimeout > TimeSpan.Zero, "PingResponseTimeout must be positive.");
        Require(options.ConnectTimeout > TimeSpan.Zero, "ConnectTimeout must be positive.");
        Require(options.ReceiveMaximum > 0, "ReceiveMaximum must be 1 to 65,535.");
        Require(options.HighestPacketId > 0, "HighestPacketId must be 1 to 65,535.");
        Require(options.FirstPacketId > 0 && options.FirstPacketId <= options.HighestPacketId,
            "FirstPacketId must be 1 to HighestPacketId.");
        Require(!options.HoldsReleases || options.ReportPublishProgress,
            "HoldsReleases needs ReportPublishProgress.");
        Require(options.MaximumPacketSize is >= 16 and <= MqttFrame.MaxRemainingLength + MqttFrame.MaxHeaderLength,
            "MaximumPacketSize must be 16 to 268,435,460 bytes.");
        Require(options.MaximumWaitingPublishes >= 0, "MaximumWaitingPublishes must not be negative.");
        Require(options.OutputHighWaterBytes > 0, "OutputHighWaterBytes must be positive.");
        Require(options.AuthenticationMethod is null || MqttTopic.IsWellFormed(options.AuthenticationMethod),
            "AuthenticationMethod must be at most 65,535 bytes of UTF-8.");
        Require(options.AuthenticationData is null
            || (options.AuthenticationMethod is not null && options.AuthenticationData.Length <= ushort.MaxValue),
            "AuthenticationData must be at most 65,535 bytes, and needs an AuthenticationMethod.");
        var text = new MqttProperties();
        text.Add(options.UserProperties);
        if (options.Will is { } will)
        {
            MqttMessageProperties.Fill(text, will, will.MessageExpiryInterval);
            Require(MqttTopic.TryValidateTopic(will.Topic, out var error), $"The will is not valid: {error}");
            Require(will.QualityOfServiceLevel is >= MqttQualityOfServiceLevel.AtMostOnce
                and <= MqttQualityOfServiceLevel.ExactlyOnce, "The QoS of the will must be 0, 1 or 2.");
            Require(will.Payload.Length <= ushort.MaxValue, "The payload of the will must be at most 65,535 bytes.");
        }
        Require(text.IsWellFormed(), "A property must be at most 65,535 bytes of UTF-8 without U+0000.");
    }
}
