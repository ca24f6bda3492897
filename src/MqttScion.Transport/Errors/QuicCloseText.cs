using System.Globalization;
using MqttScion.Quic;

namespace MqttScion.Transport;

/// <summary>Puts a close reason into words.</summary>
internal static class QuicCloseText
{
    /// <summary>Puts a reason into words.</summary>
    /// <param name="reason">The reason.</param>
    /// <param name="nameOf">What an application calls its own codes; null for those that it does not know.</param>
    public static string Describe(QuicCloseReason reason, Func<ulong, string?>? nameOf = null) => reason.Kind switch
    {
        QuicCloseKind.IdleTimeout => "the peer fell silent (idle timeout)",
        QuicCloseKind.HandshakeTimeout => "no answer: the handshake timed out",
        QuicCloseKind.StatelessReset => "the peer no longer knows the connection (stateless reset)",
        QuicCloseKind.PeerApplication => $"the peer closed it with {ApplicationCode(reason, nameOf)}",
        QuicCloseKind.PeerTransport => $"the peer closed it with {TransportCode(reason)}",
        QuicCloseKind.LocalApplication => $"closed here with {ApplicationCode(reason, nameOf)}",
        _ => $"closed here with {TransportCode(reason)}",
    };

    private static string ApplicationCode(QuicCloseReason reason, Func<ulong, string?>? nameOf) =>
        (nameOf?.Invoke(reason.ErrorCode) is { } name
            ? $"{Hex(reason.ErrorCode)} ({name})"
            : DescribeApplicationCode(reason.ErrorCode)) + Quote(reason);

    private static string TransportCode(QuicCloseReason reason) =>
        DescribeTransportCode(reason.ErrorCode) + Quote(reason);

    private static string Quote(QuicCloseReason reason) =>
        string.IsNullOrEmpty(reason.Reason) ? "" : $": {reason.Reason}";

    private static string DescribeApplicationCode(ulong code) => code switch
    {
        0 => "0x0 (no error)",
        ProxyErrorCodes.NoClientCertificate => "0x100 (no client certificate)",
        ProxyErrorCodes.BrokerConnectionLost => "0x101 (broker connection lost)",
        ProxyErrorCodes.BrokerUnreachable => "0x102 (cannot reach the broker)",
        ProxyErrorCodes.ShuttingDown => "0x103 (shutting down)",
        ProxyErrorCodes.ProtocolError => "0x104 (protocol error)",
        ProxyErrorCodes.NoStream => "0x105 (no stream opened)",
        _ => $"application code {Hex(code)}",
    };

    private static string DescribeTransportCode(ulong code) => code switch
    {
        >= 0x100 and <= 0x1ff => $"TLS alert {code - 0x100} ({DescribeAlert((byte)(code - 0x100))})",
        0x00 => "no error",
        0x02 => "CONNECTION_REFUSED",
        0x0c => "APPLICATION_ERROR during the handshake",
        _ => $"transport error {Hex(code)}",
    };

    // RFC 8446 §6.2: the alerts that a certificate or a configuration fault leads to.
    private static string DescribeAlert(byte alert) => alert switch
    {
        40 => "handshake_failure: no common parameters",
        42 => "bad_certificate",
        43 => "unsupported_certificate",
        44 => "certificate_revoked",
        45 => "certificate_expired",
        46 => "certificate_unknown",
        48 => "unknown_ca: the certificate is not from a CA that is trusted there",
        109 => "missing_extension",
        116 => "certificate_required",
        120 => "no_application_protocol: the sides agree on no ALPN protocol, this one offers 'mqtt'",
        _ => "see RFC 8446 §6.2",
    };

    private static string Hex(ulong code) => "0x" + code.ToString("x", CultureInfo.InvariantCulture);
}
