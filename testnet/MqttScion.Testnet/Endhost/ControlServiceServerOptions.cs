using System.Net;
using MqttScion.Scion;

namespace MqttScion.Testnet;

/// <summary>What a <see cref="ControlServiceServer"/> serves and where.</summary>
public sealed class ControlServiceServerOptions
{
    /// <summary>The address to listen on; default 127.0.0.1 with a port that the system chooses.</summary>
    public IPEndPoint Listen { get; set; } = new(IPAddress.Loopback, 0);

    /// <summary>The AS whose control service it is.</summary>
    public required IsdAs IsdAs { get; set; }
}
