using MqttScion.Scion;
using MqttScion.Testnet;

namespace MqttScion.Proxy.Tests.Support;

/// <summary>
/// A proxy and its clients in leaf ASes of two ISDs, joined by the emulated network's border routers.
/// </summary>
public sealed class EmulatedWorld : IAsyncDisposable
{
    public static readonly IsdAs ClientAs = IsdAs.Parse("1-ff00:0:111");
    public static readonly IsdAs ProxyAs = IsdAs.Parse("2-ff00:0:211");

    private readonly string _directory;

    private EmulatedWorld(EmulatedNetwork network, string broker, IsdAs proxyAs, bool startsProxy)
    {
        Network = network;
        _directory = Directory.CreateTempSubdirectory("mqttscion-test-").FullName;
        Certificates = TestCertificates.Create(_directory);
        ProxyOptions = new ProxyOptions { Listen = $"[{proxyAs},127.0.0.1]:0", Broker = broker };
        ProxyOptions.Tls.TrustedCertificates = Certificates.CaFile;
        ProxyOptions.Tls.Certificate = Certificates.ServerFile;
        ProxyOptions.Tls.Key = Certificates.ServerKeyFile;
        Proxy = startsProxy ? MqttProxy.Start(ProxyOptions) : null;
    }

    public EmulatedNetwork Network { get; }

    public TestCertificates Certificates { get; }

    public ProxyOptions ProxyOptions { get; }

    /// <summary>The proxy in this process; null when a test runs its own.</summary>
    public MqttProxy? Proxy { get; }

    public static async Task<EmulatedWorld> StartAsync(
        string broker,
        IsdAs? proxyAs = null,
        bool startsProxy = true,
        EmulatedNetworkOptions? network = null) =>
        new(await EmulatedNetwork.StartAsync(network), broker, proxyAs ?? ProxyAs, startsProxy);

    public ScionMqttClientOptions ClientOptions(string clientId, IsdAs? clientAs = null, string? server = null)
    {
        var options = new ScionMqttClientOptions { ClientId = clientId };
        options.Servers.Add(server ?? Proxy!.LocalEndPoint.ToString());
        options.Scion.EndhostApi = Network.EndhostApiUrl(clientAs ?? ClientAs);
        options.Tls.TrustedCertificates = Certificates.CaFile;
        options.Tls.Certificate = Certificates.ClientFile;
        options.Tls.Key = Certificates.ClientKeyFile;
        return options;
    }

    public async ValueTask DisposeAsync()
    {
        if (Proxy is not null)
        {
            await Proxy.DisposeAsync();
        }
        await Network.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }
}
