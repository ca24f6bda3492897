namespace MqttScion.Quic;

/// <summary>What to do when a packet is acknowledged or lost, by frame.</summary>
internal enum SentFrameKind : byte
{
    Crypto,
    Stream,
    ResetStream,
    StopSending,
    MaxData,
    MaxStreamData,
    MaxStreams,
    NewConnectionId,
    RetireConnectionId,
    HandshakeDone,
    NewToken,
    Ping,
}
