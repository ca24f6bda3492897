using System.Net;

namespace MqttScion.Scion;

/// <summary>An AS that this host is in, with what a path source knows about it.</summary>
/// <param name="IsdAs">Its number.</param>
public sealed record LocalAs(IsdAs IsdAs)
{
    /// <summary>Bytes of the largest SCION packet inside the AS; null when the source doesn't tell.</summary>
    public int? Mtu { get; init; }

    /// <summary>True for a core AS; null when the source doesn't tell.</summary>
    public bool? IsCore { get; init; }

    /// <summary>The UDP ports to which border routers deliver; null when the source doesn't tell.</summary>
    public PortRange? DispatchedPorts { get; init; }

    /// <summary>For each interface of the AS, the internal address of the border router that owns it.</summary>
    public IReadOnlyDictionary<ushort, IPEndPoint> Routers { get; init; } = new Dictionary<ushort, IPEndPoint>();
}
