using MqttScion.Mqtt;

namespace MqttScion.Testnet;

/// <summary>How a connection begins and ends: CONNECT, AUTH and DISCONNECT.</summary>
internal sealed partial class BrokerConnection
{
    private readonly BrokerAliases _aliases = new(options.TopicAliasMaximum);
    private readonly BrokerRate _messages = control?._messages
        ?? new BrokerRate(options.MaximumMessagesPerSecond, options.TimeProvider);
    private MqttConnectPacket? _connect;
    private string? _authenticationMethod;
    private object? _authenticationState;
    private int _authenticationRound;
    private bool _isAuthenticating;
    private TimeSpan _keepAlive;
    private TimeSpan? _expiry;
    private long _maximumPacketSize = long.MaxValue;
    private ushort _receiveMaximum = ushort.MaxValue;

    /// <summary>Begins with CONNECT; the CONNACK may have to wait for AUTH.</summary>
    private bool TryConnect(MqttConnectPacket connect, out MqttReadFault fault)
    {
        fault = default;
        _connect = connect;
        ClientId = connect.ClientId.Length == 0 ? $"pocket-{Guid.NewGuid():N}" : connect.ClientId;
        _maximumPacketSize = connect.Properties?.Number(MqttPropertyId.MaximumPacketSize) ?? long.MaxValue;
        _receiveMaximum = (ushort)Math.Min(
            ushort.MaxValue,
            (connect.Properties?.Number(MqttPropertyId.ReceiveMaximum) ?? ushort.MaxValue)
                + options.ReceiveMaximumExcess);
        _aliases.OutgoingMaximum = (ushort)Math.Min(
            connect.Properties?.Number(MqttPropertyId.TopicAliasMaximum) ?? 0, options.OutgoingTopicAliasMaximum);
        _authenticationMethod = connect.Properties?.Text(MqttPropertyId.AuthenticationMethod);
        if (CodeOf(connect) is var code && code != MqttClientConnectResultCode.Success)
        {
            RefuseConnect(code);
        }
        else if (_authenticationMethod is null)
        {
            Accept(authenticationData: null);
        }
        else
        {
            Authenticate(connect.Properties!.Binary(MqttPropertyId.AuthenticationData));
        }
        return true;
    }

    private MqttClientConnectResultCode CodeOf(MqttConnectPacket connect)
    {
        if (!shared.Connects.TryCount())
        {
            return MqttClientConnectResultCode.ConnectionRateExceeded;
        }
        if (_authenticationMethod is not null && options.Authenticate is null)
        {
            return MqttClientConnectResultCode.BadAuthenticationMethod;
        }
        var request = new PocketBrokerConnect(ClientId, connect.UserName, connect.Password);
        var code = options.AuthorizeConnect?.Invoke(request) ?? MqttClientConnectResultCode.Success;
        if (code != MqttClientConnectResultCode.Success || connect.Will is not { } will)
        {
            return code;
        }
        return will.QualityOfServiceLevel > options.MaximumQoS ? MqttClientConnectResultCode.QoSNotSupported
            : will.Retain && !options.IsRetainAvailable ? MqttClientConnectResultCode.RetainNotSupported
            : options.AuthorizePublish?.Invoke(ClientId, will) >= MqttClientPublishReasonCode.UnspecifiedError
                ? MqttClientConnectResultCode.NotAuthorized
                : MqttClientConnectResultCode.Success;
    }

    /// <summary>Takes one step of an authentication, of a new connection or again.</summary>
    private void Authenticate(byte[]? data)
    {
        _isAuthenticating = true;
        var isAgain = _session is not null;
        var answer = options.Authenticate!(new PocketBrokerAuthentication(
            ClientId, _authenticationMethod!, data, _authenticationRound++, isAgain, _authenticationState));
        _authenticationState = answer.State;
        if (answer.IsContinued)
        {
            AnswerAuth(MqttReasonCodeTable.ContinueAuthentication, answer.Data);
            return;
        }
        _isAuthenticating = false;
        _authenticationRound = 0;
        if (answer.Code != MqttClientConnectResultCode.Success)
        {
            Refuse(new MqttReadFault((MqttDisconnectReasonCode)answer.Code, "The client was not authenticated."));
        }
        else if (isAgain)
        {
            AnswerAuth(reasonCode: 0, answer.Data);
        }
        else
        {
            Accept(answer.Data);
        }
    }

    private bool TryAuth(in MqttDisconnectPacket auth, out MqttReadFault fault)
    {
        var isAgain = auth.ReasonCode == MqttReasonCodeTable.ReAuthenticate;
        var method = auth.Properties?.Text(MqttPropertyId.AuthenticationMethod);
        var isExpected = _authenticationMethod is not null && method == _authenticationMethod
            && (isAgain ? _session is not null && !_isAuthenticating
                : _isAuthenticating && auth.ReasonCode == MqttReasonCodeTable.ContinueAuthentication);
        fault = isExpected ? default : MqttReadFault.Protocol(
            "[MQTT-4.12.0-5], [MQTT-4.12.1-1]: AUTH must fit the authentication and its method.");
        if (isExpected)
        {
            Authenticate(auth.Properties!.Binary(MqttPropertyId.AuthenticationData));
        }
        return isExpected;
    }

