namespace MqttScion.Udp;

/// <summary>What ICMP says about a datagram that did not arrive.</summary>
public enum UdpUnreachable
{
    /// <summary>The host has nobody on that port.</summary>
    Port,

    /// <summary>The host is not there, or a filter is before it.</summary>
    Host,

    /// <summary>No route leads to the host's network.</summary>
    Network,
}
