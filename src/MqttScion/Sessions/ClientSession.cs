using MqttScion.Mqtt;

namespace MqttScion;

/// <summary>
/// What outlives a connection of the client's Session State (MQTT 5 §4.1): unfinished publishes, QoS 2 messages that
/// are not acknowledged, the client identifier that a server gave. One connection at a time takes it and gives it back.
/// </summary>
internal sealed class ClientSession(ClientSettings settings, Outbox outbox, TimeProvider time)
{
    // A publish that was alone on its way at so many DISCONNECTs of one kind is what they are about.
    private const int MostRefusals = 3;

    private (long Sequence, MqttDisconnectReasonCode Code, int Count) _refused;
    private MqttInflightState _inflight = new([], []);
    private long _suspendedAt;
    private string _clientId = settings.Mqtt.ClientId;
    private MqttEndPoint? _server;
    private bool _isFirst = true;

    /// <summary>The client identifier: the options', or what a server gave.</summary>
    public string ClientId => _clientId;

    /// <summary>The password of the next connection; null for none.</summary>
    public byte[]? Password { get; set; } = settings.Mqtt.Password;

    /// <summary>The publishes that an engine has taken, by its token.</summary>
    public Dictionary<int, PendingPublish> Publishes { get; } = [];

    /// <summary>The QoS 1 and 2 messages that came and whose PUBACK or PUBREC is not out, by packet identifier.
    /// </summary>
    public Dictionary<ushort, Delivery> Deliveries { get; } = [];

    /// <summary>How many data streams a connection is to have.</summary>
    public int DataStreams => settings.Options.DataStreams;

    /// <summary>True when the server is to keep the session beyond a connection.</summary>
    public bool KeepsSession => settings.Mqtt.SessionExpiryInterval > TimeSpan.Zero;

    /// <summary>How many of them the server may send.</summary>
    public int ReceiveMaximum => settings.Mqtt.ReceiveMaximum;

    /// <summary>A user connects: the session begins as the options say.</summary>
    public void Start()
    {
        _isFirst = true;
        if (settings.Options.CleanStart)
        {
            _inflight = new MqttInflightState([], []);
            Publishes.Clear();
            Deliveries.Clear();
            _clientId = settings.Mqtt.ClientId;
        }
        TakeReleased();
    }

    /// <summary>Makes the engine of a connection, with what the last one left.</summary>
    /// <param name="server">The server.</param>
    /// <param name="authenticationData">The first data of the authentication method, or null.</param>
    /// <param name="now">The time on the connection's clock.</param>
    public MqttSession Begin(MqttEndPoint server, byte[]? authenticationData, TimeSpan now)
    {
        var passed = time.GetElapsedTime(_suspendedAt);
        var inflight = new MqttInflightState(
            [.. _inflight.Publishes.Select(p => Copy(p, p.AcceptedAt - passed + now))],
            _inflight.ReceivedExactlyOnce);
        return new MqttSession(settings.Mqtt with
        {
            ClientId = _clientId,
            Password = Password,
            CleanStart = MustStartClean(server),
            // A server may hold identifiers that an earlier process used: it is to meet them as late as can be.
            FirstPacketId = settings.Options.CleanStart ? (ushort)1 : (ushort)Random.Shared.Next(
                1, settings.Mqtt.HighestPacketId + 1),
            AuthenticationData = authenticationData,
            Inflight = inflight,
        });
    }

    /// <summary>The server accepted.</summary>
    /// <returns>True when the server still has the subscriptions of this client object.</returns>
    public bool OnConnected(MqttEndPoint server, MqttClientConnectResult result)
    {
        var isKnown = result.IsSessionPresent && !_isFirst && server == _server;
        if (!result.IsSessionPresent)
        {
            Deliveries.Clear();
        }
        _isFirst = false;
        _server = server;
        _clientId = result.AssignedClientIdentifier ?? _clientId;
        return isKnown;
    }

    /// <summary>Takes back from an ended engine what is unfinished.</summary>
    public void Suspend(MqttSession session, TimeSpan now)
    {
        var left = session.TakeInflight();
        _suspendedAt = time.GetTimestamp();
        // What was never sent goes back to the outbox, where its lifetime runs on.
        var sent = GiveUpRefused(session.End, [.. left.Publishes.Where(p => p.WasSent)]);
        _inflight = new MqttInflightState(
            [.. sent.Select(p => Copy(p, p.AcceptedAt - now))], left.ReceivedExactlyOnce);
        var tokens = sent.Select(p => p.Token).ToHashSet();
        foreach (var (token, pending) in Publishes.Where(p => !tokens.Contains(p.Key)).ToArray())
        {
            Publishes.Remove(token);
            outbox.Return(pending);
        }
    }

