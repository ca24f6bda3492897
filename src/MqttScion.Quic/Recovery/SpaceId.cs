namespace MqttScion.Quic;

/// <summary>The packet number spaces (RFC 9000 §12.3).</summary>
internal enum SpaceId
{
    Initial,
    Handshake,
    Application,
}
