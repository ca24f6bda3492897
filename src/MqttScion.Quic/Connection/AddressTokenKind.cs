namespace MqttScion.Quic;

/// <summary>Where a client got an address validation token.</summary>
internal enum AddressTokenKind : byte
{
    Retry,
    NewToken,
}
