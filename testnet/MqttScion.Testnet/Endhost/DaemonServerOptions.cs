using System.Net;
using MqttScion.Scion;

namespace MqttScion.Testnet;

/// <summary>What a <see cref="DaemonServer"/> serves and where.</summary>
public sealed class DaemonServerOptions
{
    /// <summary>The address to listen on; default 127.0.0.1 with a port that the system chooses.</summary>
    public IPEndPoint Listen { get; set; } = new(IPAddress.Loopback, 0);

    /// <summary>The AS that the daemon is in.</summary>
    public required TopologyAs Local { get; set; }

    /// <summary>The border routers of that AS; others are left out.</summary>
    public IReadOnlyList<EndhostApiRouter> Routers { get; set; } = [];

    /// <summary>The ports to which the border routers deliver; default 31000 to 32767.</summary>
    public PortRange DispatchedPorts { get; set; } = PortRange.Customary;

    /// <summary>How long an interface that a host reported as down is left out; default 10 s.</summary>
    public TimeSpan RevocationLifetime { get; set; } = TimeSpan.FromSeconds(10);
}
