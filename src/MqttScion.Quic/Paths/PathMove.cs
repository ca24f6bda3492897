namespace MqttScion.Quic;

/// <summary>Why a connection sends on another path from now on.</summary>
internal enum PathMove
{
    /// <summary>The owner selected the path.</summary>
    Owner,

    /// <summary>The owner selected the path because the one before carries nothing any more.</summary>
    OwnerGaveUp,

    /// <summary>The owner selected the path before the handshake was confirmed.</summary>
    OwnerInHandshake,

    /// <summary>Server: the peer's newest packet that is no probe came on the path (RFC 9000 §9.3).</summary>
    Peer,

    /// <summary>Server: a packet came on the path before the handshake was confirmed.</summary>
    PeerInHandshake,

    /// <summary>Server: the current path did not answer its challenges (RFC 9000 §9.3.2).</summary>
    Fallback,
}