    /// <summary>What a server that ends the connection has not answered, in words; empty for nothing.</summary>
    public string DescribeUnanswered() => Publishes.Values.MinBy(p => p.Sequence) is not { } oldest
        ? ""
        : $" Unanswered: {Publishes.Count} publishes, which are sent again on the next connection; the oldest is of "
            + $"QoS {(int)oldest.Message.QualityOfServiceLevel} with {oldest.Message.Payload.Length} bytes on "
            + $"'{oldest.Message.Topic}'.";

    /// <summary>
    /// No connection is coming: whoever waits is told. With a session that is to be continued, the packets that a
    /// server may hold stay, for it must be told their end.
    /// </summary>
    public void Fail(Exception error)
    {
        var kept = new List<MqttInflightPublish>();
        foreach (var publish in _inflight.Publishes)
        {
            var pending = Publishes[publish.Token];
            outbox.Fail(pending, error);
            if (pending.IsStored
                || (publish.WasSent && publish.Message.QualityOfServiceLevel == MqttQualityOfServiceLevel.ExactlyOnce))
            {
                kept.Add(publish);
            }
            else
            {
                Publishes.Remove(publish.Token);
            }
        }
        _inflight = new MqttInflightState(kept, _inflight.ReceivedExactlyOnce);
    }

    // [MQTT-4.4.0-1] has all that is unanswered sent again. A server that answers such a publish with DISCONNECT would
    // do so for ever, and nothing behind it would get through. QoS 2 stays: the server may hold its identifier.
    private MqttInflightPublish[] GiveUpRefused(MqttSessionEnd? end, MqttInflightPublish[] sent)
    {
        if (end is not { Cause: MqttSessionEndCause.DisconnectedByServer } || !IsAboutPacket(end.ReasonCode))
        {
            return sent;
        }
        var alone = sent.Length == 1 ? Publishes[sent[0].Token].Sequence : 0;
        var isSame = alone != 0 && _refused.Sequence == alone && _refused.Code == end.ReasonCode;
        _refused = (alone, end.ReasonCode, isSame ? _refused.Count + 1 : 1);
        return [.. sent.Where(p => !TryGiveUp(p, end))];
    }

    private bool TryGiveUp(MqttInflightPublish publish, MqttSessionEnd end)
    {
        var pending = Publishes[publish.Token];
        var isUnwanted = pending is { IsStored: false, Failure: OperationCanceledException };
        var isToBlame = pending.Sequence == _refused.Sequence && _refused.Count >= MostRefusals;
        if (publish.Message.QualityOfServiceLevel != MqttQualityOfServiceLevel.AtLeastOnce
            || !(isUnwanted || isToBlame))
        {
            return false;
        }
        Publishes.Remove(publish.Token);
        var code = (MqttClientPublishReasonCode)end.ReasonCode;
        outbox.Complete(pending, new MqttClientPublishResult
        {
            ReasonCode = Enum.IsDefined(code) ? code : MqttClientPublishReasonCode.UnspecifiedError,
            ReasonString = $"The server answered it with DISCONNECT {end.ReasonCode} (0x{(int)end.ReasonCode:x2}) "
                + (isToBlame ? $"{_refused.Count} times, when nothing else was on its way." : "and it was cancelled."),
            PacketIdentifier = publish.PacketId,
            IsLocal = true,
        });
        return true;
    }

    // What is wrong with a packet, in difference to what is wrong with the connection, the client or the server.
    private static bool IsAboutPacket(MqttDisconnectReasonCode code) => code
        is MqttDisconnectReasonCode.MalformedPacket
        or MqttDisconnectReasonCode.ProtocolError
        or MqttDisconnectReasonCode.TopicNameInvalid
        or MqttDisconnectReasonCode.PacketTooLarge
        or MqttDisconnectReasonCode.PayloadFormatInvalid
        or MqttDisconnectReasonCode.RetainNotSupported
        or MqttDisconnectReasonCode.QoSNotSupported;

    private bool MustStartClean(MqttEndPoint server) =>
        _isFirst ? settings.Options.CleanStart
        : !KeepsSession || (!settings.Options.ServersShareSessions && server != _server);

    // What an earlier process left with the server: PUBREL is all that is missing.
    private void TakeReleased()
    {
        var known = Publishes.Values.ToHashSet();
        var released = outbox.Released.Where(p => !p.IsOver && !known.Contains(p)).ToArray();
        if (released.Length == 0)
        {
            return;
        }
        var token = _inflight.Publishes.Count == 0 ? 0 : _inflight.Publishes[^1].Token;
        var publishes = new List<MqttInflightPublish>(_inflight.Publishes);
        foreach (var pending in released)
        {
            publishes.Add(new MqttInflightPublish(
                ++token, pending.Message, pending.PacketId, isReleased: true, TimeSpan.Zero, pending.PacketId));
            Publishes.Add(token, pending);
        }
        _inflight = new MqttInflightState(publishes, _inflight.ReceivedExactlyOnce);
    }

    private static MqttInflightPublish Copy(MqttInflightPublish p, TimeSpan acceptedAt) =>
        new(p.Token, p.Message, p.PacketId, p.IsReleased, acceptedAt, p.ReservedPacketId);
}
