namespace MqttScion.Quic;

/// <summary>
/// Kinds of packets; the first four have the values of the long header's type field (RFC 9000 §17.2).
/// </summary>
internal enum PacketType : byte
{
    Initial,
    ZeroRtt,
    Handshake,
    Retry,
    OneRtt,
    VersionNegotiation,
    UnknownVersion,
}
