using System.Net;
using System.Net.Sockets;
using MqttScion.Scion;
using MqttScion.Testnet;

namespace MqttScion.Cli;

/// <summary>The network, the broker and the certificates of <c>testnet up</c>, while it runs.</summary>
internal sealed class RunningTestnet : IAsyncDisposable
{
    private const int DefaultProxyPort = 4433;

    // The leaves of the default network, joined by disjoint paths.
    private static readonly IsdAs DefaultClientAs = IsdAs.Parse("1-ff00:0:111");
    private static readonly IsdAs DefaultProxyAs = IsdAs.Parse("2-ff00:0:211");

    private string? _file;

    private RunningTestnet(EmulatedNetwork network, IsdAs clientAs, IsdAs proxyAs, CertificateFiles certificates)
    {
        Network = network;
        ClientAs = clientAs;
        ProxyAs = proxyAs;
        Certificates = certificates;
    }

    /// <summary>The routers, links and endhost APIs.</summary>
    public EmulatedNetwork Network { get; }

    /// <summary>The broker, or null.</summary>
    public PocketBroker? Broker { get; private set; }

    /// <summary>What answers SCMP echo requests for hosts, or null.</summary>
    public EchoHosts? Echo { get; private init; }

    /// <summary>Shows and changes links while the network runs; null until it has started.</summary>
    public ControlApi? Control { get; private set; }

    /// <summary>Where clients are.</summary>
    public IsdAs ClientAs { get; }

    /// <summary>Where the proxy is.</summary>
    public IsdAs ProxyAs { get; }

    /// <summary>The address for the proxy to listen on: the machine address of its border router.</summary>
    public IPAddress ProxyHost => Network.RouterOf(ProxyAs).InternalEndPoint.Address;

    /// <summary>The port for the proxy to listen on.</summary>
    public int ProxyPort { get; private set; } = DefaultProxyPort;

    /// <summary>The certificates for proxy and clients.</summary>
    public CertificateFiles Certificates { get; }

    /// <summary>True when the certificates were there already.</summary>
    public bool AreCertificatesKept { get; private set; }

    /// <summary>Starts all parts.</summary>
    /// <exception cref="CommandException">A part can't start; the text names the option that may help.</exception>
    public static async Task<RunningTestnet> StartAsync(TestnetSettings settings, CancellationToken cancellationToken)
    {
        settings = settings with { CertificateDirectory = Path.GetFullPath(settings.CertificateDirectory) };
        var loaded = settings.Topology is { } file
            ? OptionFile.Read("--topology", file, EmulatedNetworkOptions.Load)
            : new EmulatedNetworkOptions();
        var topology = loaded.Topology;
        if (topology.Ases.Count == 0)
            throw new CommandException("The topology has no AS.");
        IReadOnlyList<IsdAs> leaves = [.. Leaves(topology, settings.IsLoopback ? [] : loaded.EndhostApis)];
        var clientAs = Choose(topology, settings.ClientAs, DefaultClientAs, "--client-as", leaves[0]);
        var proxyAs = Choose(topology, settings.ProxyAs, DefaultProxyAs, "--proxy-as", leaves[^1]);
        var echo = settings.EchoPort is { } port ? EchoHosts.Reserve(port, settings.TakesFreePorts) : null;
        EmulatedNetwork network;
        try
        {
            network = await MovableAsync(
                settings,
                settings with { EndhostApiPort = 0 },
                each => StartNetworkAsync(each, loaded, clientAs, proxyAs, echo?.Port, cancellationToken))
                .ConfigureAwait(false);
        }
        catch
        {
            echo?.Dispose();
            throw;
        }
        var certificates = new CertificateFiles(settings.CertificateDirectory);
        var testnet = new RunningTestnet(network, clientAs, proxyAs, certificates) { Echo = echo };
        try
        {
            await testnet.StartRestAsync(settings, cancellationToken).ConfigureAwait(false);
            return testnet;
        }
        catch
        {
            await testnet.DisposeAsync().ConfigureAwait(false);
            certificates.RemoveCreated();
            throw;
        }
    }

    /// <summary>Lets the other commands find it, until it stops.</summary>
    /// <param name="json">What they need to know.</param>
    public void Announce(string json) => _file = TestnetFile.Write(Certificates.Directory, json);

