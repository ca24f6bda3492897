using System.Net;
using MqttScion.Scion;

namespace MqttScion.Testnet;

/// <summary>Which addresses of this machine the routers and hosts of each AS have.</summary>
internal sealed class AddressPlan(EmulatedNetworkOptions options)
{
    private const int ASesPerBlock = 250;
    private const int MaxASes = 250 * ASesPerBlock;

    private readonly Dictionary<IsdAs, int> _indexes =
        options.Topology.Ases.Index().ToDictionary(each => each.Item.IsdAs, each => each.Index);

    /// <summary>The address for hosts of an AS.</summary>
    /// <exception cref="KeyNotFoundException">The topology has no such AS.</exception>
    internal IPAddress HostOf(IsdAs isdAs) =>
        options.RouterAddresses.TryGetValue(isdAs, out var router) ? router.Address
            : options.Topology.As(isdAs).IsIPv6 ? IPAddress.IPv6Loopback
            : OwnIPv4(isdAs);

    /// <summary>The internal address of a border router; one that the options give is for the first one.</summary>
    internal IPEndPoint RouterOf(IsdAs isdAs, bool isFirst) =>
        isFirst && options.RouterAddresses.TryGetValue(isdAs, out var given) ? given : new(HostOf(isdAs), 0);

    /// <summary>The address of an AS at a link.</summary>
    internal IPEndPoint LinkOf(IsdAs isdAs, TopologyLink link) =>
        new(link.IsIPv6 ? IPAddress.IPv6Loopback : OwnIPv4(isdAs), 0);

    private IPAddress OwnIPv4(IsdAs isdAs)
    {
        if (!options.SeparatesAddresses)
            return IPAddress.Loopback;
        var index = _indexes[isdAs] % MaxASes;
        return new IPAddress([127, 20, (byte)(index / ASesPerBlock), (byte)(1 + index % ASesPerBlock)]);
    }
}
