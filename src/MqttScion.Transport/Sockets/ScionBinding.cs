using System.Net;
using MqttScion.Scion;

namespace MqttScion.Transport;

/// <summary>Where a SCION socket is bound.</summary>
internal readonly record struct ScionBinding(IsdAs IsdAs, IPEndPoint Address)
{
    /// <summary>Opens the socket.</summary>
    /// <param name="local">What is known of the AS. Where the port is not given, one of those is taken to which its
    /// border routers deliver. Null when nothing is known.</param>
    public ScionSocket Open(LocalAs? local = null)
    {
        var underlay = Address.Port == 0 && local?.DispatchedPorts is { IsEmpty: false } ports
            ? UdpUnderlay.BindInRange(Address.Address, ports)
            : new UdpUnderlay(Address);
        return new ScionSocket(IsdAs, underlay, local?.Routers);
    }
}
