namespace MqttScion.Quic;

/// <summary>
/// Where a connection is in its life: Handshaking → Connected → Closing or Draining → Drained. A timeout goes to
/// Drained at once.
/// </summary>
public enum QuicConnectionState
{
    /// <summary>TLS is not done.</summary>
    Handshaking,

    /// <summary>Streams can be used.</summary>
    Connected,

    /// <summary>We closed it and repeat that to whoever still sends (RFC 9000 §10.2.1).</summary>
    Closing,

    /// <summary>The peer closed it and we are silent (RFC 9000 §10.2.2).</summary>
    Draining,

    /// <summary>Over.</summary>
    Drained,
}
