using System.Reactive.Disposables;
using MqttScion.Scion;
using MqttScion.Testnet;

namespace MqttScion.Transport.Tests;

/// <summary>An emulated network, certificates, and the two sides of connections: all through the public face.</summary>
public sealed class TransportWorld : IAsyncLifetime
{
    public const string Protocol = "transport-test";

    private static readonly IsdAs ServerAs = IsdAs.Parse("2-ff00:0:211");
    private static readonly IsdAs ClientAs = IsdAs.Parse("1-ff00:0:111");

    private readonly string _directory = Directory.CreateTempSubdirectory("mqttscion-test-").FullName;
    private EmulatedNetwork _network = null!;

    public TransportWorld() => Certificates = TestCertificates.Create(_directory);

    public static TimeSpan Patience { get; } = TimeSpan.FromSeconds(15);

    public TestCertificates Certificates { get; }

    public async Task InitializeAsync() => _network = await EmulatedNetwork.StartAsync(
        new EmulatedNetworkOptions { Services = NetworkServiceKinds.EndhostApi });

    public async Task DisposeAsync()
    {
        await _network.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }

    public ScionQuicListener Listen(
        Underlay underlay, Action<ScionQuicListenerOptions>? configure = null, TimeProvider? time = null)
    {
        var options = new ScionQuicListenerOptions
        {
            Listen = underlay == Underlay.Scion ? $"[{ServerAs},127.0.0.1]:0" : "127.0.0.1:0",
            ApplicationProtocol = Protocol,
        };
        options.Tls.TrustedCertificates = Certificates.CaFile;
        options.Tls.Certificate = Certificates.ServerFile;
        options.Tls.Key = Certificates.ServerKeyFile;
        configure?.Invoke(options);
        return ScionQuicListener.Start(options, time: time);
    }

    public ScionQuicConnectionOptions OptionsFor(ScionQuicListener listener)
    {
        var options = new ScionQuicConnectionOptions
        {
            Server = AddressOf(listener, "quic"),
            ApplicationProtocol = Protocol,
        };
        Fill(options.Scion, options.Tls);
        return options;
    }

    public ScionQuicTransportOptions TransportOptionsFor(ScionQuicListener listener)
    {
        var options = new ScionQuicTransportOptions { Server = AddressOf(listener, "mqtt-quic") };
        Fill(options.Scion, options.Tls);
        return options;
    }

    public Task<ScionQuicConnection> ConnectAsync(
        ScionQuicListener listener, Action<ScionQuicConnectionOptions>? configure = null)
    {
        var options = OptionsFor(listener);
        configure?.Invoke(options);
        return ScionQuicConnection.ConnectAsync(options).WaitAsync(Patience);
    }

    /// <summary>A listener and both ends of a connection.</summary>
    public async Task<ConnectionPair> PairAsync(
        Underlay underlay,
        Action<ScionQuicListenerOptions>? server = null,
        Action<ScionQuicConnectionOptions>? client = null)
    {
        var listener = Listen(underlay, server);
        var dialed = await ConnectAsync(listener, client);
        return new ConnectionPair(
            listener, dialed, await listener.AcceptConnectionAsync().AsTask().WaitAsync(Patience));
    }

    /// <summary>Has a link of a path lose all packets, without a word, until it is disposed.</summary>
    public IDisposable Silence(ScionPath path) => Change(path, LinkState.Silent);

    /// <summary>Has a link of a path down, which its routers tell, until it is disposed.</summary>
    public IDisposable Cut(ScionPath path) => Change(path, LinkState.Down);

    private IDisposable Change(ScionPath path, LinkState state)
    {
        var link = _network.LinkAt(path.Interfaces[0]);
        link.Change(before => before with { State = state });
        return Disposable.Create(() => link.Change(before => before with { State = LinkState.Up }));
    }

    private static string AddressOf(ScionQuicListener listener, string scheme) =>
        listener.LocalEndPoint.IsdAs == ServerAs
            ? $"{listener.LocalEndPoint}"
            : $"{scheme}://127.0.0.1:{listener.LocalEndPoint.Port}";

    private void Fill(ScionOptions scion, TlsOptions tls)
    {
        scion.EndhostApi = _network.EndhostApiUrl(ClientAs);
        tls.TrustedCertificates = Certificates.CaFile;
        tls.Certificate = Certificates.ClientFile;
        tls.Key = Certificates.ClientKeyFile;
    }
}
