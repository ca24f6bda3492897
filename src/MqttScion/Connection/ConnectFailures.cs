using System.Security.Authentication;
using MqttScion.Mqtt;
using MqttScion.Quic;
using MqttScion.Scion;

namespace MqttScion;

/// <summary>Which failures another attempt may mend.</summary>
/// <remarks>
/// Final are: CONNACK 0x84 (Unsupported Protocol Version), 0x85 (Client Identifier not valid), 0x86 (Bad User Name or
/// Password), 0x87 (Not authorized), 0x8A (Banned), 0x8C (Bad authentication method); DISCONNECT 0x87 and 0x8C from the
/// server; a TLS alert about our certificate; the proxy's 0x100 (no client certificate); an authentication handler that
/// says so.
/// </remarks>
internal static class ConnectFailures
{
    /// <summary>False when the same attempt would fail in the same way: our credentials were refused.</summary>
    public static bool IsTransient(Exception e) => e switch
    {
        MqttConnectRefusedException refused => !IsRefusedCredential(refused.Result.ResultCode),
        QuicConnectionException { Close: { Kind: QuicCloseKind.PeerTransport } close } =>
            !IsCertificateAlert(close.ErrorCode),
        QuicConnectionException { Close: { Kind: QuicCloseKind.PeerApplication } close } =>
            close.ErrorCode != ProxyErrorCodes.NoClientCertificate,
        MqttSessionEndedException { End.Cause: MqttSessionEndCause.DisconnectedByServer } ended => ended.ReasonCode
            is not (MqttDisconnectReasonCode.NotAuthorized or MqttDisconnectReasonCode.BadAuthenticationMethod),
        MqttAuthenticationException failed => failed.InnerException is not AuthenticationException,
        OperationCanceledException => false,
        _ => true,
    };

    /// <summary>True when another server may succeed where this one failed.</summary>
    public static bool IsForAnotherServer(Exception e) =>
        IsTransient(e) && e is QuicConnectionException or NoPathException or MqttConnectRefusedException
            or MqttSessionEndedException or PathLookupException or TimeoutException or HostUnreachableException;

    /// <summary>
    /// True for silence, which may be the path's fault; anything else was said by the server, who is the same on every
    /// path.
    /// </summary>
    public static bool IsOfPath(Exception e) =>
        e is QuicConnectionException { Close.Kind: QuicCloseKind.HandshakeTimeout or QuicCloseKind.IdleTimeout };

    private static bool IsRefusedCredential(MqttClientConnectResultCode code) => code
        is MqttClientConnectResultCode.BadUserNameOrPassword
        or MqttClientConnectResultCode.NotAuthorized
        or MqttClientConnectResultCode.Banned
        or MqttClientConnectResultCode.ClientIdentifierNotValid
        or MqttClientConnectResultCode.BadAuthenticationMethod
        or MqttClientConnectResultCode.UnsupportedProtocolVersion;

    // The peer refused our certificate: CRYPTO_ERROR with an alert from bad_certificate (42) to unknown_ca (48), or
    // certificate_required (116).
    private static bool IsCertificateAlert(ulong code) => code is >= 0x100 + 42 and <= 0x100 + 48 or 0x100 + 116;
}
