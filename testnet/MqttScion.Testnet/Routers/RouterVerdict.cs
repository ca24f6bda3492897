using MqttScion.Udp;

namespace MqttScion.Testnet;

/// <summary>What a border router does with one packet.</summary>
/// <param name="Action">What to do.</param>
/// <param name="EgressInterface">The interface to send out of; 0 for inside the AS.</param>
/// <param name="Destination">Where to, inside the AS.</param>
/// <param name="DropReason">Why it is dropped.</param>
internal readonly record struct RouterVerdict(
    RouterAction Action,
    ushort EgressInterface = 0,
    UdpAddress Destination = default,
    RouterDropReason DropReason = RouterDropReason.None)
{
    internal static RouterVerdict Drop(RouterDropReason reason) => new(RouterAction.Drop, DropReason: reason);
}
