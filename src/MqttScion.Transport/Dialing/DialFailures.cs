using MqttScion.Quic;

namespace MqttScion.Transport;

/// <summary>What the end of a connection, or of an attempt at one, says about its path and its peer.</summary>
public static class DialFailures
{
    /// <summary>
    /// True for silence, which may be the path's fault; anything else was said by the server, who is the same on every
    /// path.
    /// </summary>
    public static bool IsOfPath(Exception e) =>
        e is QuicConnectionException { Close.Kind: QuicCloseKind.HandshakeTimeout or QuicCloseKind.IdleTimeout };

    /// <summary>True when the peer refused us: the same attempt would fail in the same way.</summary>
    public static bool IsRefusedByPeer(QuicConnectionException e) => e.Close.Kind switch
    {
        QuicCloseKind.PeerTransport => IsCertificateAlert(e.Close.ErrorCode),
        QuicCloseKind.PeerApplication => e.Close.ErrorCode == ProxyErrorCodes.NoClientCertificate,
        _ => false,
    };

    /// <summary>True when the peer's certificate was refused here. Another server, or another address of this one, may
    /// show a better one.</summary>
    public static bool IsRefusedHere(QuicConnectionException e) =>
        e.Close.Kind == QuicCloseKind.LocalTransport && IsCertificateAlert(e.Close.ErrorCode);

    // One side refused the other's certificate: CRYPTO_ERROR with an alert from bad_certificate (42) to unknown_ca
    // (48), or certificate_required (116).
    private static bool IsCertificateAlert(ulong code) => code is >= 0x100 + 42 and <= 0x100 + 48 or 0x100 + 116;
}
