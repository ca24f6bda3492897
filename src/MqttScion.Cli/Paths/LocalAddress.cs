using System.Net;
using MqttScion.Scion;

namespace MqttScion.Cli;

/// <summary>One AS that this host is in, with its address there.</summary>
/// <param name="Local">The AS.</param>
/// <param name="Address">The address from which packets reach its border routers; null when none is known.</param>
internal sealed record LocalAddress(LocalAs Local, IPAddress? Address)
{
    /// <summary>The form <c>[1-ff00:0:111,10.0.0.2]</c>; null without an address.</summary>
    public string? Scion => Address is null ? null : $"[{Local.IsdAs},{Address}]";
}
