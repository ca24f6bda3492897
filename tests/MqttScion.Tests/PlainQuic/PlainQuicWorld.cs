using System.Net;
using MqttScion.Testnet;

namespace MqttScion.Tests.PlainQuic;

/// <summary>A broker that speaks MQTT over QUIC on plain IP, and its clients.</summary>
public sealed class PlainQuicWorld : IAsyncDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("mqttscion-test-").FullName;
    private readonly PocketBrokerState _state = new();
    private PocketBroker? _broker;

    public PlainQuicWorld(CertificateFault fault = CertificateFault.None) => Certificates = TestCertificates.Create(
        _directory, serverNames: ["localhost", "127.0.0.1", "::1"], server: fault);

    public static TimeSpan Patience { get; } = TimeSpan.FromSeconds(15);

    public TestCertificates Certificates { get; }

    public PocketBroker Broker => _broker!;

    public int Port => Broker.QuicEndPoint!.Port;

    /// <summary>Starts the broker, or another with the sessions of the one before.</summary>
    public async Task StartAsync(
        IPAddress? address = null,
        int port = 0,
        Func<PocketBrokerQuicOptions, PocketBrokerQuicOptions>? quic = null,
        Func<PocketBrokerOptions, PocketBrokerOptions>? configure = null)
    {
        var listen = new PocketBrokerQuicOptions
        {
            EndPoint = new IPEndPoint(address ?? IPAddress.Loopback, port),
            Certificate = Certificates.ServerFile,
            Key = Certificates.ServerKeyFile,
        };
        var options = new PocketBrokerOptions { State = _state, Quic = quic is null ? listen : quic(listen) };
        _broker = await PocketBroker.StartAsync(configure is null ? options : configure(options));
    }

    /// <summary>A client of this broker that trusts its CA and has no certificate of its own.</summary>
    public ScionMqttClientOptions ClientOptions(string clientId, string? server = null)
    {
        var options = new ScionMqttClientOptions
        {
            ClientId = clientId,
            HandshakeTimeout = TimeSpan.FromSeconds(4),
            ReconnectDelay = TimeSpan.FromMilliseconds(20),
        };
        options.Servers.Add(server ?? $"mqtt-quic://127.0.0.1:{Port}");
        options.Tls.TrustedCertificates = Certificates.CaFile;
        return options;
    }

    public ScionMqttClient Client(
        string clientId, string? server = null, Action<ScionMqttClientOptions>? configure = null)
    {
        var options = ClientOptions(clientId, server);
        configure?.Invoke(options);
        return new ScionMqttClient(options);
    }

    /// <summary>A file with our CA and that of others.</summary>
    public string TrustAlso(TestCertificates others)
    {
        var file = Path.Combine(_directory, "both.pem");
        File.WriteAllText(file, File.ReadAllText(Certificates.CaFile) + File.ReadAllText(others.CaFile));
        return file;
    }

    /// <summary>What connecting to a server fails with.</summary>
    public async Task<T> FailureOfAsync<T>(string? server = null, Action<ScionMqttClientOptions>? configure = null)
        where T : Exception
    {
        await using var client = Client("fails", server, configure);
        var act = () => client.ConnectAsync().WaitAsync(Patience);
        return (await act.Should().ThrowAsync<T>()).Which;
    }

    public async ValueTask DisposeAsync()
    {
        if (_broker is not null)
        {
            await _broker.DisposeAsync();
        }
        Directory.Delete(_directory, recursive: true);
    }
}
