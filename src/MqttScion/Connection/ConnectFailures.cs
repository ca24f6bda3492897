using MqttScion.Mqtt;
using MqttScion.Quic;
using MqttScion.Scion;

namespace MqttScion;

/// <summary>Which failures another attempt may mend.</summary>
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
        OperationCanceledException => false,
        _ => true,
    };

    /// <summary>True when another server may succeed where this one failed.</summary>
    public static bool IsForAnotherServer(Exception e) =>
        IsTransient(e) && e is QuicConnectionException or NoPathException or MqttConnectRefusedException
            or MqttSessionEndedException or PathLookupException or TimeoutException;

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