    /// <summary>Stops all parts.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_file is not null)
            File.Delete(_file);
        if (Control is not null)
            await Control.DisposeAsync().ConfigureAwait(false);
        if (Broker is not null)
            await Broker.DisposeAsync().ConfigureAwait(false);
        Echo?.Dispose();
        await Network.DisposeAsync().ConfigureAwait(false);
    }

    private async Task StartRestAsync(TestnetSettings settings, CancellationToken cancellationToken)
    {
        Echo?.Start(Network.Topology.Ases.Select(each => Network.HostAddressOf(each.IsdAs)));
        string[] hosts = [.. new[] { "localhost", "127.0.0.1", ProxyHost.ToString() }.Distinct()];
        AreCertificatesKept = Certificates.KeepOrCreate(hosts, TimeProvider.System.GetUtcNow());
        Broker = await MovableAsync(
            settings,
            settings with { BrokerPort = 0, BrokerQuicPort = settings.BrokerQuicPort is null ? null : 0 },
            each => StartBrokerAsync(each, cancellationToken)).ConfigureAwait(false);
        Control = await MovableAsync(
            settings,
            settings with { ControlPort = 0 },
            each => StartControlAsync(each, cancellationToken)).ConfigureAwait(false);
        if (settings.TakesFreePorts)
            ProxyPort = FreePortFor(ProxyHost, DefaultProxyPort);
    }

    // Starts a part on the ports that were asked for or, where free ones will do, on others.
    private static async Task<T> MovableAsync<T>(
        TestnetSettings settings, TestnetSettings elsewhere, Func<TestnetSettings, Task<T>> start)
    {
        try
        {
            return await start(settings).ConfigureAwait(false);
        }
        catch (CommandException) when (settings.TakesFreePorts)
        {
            return await start(elsewhere).ConfigureAwait(false);
        }
    }

    // Nothing holds it until the proxy starts; this only keeps clear of a proxy that is there already.
    private static int FreePortFor(IPAddress address, int preferred)
    {
        try
        {
            using var socket = new Socket(address.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
            socket.Bind(new IPEndPoint(address, preferred));
            return preferred;
        }
        catch (SocketException) when (preferred != 0)
        {
            using var socket = new Socket(address.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
            socket.Bind(new IPEndPoint(address, 0));
            return ((IPEndPoint)socket.LocalEndPoint!).Port;
        }
    }

    // Where hosts are likely to be: ASes that have an endhost API in the file, or are no core ASes; else any.
    private static IEnumerable<IsdAs> Leaves(Topology topology, IReadOnlyList<PocketScionEndhostApi> endhostApis) =>
        endhostApis.Count > 0
            ? endhostApis.SelectMany(api => api.Local)
            : topology.Ases.Where(each => !each.IsCore).DefaultIfEmpty(topology.Ases[0]).Select(each => each.IsdAs);

    private static IsdAs Choose(Topology topology, IsdAs? asked, IsdAs preferred, string option, IsdAs fallback)
    {
        if (asked is { } isdAs && !topology.Contains(isdAs))
            throw new CommandException($"{option}: the topology has no AS {isdAs}.");
        return asked ?? (topology.Contains(preferred) ? preferred : fallback);
    }

    private static async Task<EmulatedNetwork> StartNetworkAsync(
        TestnetSettings settings,
        EmulatedNetworkOptions loaded,
        IsdAs clientAs,
        IsdAs proxyAs,
        int? echoPort,
        CancellationToken cancellationToken)
    {
        // Only pocketscion's files name addresses; in networks of other files all listen on loopback.
        var takesAddresses = loaded.RouterAddresses.Count + loaded.EndhostApis.Count > 0 && !settings.IsLoopback;
        var options = takesAddresses ? loaded : new EmulatedNetworkOptions { Topology = loaded.Topology };
        options.Segments = settings.Segments;
        options.EndhostPort = (ushort)(echoPort ?? options.EndhostPort);
        if (!takesAddresses)
            options.EndhostApis = [.. EndhostApis(loaded.Topology, settings.EndhostApiPort, clientAs, proxyAs)];
        try
        {
            return await EmulatedNetwork.StartAsync(options, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (takesAddresses && e is SocketException or IOException)
        {
            throw new CommandException(
                $"The network of {settings.Topology} can't start: {e.Message} "
                + "With --loopback its addresses are left out and all listen on 127.0.0.1.",
                e);
        }
        catch (IOException e)
        {
            throw new CommandException(
                $"An endhost API can't start: {e.Message} Choose other ports with --endhost-api-port.", e);
        }
    }

    private static IEnumerable<PocketScionEndhostApi> EndhostApis(
        Topology topology, int firstPort, IsdAs clientAs, IsdAs proxyAs)
    {
        if (firstPort + topology.Ases.Count > ushort.MaxValue)
        {
            throw new CommandException(
                $"--endhost-api-port: {topology.Ases.Count} ports from {firstPort} on would end above 65535.");
        }
        // The client's AS has the first port and the proxy's the next, so that both are easy to remember.
        return new[] { clientAs, proxyAs }
            .Concat(topology.Ases.Select(each => each.IsdAs))
            .Distinct()
            .Select((isdAs, i) => new PocketScionEndhostApi(
                [isdAs], new IPEndPoint(IPAddress.Loopback, firstPort == 0 ? 0 : firstPort + i)));
    }

    private async Task<PocketBroker?> StartBrokerAsync(
        TestnetSettings settings, CancellationToken cancellationToken)
    {
        if (settings.BrokerPort is not { } port)
            return null;
        var options = new PocketBrokerOptions
        {
            EndPoint = new(IPAddress.Loopback, port),
            Quic = settings.BrokerQuicPort is not { } quicPort ? null : new PocketBrokerQuicOptions
            {
                EndPoint = new(IPAddress.Loopback, quicPort),
                // The certificate is one for hosts: the broker is on the proxy's.
                Certificate = Certificates.Proxy,
                Key = Certificates.ProxyKey,
                TrustedCertificates = Certificates.Ca,
            },
        };
        try
        {
            return await PocketBroker.StartAsync(options, cancellationToken).ConfigureAwait(false);
        }
        catch (SocketException e)
        {
            var quic = options.Quic is { EndPoint: { } endPoint } ? $" or, for QUIC, {endPoint}" : "";
            throw new CommandException(
                $"The broker can't listen on 127.0.0.1:{port}{quic}: {e.Message}. "
                + "Choose other ports with --broker-port and --broker-quic-port, "
                + "or --no-broker when a broker runs there already.",
                e);
        }
    }

    private async Task<ControlApi> StartControlAsync(TestnetSettings settings, CancellationToken cancellationToken)
    {
        try
        {
            return await ControlApi
                .StartAsync(Network, new IPEndPoint(IPAddress.Loopback, settings.ControlPort), cancellationToken)
                .ConfigureAwait(false);
        }
        catch (IOException e)
        {
            throw new CommandException(
                $"The control API can't start: {e.Message} Choose another port with --control-port.", e);
        }
    }
}
