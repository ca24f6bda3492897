using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using MqttScion.Quic;
using MqttScion.Scion;
using MqttScion.Testnet;
using MqttScion.Udp;

namespace MqttScion.Transport.Tests;

/// <summary>A loop that accepts connections, over real sockets within one AS.</summary>
public sealed class EndpointLoopTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);
    private static readonly IsdAs IsdAs = IsdAs.Parse("1-ff00:0:110");
    private static readonly ScionPath Path = ScionPath.SameAs(IsdAs, mtu: 1472, DateTimeOffset.MaxValue);

    private readonly string _directory = Directory.CreateTempSubdirectory("mqttscion-test-").FullName;
    private readonly IQuicTlsFactory _serverTls;
    private readonly IQuicTlsFactory _clientTls;

    public EndpointLoopTests()
    {
        var files = TestCertificates.Create(_directory);
        _serverTls = new TlsFiles(files.CaFile, files.ServerFile, files.ServerKeyFile, null).Load();
        _clientTls = new TlsFiles(files.CaFile, files.ClientFile, files.ClientKeyFile, null).Load();
    }

    public void Dispose()
    {
        _serverTls.Dispose();
        _clientTls.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public async Task Handshake_that_is_being_computed_keeps_no_other_connection_waiting()
    {
        using var gate = new ManualResetEventSlim();
        using var gated = new GatedFactory(_serverTls, gate);
        using var workers = new HandshakeWorkers(threadCount: 1, capacity: 10);
        var accepted = new List<ConnectionApplication>();
        await using var server = Start(gated, accepted, workers);
        await using var client = Start(_clientTls, accepted: null);
        var first = Connect(client, server.LocalEndPoint);
        await first.Ready.WaitAsync(Patience);
        var pipe = await first.OpenStreamAsync(bidirectional: true, default).WaitAsync(Patience);
        var second = Connect(client, server.LocalEndPoint);
        SpinWait.SpinUntil(() => gated.Count == 2 && gated.Last!.Reached.IsSet, Patience).Should().BeTrue();

        await pipe.Output.WriteAsync(new byte[] { 42 });
        var input = (await accepted[0].AcceptStreamAsync(default).WaitAsync(Patience)).Input;
        var received = await input.ReadAsync().AsTask().WaitAsync(Patience);

        received.Buffer.FirstSpan[0].Should().Be(42);
        second.Ready.IsCompleted.Should().BeFalse();
        gate.Set();
        await second.Ready.WaitAsync(Patience);
    }

    [Fact]
    public async Task Loop_that_ends_under_a_handshake_leaves_it_to_the_worker()
    {
        using var gate = new ManualResetEventSlim();
        using var gated = new GatedFactory(_serverTls, gate) { FreeCount = 0 };
        using var workers = new HandshakeWorkers(threadCount: 1, capacity: 10);
        await using var client = Start(_clientTls, accepted: null);
        await using (var server = Start(gated, [], workers))
        {
            Connect(client, server.LocalEndPoint);
            SpinWait.SpinUntil(() => gated.Last is not null, Patience).Should().BeTrue();
            gated.Last!.Reached.Wait(Patience).Should().BeTrue();
        }

        gated.Last.Disposed.IsSet.Should().BeFalse();
        gate.Set();
        gated.Last.Disposed.Wait(Patience).Should().BeTrue();
    }

    [Fact]
    public async Task Loop_runs_outside_the_context_of_who_started_it()
    {
        var ambient = new AsyncLocal<string?> { Value = "request" };
        await using var loop = Start(_clientTls, accepted: null);
        var seen = new TaskCompletionSource<string?>();

        loop.Post(new Work(() => seen.SetResult(ambient.Value)));

        (await seen.Task.WaitAsync(Patience)).Should().BeNull();
    }

    private static EndpointLoop Start(
        IQuicTlsFactory tls, List<ConnectionApplication>? accepted, HandshakeWorkers? workers = null)
    {
        var offload = workers is null ? null : new OffloadedTlsFactory(tls, workers);
        var quic = new QuicEndpoint(
            offload ?? tls,
            QuicCrypto.Default.CreateProtectors(),
            new QuicOptions(),
            acceptConnections: accepted is not null,
            new CryptographicRandom());
        var socket = new ScionBinding(IsdAs, new IPEndPoint(IPAddress.Loopback, 0)).Open();
        Func<ScionEndPoint, IConnectionApplication?>? accept = accepted is null ? null : remote =>
        {
            accepted.Add(new ConnectionApplication(new ConnectionApplicationOptions(remote)));
            return accepted[^1];
        };
        return new EndpointLoop(
            new ScionLoopSocket(socket), quic, accept, TimeProvider.System, NullLogger.Instance, watch: null, offload);
    }

    private static ConnectionApplication Connect(EndpointLoop loop, ScionEndPoint server)
    {
        var application = new ConnectionApplication(new ConnectionApplicationOptions(server));
        loop.Post(new Dial(loop, server, application));
        return application;
    }

    private sealed record Work(Action Act) : ILoopWork
    {
        public void Run(TimeSpan now) => Act();
    }

    private sealed record Dial(EndpointLoop Loop, ScionEndPoint Server, ConnectionApplication Application) : ILoopWork
    {
        public void Run(TimeSpan now) => Loop.Connect(Server, Path, "127.0.0.1", Application, steering: null, now);
    }

    /// <summary>All handshakes but the first ones stop at a gate.</summary>
    private sealed class GatedFactory(IQuicTlsFactory inner, ManualResetEventSlim gate) : IQuicTlsFactory
    {
        private readonly ManualResetEventSlim _open = new(initialState: true);
        private GatedTls? _last;
        private int _count;

        public int FreeCount { get; init; } = 1;

        public int Count => Volatile.Read(ref _count);

        public GatedTls? Last => Volatile.Read(ref _last);

        public IQuicTls CreateClient(string serverName, ReadOnlySpan<byte> session, bool offersEarlyData) =>
            inner.CreateClient(serverName, session, offersEarlyData);

        public IQuicTls CreateServer(ReadOnlySpan<byte> ticketContext, bool acceptsEarlyData)
        {
            var made = inner.CreateServer(ticketContext, acceptsEarlyData);
            var tls = new GatedTls(_count < FreeCount ? _open : gate, made);
            Volatile.Write(ref _last, tls);
            Volatile.Write(ref _count, _count + 1);
            return tls;
        }

        public void Dispose() => _open.Dispose();
    }
}
