using MqttScion.Scion;

namespace MqttScion.Tests.Memory;

/// <summary>Connects a client to a broker in its own process, without QUIC and without sockets.</summary>
internal sealed class MemoryConnector(ClientParts parts, MemoryBroker broker) : IClientConnector
{
    /// <summary>The address of the broker, which nobody resolves.</summary>
    public const string Address = "[1-ff00:0:110,127.0.0.1]:8883";

    private static readonly ScionEndPoint _server = ScionEndPoint.Parse(Address);

    /// <summary>The loop of the last connection.</summary>
    public MemoryLoop? Loop { get; private set; }

    /// <summary>Makes a client that reaches a broker so.</summary>
    public static ScionMqttClient Client(MemoryBroker broker, Action<ScionMqttClientOptions>? configure = null)
    {
        var options = new ScionMqttClientOptions { ClientId = "memory" };
        options.Servers.Add(Address);
        options.Scion.EndhostApi = new Uri("http://127.0.0.1:1"); // Never asked.
        var present = typeof(MemoryConnector).Assembly.Location; // Looked for, but never read.
        (options.Tls.TrustedCertificates, options.Tls.Certificate, options.Tls.Key) = (present, present, present);
        configure?.Invoke(options);
        return new ScionMqttClient(options, null, null, parts => new MemoryConnector(parts, broker));
    }

    public async Task<ClientConnection> ConnectAsync(CancellationToken cancellationToken)
    {
        var application = new MqttApplication(parts.Session, _server, parts.Hub, parts.Outbox, statistics: null);
        var loop = Loop = new MemoryLoop(application, broker);
        var result = await application.Connected.WaitAsync(cancellationToken);
        var path = ScionPath.SameAs(_server.IsdAs, mtu: 1500, DateTimeOffset.MaxValue);
        return new ClientConnection(application, _server, path, result, loop);
    }

    public void Learn(ClientConnection connection, Exception cause)
    {
    }
}
