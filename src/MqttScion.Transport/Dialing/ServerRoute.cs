using System.Net;
using MqttScion.Scion;

namespace MqttScion.Transport;

/// <summary>One way to a server: a SCION path, or one of the addresses that its host has on IP.</summary>
public sealed record ServerRoute
{
    internal ServerRoute(ServerAddress server, ScionPath path) => (Server, Path) = (server, path);

    internal ServerRoute(ServerAddress server, IPEndPoint address) => (Server, Address) = (server, address);

    /// <summary>The server.</summary>
    public ServerAddress Server { get; }

    /// <summary>The path; null on IP.</summary>
    public ScionPath? Path { get; }

    /// <summary>The address; null on SCION.</summary>
    public IPEndPoint? Address { get; }

    /// <inheritdoc/>
    public override string ToString() => Path?.ToString() ?? Address!.ToString();
}
