namespace MqttScion.Quic;

/// <summary>The states of a connection that a trace tells of.</summary>
internal enum QlogState : byte
{
    Attempted,
    HandshakeStarted,
    HandshakeComplete,
    HandshakeConfirmed,
    Closing,
    Draining,
    Closed,
}
