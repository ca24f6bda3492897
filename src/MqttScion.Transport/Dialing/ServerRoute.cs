using System.Net;
using MqttScion.Scion;

namespace MqttScion.Transport;

/// <summary>One way to a server: a SCION path, or one of the addresses that its host has on IP.</summary>
internal sealed record ServerRoute
{
    public ServerRoute(ServerAddress server, ScionPath path) => (Server, Path) = (server, path);

    public ServerRoute(ServerAddress server, IPEndPoint address) => (Server, Address) = (server, address);

    public ServerAddress Server { get; }

    /// <summary>The path; null on IP.</summary>
    public ScionPath? Path { get; }

    /// <summary>The address; null on SCION.</summary>
    public IPEndPoint? Address { get; }

    public override string ToString() => Path?.ToString() ?? Address!.ToString();
}
