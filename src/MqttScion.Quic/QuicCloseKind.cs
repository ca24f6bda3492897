namespace MqttScion.Quic;

/// <summary>Ways in which a connection ends.</summary>
public enum QuicCloseKind
{
    /// <summary>Our application closed it.</summary>
    LocalApplication,

    /// <summary>The peer's application closed it.</summary>
    PeerApplication,

    /// <summary>We found an error: of TLS, or a violation of the protocol by the peer.</summary>
    LocalTransport,

    /// <summary>The peer reported a transport or TLS error.</summary>
    PeerTransport,

    /// <summary>Nothing came for the idle timeout.</summary>
    IdleTimeout,

    /// <summary>The handshake was not confirmed in time.</summary>
    HandshakeTimeout,

    /// <summary>The peer lost the connection's state (RFC 9000 §10.3).</summary>
    StatelessReset,
}
