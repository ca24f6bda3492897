using MqttScion.Mqtt;
using MqttScion.Quic;
using MqttScion.Scion;

namespace MqttScion;

/// <summary>Which failures another attempt may mend. <see cref="ScionMqttClientOptions.OnRefusal"/> lists the refusals.
/// </summary>
internal static class ConnectFailures
{
    /// <summary>False when the same attempt would fail in the same way: our credentials were refused.</summary>
    public static bool IsTransient(Exception e) => e is not OperationCanceledException && !IsRefusedBy(e);

    /// <summary>True when one side refused the other: no attempt succeeds before somebody changes something.</summary>
    public static bool IsRefusal(Exception e) =>
        IsRefusedBy(e) || (e is QuicConnectionException quic && DialFailures.IsRefusedHere(quic));

    /// <summary>True when the server broke a rule of a protocol, and may do so again.</summary>
    public static bool IsBrokenRule(Exception e) => e switch
    {
        MqttSessionEndedException ended => ended.End.Cause
            is MqttSessionEndCause.MalformedPacket or MqttSessionEndCause.ProtocolError
            || (ended.End.Cause is MqttSessionEndCause.DisconnectedByServer && !IsOfServersLife(ended.ReasonCode)),
        QuicConnectionException { Close: var close } => close.Kind
            is QuicCloseKind.LocalApplication or QuicCloseKind.LocalTransport or QuicCloseKind.PeerTransport
            || close is { Kind: QuicCloseKind.PeerApplication, ErrorCode: ProxyErrorCodes.ProtocolError },
        _ => false,
    };

    /// <summary>What tells one failure from another: its type and text, without numbers that change each time.
    /// </summary>
    public static string KeyOf(Exception e)
    {
        var code = e switch
        {
            MqttSessionEndedException ended => (long)ended.ReasonCode,
            MqttConnectRefusedException refused => (long)refused.Result.ResultCode,
            QuicConnectionException { Close: var close } => (long)close.ErrorCode,
            _ => 0,
        };
        return $"{e.GetType().Name} {code} {string.Concat(e.Message.Where(c => !char.IsAsciiDigit(c)))}";
    }

    /// <summary>What a person can do about a refusal; empty when the text of the failure says it.</summary>
    public static string AdviceFor(Exception e) => e switch
    {
        MqttConnectRefusedException { Result.ResultCode: MqttClientConnectResultCode.ClientIdentifierNotValid } =>
            "Check ClientId.",
        MqttConnectRefusedException { Result.ResultCode: MqttClientConnectResultCode.UnsupportedProtocolVersion } =>
            "The server does not speak MQTT 5; use one that does.",
        MqttConnectRefusedException { Result.ResultCode: MqttClientConnectResultCode.BadAuthenticationMethod }
            or MqttAuthenticationException
            or MqttSessionEndedException { ReasonCode: MqttDisconnectReasonCode.BadAuthenticationMethod } =>
            "Check the Authenticator.",
        MqttConnectRefusedException or MqttSessionEndedException =>
            "Check UserName and Password or PasswordFile, and what the broker allows this client.",
        QuicConnectionException { Close.Kind: QuicCloseKind.LocalTransport } =>
            "Check Tls.TrustedCertificates and Tls.ServerName, or the server's certificate.",
        QuicConnectionException =>
            "Check Tls.Certificate and Tls.Key; the files are read again for each attempt.",
        _ => "",
    };

    /// <summary>
    /// True when another server may succeed where this one failed: not where our own authenticator gave up, or somebody
    /// has disconnected.
    /// </summary>
    public static bool IsForAnotherServer(Exception e) =>
        IsTransient(e) && e is TransportException or MqttConnectRefusedException or MqttSessionEndedException
            or PathLookupException or TimeoutException;

    private static bool IsRefusedBy(Exception e) => e switch
    {
        MqttClientException failed => !failed.IsTransient,
        QuicConnectionException quic => DialFailures.IsRefusedByPeer(quic),
        _ => false,
    };

    // What a server says when it goes, and not about us.
    private static bool IsOfServersLife(MqttDisconnectReasonCode code) => code
        is MqttDisconnectReasonCode.ServerShuttingDown or MqttDisconnectReasonCode.ServerBusy
        or MqttDisconnectReasonCode.UseAnotherServer or MqttDisconnectReasonCode.ServerMoved
        or MqttDisconnectReasonCode.AdministrativeAction;
}
