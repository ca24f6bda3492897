using MqttScion.Scion;

namespace MqttScion.Testnet;

/// <summary>An AS of a topology.</summary>
/// <param name="IsdAs">Its number.</param>
/// <param name="IsCore">True when it starts beacons.</param>
/// <param name="Mtu">Bytes of the largest SCION packet inside it.</param>
public sealed record TopologyAs(IsdAs IsdAs, bool IsCore, int Mtu = TopologyAs.DefaultMtu)
{
    /// <summary>What Ethernet leaves after IP and UDP.</summary>
    public const int DefaultMtu = 1472;

    /// <summary>True when its hosts and routers talk over IPv6; default false.</summary>
    public bool IsIPv6 { get; init; }
}