    private void Accept(byte[]? authenticationData)
    {
        var connect = _connect!;
        _connect = null;
        _keepAlive = options.ServerKeepAlive ?? TimeSpan.FromSeconds(connect.KeepAliveSeconds);
        var asked = ExpiryOf(connect.Properties?.Number(MqttPropertyId.SessionExpiryInterval) ?? 0);
        _expiry = Limit(asked);
        var properties = ConnAckProperties(isAssigned: connect.ClientId.Length == 0, asked, authenticationData);
        var isRefused = false;
        lock (_lock)
        {
            // Under the lock, so that no message of the resumed session is written before the CONNACK.
            var limits = (_receiveMaximum, _maximumPacketSize);
            if (router.Attach(this, connect, _expiry, limits, out var isPresent) is { } session)
            {
                _answerWriter.Write(_answers, new MqttConnAckPacket(isPresent, 0, properties));
                _session = session;
            }
            else
            {
                isRefused = true;
            }
        }
        if (isRefused)
        {
            RefuseConnect(MqttClientConnectResultCode.QuotaExceeded);
        }
        else
        {
            _accepted.TrySetResult(true);
        }
        Wake();
    }

    private TimeSpan? Limit(TimeSpan? asked) =>
        options.MaximumSessionExpiry is { } maximum && (asked is null || asked > maximum) ? maximum : asked;

    private static TimeSpan? ExpiryOf(uint seconds) =>
        seconds == uint.MaxValue ? null : TimeSpan.FromSeconds(seconds);

    private void RefuseConnect(MqttClientConnectResultCode code)
    {
        MqttProperties? properties = null;
        if (code is MqttClientConnectResultCode.UseAnotherServer or MqttClientConnectResultCode.ServerMoved
            && options.ServerReference is { } reference)
        {
            properties = new MqttProperties();
            properties.Add(MqttPropertyId.ServerReference, reference);
        }
        lock (_lock)
        {
            _answerWriter.Write(_answers, new MqttConnAckPacket(false, code, properties));
        }
        _isReadingDone = true;
        Wake();
    }

    /// <summary>MQTT 3.1.1 [MQTT-3.1.2-2]: A client of an earlier version reads its own CONNACK only, with return code
    /// 0x01, and is cut off.</summary>
    private void RefuseEarlierConnect()
    {
        lock (_lock)
        {
            _answers.Write([0x20, 2, 0, 1]);
        }
        _isReadingDone = true;
        Wake();
    }

    private MqttProperties ConnAckProperties(bool isAssigned, TimeSpan? asked, byte[]? authenticationData)
    {
        var properties = new MqttProperties();
        properties.Add(MqttPropertyId.ReceiveMaximum, options.ReceiveMaximum);
        properties.Add(MqttPropertyId.MaximumPacketSize, (uint)options.MaximumPacketSize);
        properties.Add(MqttPropertyId.TopicAliasMaximum, options.TopicAliasMaximum);
        if (options.MaximumQoS < MqttQualityOfServiceLevel.ExactlyOnce)
        {
            properties.Add(MqttPropertyId.MaximumQoS, (uint)options.MaximumQoS);
        }
        void AddMissing(MqttPropertyId id, bool isAvailable)
        {
            if (!isAvailable)
            {
                properties.Add(id, 0);
            }
        }
        AddMissing(MqttPropertyId.RetainAvailable, options.IsRetainAvailable);
        AddMissing(MqttPropertyId.WildcardSubscriptionAvailable, options.IsWildcardSubscriptionAvailable);
        AddMissing(MqttPropertyId.SubscriptionIdentifierAvailable, options.IsSubscriptionIdentifierAvailable);
        AddMissing(MqttPropertyId.SharedSubscriptionAvailable, options.IsSharedSubscriptionAvailable);
        if (_expiry != asked)
        {
            properties.Add(MqttPropertyId.SessionExpiryInterval, (uint)_expiry!.Value.TotalSeconds);
        }
        if (isAssigned)
        {
            properties.Add(MqttPropertyId.AssignedClientIdentifier, ClientId);
        }
        if (options.ServerKeepAlive is { } keepAlive)
        {
            properties.Add(MqttPropertyId.ServerKeepAlive, (uint)keepAlive.TotalSeconds);
        }
        properties.Add(MqttPropertyId.AuthenticationMethod, _authenticationMethod);
        properties.Add(MqttPropertyId.AuthenticationData, authenticationData);
        return properties;
    }

    private void AnswerAuth(byte reasonCode, byte[]? data)
    {
        var properties = new MqttProperties();
        properties.Add(MqttPropertyId.AuthenticationMethod, _authenticationMethod);
        properties.Add(MqttPropertyId.AuthenticationData, data);
        lock (_lock)
        {
            _answerWriter.Write(_answers, new MqttDisconnectPacket(MqttPacketType.Auth, reasonCode, properties));
        }
        Wake();
    }

    private bool TryEndByClient(in MqttDisconnectPacket packet, out MqttReadFault fault)
    {
        fault = default;
        if (_session is { } session)
        {
            if (packet.Properties?.Number(MqttPropertyId.SessionExpiryInterval) is { } seconds)
            {
                if (_expiry == TimeSpan.Zero && seconds != 0)
                {
                    fault = MqttReadFault.Protocol("§3.14.2.2.2: The session expiry was 0 and can't be raised.");
                    return false;
                }
                router.SetExpiry(session, this, Limit(ExpiryOf(seconds)));
            }
            if ((MqttDisconnectReasonCode)packet.ReasonCode == MqttDisconnectReasonCode.NormalDisconnection)
            {
                router.CancelWill(session, this);
            }
        }
        _isReadingDone = true;
        return true;
    }
}
