using System.Net;
using MqttScion.Scion;

namespace MqttScion.Cli;

/// <summary>Opens the socket from which a command sends.</summary>
internal static class LocalSocket
{
    /// <summary>Opens a socket in an AS.</summary>
    /// <param name="local">The AS.</param>
    /// <param name="bind">The address that is asked for; null for the one that leads to <paramref name="towards"/>, and
    /// port 0 for a port to which the border routers deliver, any where they deliver to none.</param>
    /// <param name="towards">The first border router, or a neighbour within the AS.</param>
    /// <exception cref="ArgumentException">The address is a wildcard.</exception>
    /// <exception cref="System.Net.Sockets.SocketException">The address is not of this machine, or in use.</exception>
    public static ScionSocket Open(LocalAs local, IPEndPoint? bind, IPEndPoint towards)
    {
        var address = bind?.Address ?? UdpUnderlay.LocalAddressTowards(towards);
        var underlay = bind is null or { Port: 0 } && local.DispatchedPorts is { IsEmpty: false } ports
            ? UdpUnderlay.BindInRange(address, ports)
            : new UdpUnderlay(new IPEndPoint(address, bind?.Port ?? 0));
        return new ScionSocket(local.IsdAs, underlay, local.Routers);
    }

    /// <summary>Where packets on a path go first; null when neither the path nor the host tells.</summary>
    public static IPEndPoint? FirstStopOf(ScionPath path, ScionHost? host) =>
        path.NextHop is { } router ? router
        : path.IsLocal && host?.TryGetIPAddress(out var address) == true ? new IPEndPoint(address, 0)
        : null;
}
