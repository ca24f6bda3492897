using MqttScion.Scion;
using MqttScion.Testnet;

namespace MqttScion.Proxy.Tests.Support;

/// <summary>
/// A proxy and its clients as hosts of one AS: SCION with the empty path, over real sockets, without routers.
/// </summary>
public sealed class SameAsWorld : IAsyncDisposable
{
    public static readonly IsdAs IsdAs = IsdAs.Parse("1-ff00:0:110");

    private readonly string _directory;

    public SameAsWorld(
        string broker,
        CertificateFault serverFault = CertificateFault.None,
        CertificateFault clientFault = CertificateFault.None,
        Action<ProxyOptions>? configure = null)
    {
        _directory = Directory.CreateTempSubdirectory("mqttscion-test-").FullName;
        Certificates = TestCertificates.Create(_directory, server: serverFault, client: clientFault);
        Proxy = StartProxy(broker, configure);
    }

    public TestCertificates Certificates { get; }

    public MqttProxy Proxy { get; }

    /// <summary>Starts another proxy with the same certificates; the caller disposes it.</summary>
    public MqttProxy StartProxy(string broker, Action<ProxyOptions>? configure = null)
    {
        var options = new ProxyOptions { Listen = $"[{IsdAs},127.0.0.1]:0", Broker = broker };
        options.Tls.TrustedCertificates = Certificates.CaFile;
        options.Tls.Certificate = Certificates.ServerFile;
        options.Tls.Key = Certificates.ServerKeyFile;
        configure?.Invoke(options);
        return MqttProxy.Start(options);
    }

    public ScionMqttClientOptions ClientOptions(string clientId)
    {
        var options = new ScionMqttClientOptions();
        Configure(options, clientId);
        return options;
    }

    /// <summary>Sets what a client needs to reach the proxy.</summary>
    public void Configure(ScionMqttClientOptions options, string clientId)
    {
        options.ClientId = clientId;
        options.Servers.Add(Proxy.LocalEndPoint.ToString());
        Fill(options.Scion, options.Tls);
    }

    public ScionQuicTransportOptions TransportOptions()
    {
        var options = new ScionQuicTransportOptions { Server = Proxy.LocalEndPoint.ToString() };
        Fill(options.Scion, options.Tls);
        return options;
    }

    public ScionMqttClient Client(string clientId, Action<ScionMqttClientOptions>? configure = null)
    {
        var options = ClientOptions(clientId);
        configure?.Invoke(options);
        return new ScionMqttClient(options);
    }

    public async ValueTask DisposeAsync()
    {
        await Proxy.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }

    private void Fill(ScionOptions scion, TlsOptions tls)
    {
        scion.PathSource = new SameAsPathSource(IsdAs);
        tls.TrustedCertificates = Certificates.CaFile;
        tls.Certificate = Certificates.ClientFile;
        tls.Key = Certificates.ClientKeyFile;
    }
}
