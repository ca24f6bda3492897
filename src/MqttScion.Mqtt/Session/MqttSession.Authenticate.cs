namespace MqttScion.Mqtt;

public sealed partial class MqttSession
{
    private bool _isChallenged;
    private TimeSpan? _authenticationSent;

    private bool IsReAuthenticating => State == MqttSessionState.Connected
        && (_isChallenged || _authenticationSent is not null);

    /// <summary>Answers an <see cref="MqttEventKind.AuthenticationRequired"/>: writes AUTH with this data.</summary>
    /// <remarks>To give up instead, call <see cref="Disconnect"/> (0x87 or 0x8C): no answer is a timeout.</remarks>
    /// <param name="data">The authentication data that the method asks for; null means none.</param>
    /// <param name="now">The time.</param>
    /// <returns>False when the server does not wait for an answer.</returns>
    /// <exception cref="ArgumentException">The data is longer than 65,535 bytes, or than the server takes.</exception>
    public bool ContinueAuthentication(byte[]? data, TimeSpan now)
    {
        if (!_isChallenged || State is not (MqttSessionState.Connecting or MqttSessionState.Connected))
        {
            return false;
        }
        WriteAuth(MqttReasonCodeTable.ContinueAuthentication, data, now);
        _isChallenged = false;
        return true;
    }

    /// <summary>Authenticates anew on this connection, with the method of the CONNECT [MQTT-4.12.1-1].</summary>
    /// <remarks>
    /// The exchange ends with <see cref="MqttEventKind.ReAuthenticated"/>, or with the session: within
    /// <see cref="MqttSessionOptions.ConnectTimeout"/> after each of our packets. Messages flow on meanwhile.
    /// </remarks>
    /// <param name="data">The first authentication data; null means none.</param>
    /// <param name="now">The time.</param>
    /// <returns>False when the session is not connected, an exchange is under way, or this is a data stream.</returns>
    /// <exception cref="ArgumentException">The data is longer than 65,535 bytes, or than the server takes.</exception>
    /// <exception cref="InvalidOperationException">The options name no authentication method [MQTT-4.12.0-7].
    /// </exception>
    public bool ReAuthenticate(byte[]? data, TimeSpan now)
    {
        if (_options.AuthenticationMethod is null)
        {
            throw new InvalidOperationException("[MQTT-4.12.0-7] The CONNECT names no Authentication Method.");
        }
        if (State != MqttSessionState.Connected || IsReAuthenticating || IsDataStream)
        {
            return false;
        }
        WriteAuth(MqttReasonCodeTable.ReAuthenticate, data, now);
        return true;
    }

    private void WriteAuth(byte reasonCode, byte[]? data, TimeSpan now)
    {
        var properties = new MqttProperties();
        properties.Add(MqttPropertyId.AuthenticationMethod, _options.AuthenticationMethod);
        properties.Add(MqttPropertyId.AuthenticationData, data);
        if (data is { Length: > ushort.MaxValue }
            || MqttPacketWriter.PacketLength(1 + properties.EncodedLength) > AllowedBytes)
        {
            throw new ArgumentException(
                $"[MQTT-3.2.2-15] The data has {data?.Length} bytes; at most 65,535 and a packet of {AllowedBytes} are "
                + "allowed.", nameof(data));
        }
        _writer.Write(_output, new MqttDisconnectPacket(MqttPacketType.Auth, reasonCode, properties));
        _lastSent = now;
        _authenticationSent = State == MqttSessionState.Connected ? now : null;
    }

    private void OnAuth(in MqttDisconnectPacket packet, TimeSpan now)
    {
        var method = packet.Properties?.Text(MqttPropertyId.AuthenticationMethod);
        if (FindMethodFault(method) is { } fault)
        {
            Fail(fault, now);
            return;
        }
        var isExchange = (State == MqttSessionState.Connecting || IsReAuthenticating) && !_isChallenged;
        var isEnd = packet.ReasonCode == 0 && State == MqttSessionState.Connected;
        if (!isExchange || (!isEnd && packet.ReasonCode != MqttReasonCodeTable.ContinueAuthentication))
        {
            ProtocolError($"[MQTT-4.12.0-2] AUTH with 0x{packet.ReasonCode:X2} came out of turn.", now);
            return;
        }
        if (!MayHaveProblemText(packet.Properties))
        {
            ProblemTextError(packet.Type, now);
            return;
        }
        _isChallenged = !isEnd;
        _authenticationSent = null;
        _events.Enqueue(new MqttEvent(
            isEnd ? MqttEventKind.ReAuthenticated : MqttEventKind.AuthenticationRequired,
            new MqttAuthentication(method!, packet.Properties!.Binary(MqttPropertyId.AuthenticationData),
                packet.Properties.ReasonString)
            {
                UserProperties = packet.Properties.UserProperties,
            }));
    }

    /// <summary>Checks the method of an AUTH, or of a CONNACK that accepts.</summary>
    private MqttReadFault? FindMethodFault(string? method)
    {
        if (method == _options.AuthenticationMethod)
        {
            return null;
        }
        if (_options.AuthenticationMethod is null)
        {
            return MqttReadFault.Protocol("[MQTT-4.12.0-6] An Authentication Method came, but we named none.");
        }
        return method is null
            ? MqttReadFault.Protocol("[MQTT-4.12.0-5] The Authentication Method is missing.")
            : new MqttReadFault(MqttDisconnectReasonCode.BadAuthenticationMethod,
                $"[MQTT-4.12.0-5] The Authentication Method is '{method}'; we named "
                + $"'{_options.AuthenticationMethod}'.");
    }
}
