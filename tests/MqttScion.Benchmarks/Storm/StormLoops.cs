using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using MqttScion.Quic;
using MqttScion.Scion;
using MqttScion.Testnet;
using MqttScion.Udp;

namespace MqttScion.Benchmarks;

/// <summary>Loops of one AS on loopback, with mutual TLS.</summary>
internal static class StormLoops
{
    public const string ServerName = "localhost";

    private static readonly IsdAs IsdAs = IsdAs.Parse("1-ff00:0:110");

    public static ScionPath Path { get; } = ScionPath.SameAs(IsdAs, mtu: 1472, DateTimeOffset.MaxValue);

    public static IQuicTlsFactory ServerTls(string directory) => Tls(directory, "server");

    public static IQuicTlsFactory ClientTls(string directory) => Tls(directory, "client");

    public static string CreateCertificates()
    {
        var directory = Directory.CreateTempSubdirectory("mqttscion-benchmark-").FullName;
        TestCertificates.Create(directory);
        return directory;
    }

    public static EndpointLoop Client(IQuicTlsFactory tls) => Start(tls, accept: null, new QuicOptions());

    public static EndpointLoop Start(
        IQuicTlsFactory tls,
        Func<ScionEndPoint, IConnectionApplication?>? accept,
        QuicOptions options,
        HandshakeWorkers? workers = null)
    {
        var offload = workers is null ? null : new OffloadedTlsFactory(tls, workers);
        var quic = new QuicEndpoint(
            offload ?? tls,
            QuicCrypto.Default.CreateProtectors(),
            options,
            accept is not null,
            new CryptographicRandom());
        var socket = new ScionBinding(IsdAs, new IPEndPoint(IPAddress.Loopback, 0)).Open();
        return new EndpointLoop(
            new ScionLoopSocket(socket),
            quic,
            accept,
            TimeProvider.System,
            NullLogger.Instance,
            watch: null,
            offload);
    }

    /// <summary>Connects to a server from any thread.</summary>
    public static void Connect(EndpointLoop loop, ScionEndPoint server, IConnectionApplication application) =>
        loop.Post(new ConnectWork(loop, server, application));

    private static IQuicTlsFactory Tls(string directory, string name) => QuicCrypto.Default.CreateTls(new QuicTlsOptions
    {
        TrustedCertificatesPem = File.ReadAllText(System.IO.Path.Combine(directory, "ca.pem")),
        CertificateChainPem = File.ReadAllText(System.IO.Path.Combine(directory, $"{name}.pem")),
        PrivateKeyPem = File.ReadAllText(System.IO.Path.Combine(directory, $"{name}.key")),
        RequireClientCertificate = true,
    });

    private sealed record ConnectWork(EndpointLoop Loop, ScionEndPoint Server, IConnectionApplication Application)
        : ILoopWork
    {
        public void Run(TimeSpan now) => Loop.Connect(Server, Path, ServerName, Application, steering: null, now);
    }
}
