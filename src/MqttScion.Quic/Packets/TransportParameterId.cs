namespace MqttScion.Quic;

/// <summary>Transport parameter ids (RFC 9000 §18.2).</summary>
internal enum TransportParameterId : ulong
{
    OriginalDestinationConnectionId = 0x00,
    MaxIdleTimeout = 0x01,
    StatelessResetToken = 0x02,
    MaxUdpPayloadSize = 0x03,
    InitialMaxData = 0x04,
    InitialMaxStreamDataBidirectionalLocal = 0x05,
    InitialMaxStreamDataBidirectionalRemote = 0x06,
    InitialMaxStreamDataUnidirectional = 0x07,
    InitialMaxStreamsBidirectional = 0x08,
    InitialMaxStreamsUnidirectional = 0x09,
    AckDelayExponent = 0x0a,
    MaxAckDelay = 0x0b,
    DisableActiveMigration = 0x0c,
    PreferredAddress = 0x0d,
    ActiveConnectionIdLimit = 0x0e,
    InitialSourceConnectionId = 0x0f,
    RetrySourceConnectionId = 0x10,
    MaxDatagramFrameSize = 0x20,
    GreaseQuicBit = 0x2ab2,
}
