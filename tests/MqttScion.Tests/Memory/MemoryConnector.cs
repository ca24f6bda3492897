using Microsoft.Extensions.Logging;

namespace MqttScion.Tests.Memory;

/// <summary>Connects a client to a broker in its own process, without QUIC and without sockets.</summary>
internal sealed class MemoryConnector(ClientParts parts, MemoryBroker broker) : IClientConnector
{
    /// <summary>The address of the broker, which nobody resolves.</summary>
    public const string Address = "mqtt-quic://127.0.0.1:14567";

    private static readonly MqttEndPoint _server = MqttEndPoint.Parse(Address);

    /// <summary>The loop of the last connection.</summary>
    public MemoryLoop? Loop { get; private set; }

    /// <summary>Makes a client that reaches a broker so.</summary>
    public static ScionMqttClient Client(
        MemoryBroker broker,
        Action<ScionMqttClientOptions>? configure = null,
        ILoggerFactory? loggers = null,
        MqttMetrics? metrics = null)
    {
        var options = new ScionMqttClientOptions { ClientId = "memory" };
        options.Servers.Add(Address);
        var present = typeof(MemoryConnector).Assembly.Location; // Looked for, but never read.
        (options.Tls.TrustedCertificates, options.Tls.Certificate, options.Tls.Key) = (present, present, present);
        configure?.Invoke(options);
        return new ScionMqttClient(
            options, loggers, null, metrics, name: "", parts => new MemoryConnector(parts, broker));
    }

    public async Task<ClientConnection> ConnectAsync(CancellationToken cancellationToken)
    {
        var application = new MqttApplication(parts.Session, _server, parts.Hub, parts.Outbox, statistics: null);
        var loop = Loop = new MemoryLoop(application, broker);
        var result = await application.Connected.WaitAsync(cancellationToken);
        return new ClientConnection(application, _server, Path: null, result, loop);
    }

    public void Learn(ClientConnection connection, Exception cause)
    {
    }
}
