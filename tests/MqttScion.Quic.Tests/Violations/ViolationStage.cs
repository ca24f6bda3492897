namespace MqttScion.Quic.Tests;

/// <summary>How far a connection is when its peer breaks a rule.</summary>
internal enum ViolationStage
{
    /// <summary>The client's first datagram is under way; there is no server yet.</summary>
    Initial,

    /// <summary>Both sides have Handshake keys, and the receiver waits for the rest of the handshake.</summary>
    Handshake,

    /// <summary>The handshake is confirmed.</summary>
    Connected,
}
