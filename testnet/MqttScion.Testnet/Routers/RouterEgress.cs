using MqttScion.Udp;

namespace MqttScion.Testnet;

/// <summary>An interface as a way out of a router: over its own link, or over the internal one to a sibling.</summary>
/// <param name="Interface">The interface.</param>
/// <param name="Sibling">The internal address of the sibling that owns it; null when we do.</param>
/// <param name="Shaper">The link over which a packet goes from here.</param>
internal sealed record RouterEgress(RouterInterface Interface, UdpAddress? Sibling, LinkShaper Shaper)
{
    internal bool IsDown => Shaper.Conditions.State == LinkState.Down;

    /// <summary>Bytes of the largest packet that goes out here; 0 for no limit.</summary>
    internal int Mtu => Shaper.Conditions.Mtu ?? Interface.Mtu;
}
