using MqttScion.Proxy;
using MqttScion.Quic;
using MqttScion.Scion;
using MqttScion.Testnet;

namespace MqttScion.Samples;

/// <summary>What a sample needs around its client, in this process: an emulated SCION network, a broker and a proxy.
/// </summary>
internal sealed class DemoNetwork : IAsyncDisposable
{
    private static readonly IsdAs FieldAs = IsdAs.Parse("1-ff00:0:111");
    private static readonly IsdAs ProxyAs = IsdAs.Parse("2-ff00:0:211");

    private readonly DirectoryInfo _directory;
    private readonly TestCertificates _certificates;
    private readonly PocketBroker? _broker;
    private readonly MqttProxy _proxy;

    private DemoNetwork(
        EmulatedNetwork scion,
        PocketBroker? broker,
        MqttProxy proxy,
        TestCertificates certificates,
        DirectoryInfo directory)
    {
        (Scion, _broker, _proxy, _certificates, _directory) = (scion, broker, proxy, certificates, directory);
    }

    /// <summary>The SCION network: 8 ASes in 2 ISDs.</summary>
    public EmulatedNetwork Scion { get; }

    /// <summary>The access of a client in the field: in another AS than the proxy's.</summary>
    public Access FieldAccess => AccessFrom(FieldAs);

    /// <summary>The access of a client in the proxy's own AS.</summary>
    public Access AccessBesideProxy => AccessFrom(ProxyAs);

    /// <summary>Starts everything.</summary>
    /// <param name="broker">The broker behind the proxy as <c>host:port</c>; null for an embedded one.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<DemoNetwork> StartAsync(
        string? broker = null, CancellationToken cancellationToken = default)
    {
        if (!QuicCrypto.Default.TryLoad(out var problem))
        {
            throw new PlatformNotSupportedException(problem);
        }
        var directory = Directory.CreateTempSubdirectory("mqttscion-sample-");
        var certificates = TestCertificates.Create(directory.FullName);
        var scion = await EmulatedNetwork.StartAsync(cancellationToken: cancellationToken);
        var embedded = broker is null ? await PocketBroker.StartAsync(cancellationToken: cancellationToken) : null;
        var options = new ProxyOptions
        {
            Listen = $"[{ProxyAs},127.0.0.1]:0",
            Broker = broker ?? embedded!.EndPoint.ToString(),
        };
        options.Tls.TrustedCertificates = certificates.CaFile;
        options.Tls.Certificate = certificates.ServerFile;
        options.Tls.Key = certificates.ServerKeyFile;
        var proxy = MqttProxy.Start(options);
        Console.WriteLine($"network  {scion.Topology.Ases.Count} ASes, {scion.Topology.Links.Count} links");
        Console.WriteLine($"broker   {options.Broker}{(embedded is null ? "" : " (embedded)")}");
        Console.WriteLine($"proxy    {proxy.LocalEndPoint}");
        return new DemoNetwork(scion, embedded, proxy, certificates, directory);
    }

    /// <summary>Cuts the AS of the clients in the field off the network, or joins it again.</summary>
    public void SetFieldUplinks(LinkState state)
    {
        var end = $"{FieldAs}#";
        foreach (var link in Scion.Links.Where(link => link.A.StartsWith(end) || link.B.StartsWith(end)))
        {
            link.Change(before => before with { State = state });
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _proxy.DisposeAsync();
        if (_broker is not null)
        {
            await _broker.DisposeAsync();
        }
        await Scion.DisposeAsync();
        _directory.Delete(recursive: true);
    }

    private Access AccessFrom(IsdAs isdAs) => new(
        _proxy.LocalEndPoint.ToString(),
        Scion.EndhostApiUrl(isdAs).ToString(),
        Daemon: null,
        _certificates.CaFile,
        _certificates.ClientFile,
        _certificates.ClientKeyFile);
}
