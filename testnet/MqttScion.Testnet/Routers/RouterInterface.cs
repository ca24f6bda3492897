using System.Net;

namespace MqttScion.Testnet;

/// <summary>One interface of an AS, as its border router sees it.</summary>
internal sealed record RouterInterface
{
    /// <summary>The interface id, not 0.</summary>
    public required ushort Id { get; init; }

    /// <summary>What the neighbour is to us.</summary>
    public required LinkType Type { get; init; }

    /// <summary>The underlay address of our end; port 0 takes a free one.</summary>
    public IPEndPoint Local { get; init; } = new(IPAddress.Loopback, 0);

    /// <summary>Bytes of the largest SCION packet on the link; 0 for no limit.</summary>
    public int Mtu { get; init; }

    /// <summary>What the link does to outgoing packets at first.</summary>
    public LinkConditions Conditions { get; init; } = LinkConditions.Perfect;

    /// <summary>The internal address of the sibling router that owns this interface; null when we own it.</summary>
    public IPEndPoint? Sibling { get; init; }
}
