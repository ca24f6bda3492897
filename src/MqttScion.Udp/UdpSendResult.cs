namespace MqttScion.Udp;

/// <summary>What became of a datagram that was to be sent.</summary>
public enum UdpSendResult
{
    /// <summary>The kernel took it.</summary>
    Sent,

    /// <summary>The socket's send buffer is full: try again later, or count it as lost.</summary>
    WouldBlock,

    /// <summary>It is larger than the interface or the known path MTU allows.</summary>
    TooLarge,

    /// <summary>There is no way to that destination, or it refused an earlier datagram.</summary>
    Unreachable,

    /// <summary>Another error that concerns this datagram only, such as a firewall's refusal.</summary>
    Failed,
}
