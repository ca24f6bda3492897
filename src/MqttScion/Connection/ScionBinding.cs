using System.Net;
using MqttScion.Scion;

namespace MqttScion;

/// <summary>Where a SCION socket is bound.</summary>
internal readonly record struct ScionBinding(IsdAs IsdAs, IPEndPoint Address)
{
    /// <summary>Opens the socket.</summary>
    /// <param name="dispatchedPorts">The ports to which the border routers of the AS deliver; where the port is not
    /// given, one of them is taken. Null or empty when there is no such limit, or none is known.</param>
    public ScionSocket Open(PortRange? dispatchedPorts = null)
    {
        var isFree = Address.Port == 0 && dispatchedPorts is { IsEmpty: false };
        return new ScionSocket(
            IsdAs,
            isFree ? UdpUnderlay.BindInRange(Address.Address, dispatchedPorts!.Value) : new UdpUnderlay(Address));
    }
}
