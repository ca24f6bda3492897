using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging.Abstractions;
using MqttScion.Proxy.Tests.Support;
using MqttScion.Quic;
using MqttScion.Scion;
using MqttScion.Testnet;
using MqttScion.Udp;

namespace MqttScion.Proxy.Tests;

/// <summary>
/// Each fault gives its own clear error at the client, within a bounded time, and the proxy goes on serving others.
/// </summary>
public sealed class BadInputTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    private PocketBroker _broker = null!;

    public async Task InitializeAsync() => _broker = await PocketBroker.StartAsync();

    public async Task DisposeAsync() => await _broker.DisposeAsync();

    [Theory]
    [InlineData(CertificateFault.Expired, "expired")]
    [InlineData(CertificateFault.WrongName, "127.0.0.1")]
    [InlineData(CertificateFault.UnknownCa, "unknown CA|not trusted|unknown_ca|trusted CA")]
    [InlineData(CertificateFault.WrongUsage, "purpose|usage")]
    public async Task Server_certificate_with_a_fault_is_refused_by_the_client_with_its_reason(
        CertificateFault fault,
        string expected)
    {
        await using var world = new SameAsWorld(_broker.EndPoint.ToString(), serverFault: fault);
        await using var client = world.Client("client");

        var act = () => client.ConnectAsync().WaitAsync(Patience);

        var error = (await act.Should().ThrowAsync<QuicConnectionException>()).Which;
        error.Close.Kind.Should().Be(QuicCloseKind.LocalTransport);
        error.Message.Should().MatchRegex(expected);
        world.Proxy.SessionCount.Should().BeLessThanOrEqualTo(1);
    }

    [Theory]
    [InlineData(CertificateFault.Expired, 45)]
    [InlineData(CertificateFault.UnknownCa, 48)]
    [InlineData(CertificateFault.WrongUsage, 43)]
    public async Task Client_certificate_with_a_fault_is_refused_by_the_proxy_with_its_alert(
        CertificateFault fault,
        int alert)
    {
        await using var world = new SameAsWorld(_broker.EndPoint.ToString(), clientFault: fault);
        await using var client = world.Client("client");

        var act = () => client.ConnectAsync().WaitAsync(Patience);

        var error = (await act.Should().ThrowAsync<QuicConnectionException>()).Which;
        error.Close.Kind.Should().Be(QuicCloseKind.PeerTransport);
        error.Close.ErrorCode.Should().Be(0x100ul + (ulong)alert);
        error.Message.Should().Contain($"TLS alert {alert}");
    }

    [Fact]
    public async Task Client_without_a_certificate_is_closed_with_0x100_and_others_are_served()
    {
        await using var world = new SameAsWorld(_broker.EndPoint.ToString());
        await using var good = world.Client("good");
        await good.ConnectAsync();
        using var tls = await WithoutCertificateAsync(world);
        await using var loop = LoopOf(tls);
        var application = new ConnectionApplication(new ConnectionApplicationOptions(world.Proxy.LocalEndPoint));
        var path = ScionPath.SameAs(SameAsWorld.IsdAs, mtu: 1472, DateTimeOffset.MaxValue);

        loop.Post(new Dial(loop, world.Proxy.LocalEndPoint, path, application));
        var ended = await application.Ended.WaitAsync(Patience);

        ended.Should().BeOfType<QuicConnectionException>().Which.Close.Should().Match<QuicCloseReason>(
            c => c.Kind == QuicCloseKind.PeerApplication && c.ErrorCode == ProxyErrorCodes.NoClientCertificate);
        await using var roundTrip = await good.SubscribeAsync("still/served");
    }

    [Fact]
    public async Task Client_without_a_certificate_gets_no_session_for_what_it_sends_with_the_handshake()
    {
        await using var world = new SameAsWorld(_broker.EndPoint.ToString());
        var sessions = new ConcurrentQueue<ScionEndPoint>();
        var opened = new TaskCompletionSource();
        using var watching = world.Proxy.Sessions.Subscribe(session =>
        {
            sessions.Enqueue(session.Client);
            opened.TrySetResult();
        });
        using var tls = await WithoutCertificateAsync(world);
        await using var loop = LoopOf(tls);
        var eager = new EagerApplication();
        var path = ScionPath.SameAs(SameAsWorld.IsdAs, mtu: 1472, DateTimeOffset.MaxValue);

        loop.Post(new Dial(loop, world.Proxy.LocalEndPoint, path, eager));
        var closed = await eager.Closed.WaitAsync(Patience);

        closed.ErrorCode.Should().Be(ProxyErrorCodes.NoClientCertificate);
        await using var good = world.Client("good");
        await good.ConnectAsync().WaitAsync(Patience);
        await using var roundTrip = await good.SubscribeAsync("marker");
        await opened.Task.WaitAsync(Patience);
        sessions.Should().ContainSingle("only the good client has one").Which.Should().NotBe(loop.LocalEndPoint);
    }

    [Fact]
    public async Task Client_that_opens_no_stream_is_closed_with_0x105_and_its_slot_is_free()
    {
        await using var world = new SameAsWorld(
            _broker.EndPoint.ToString(),
            configure: options => options.FirstStreamTimeout = TimeSpan.FromMilliseconds(500));
        await using var good = world.Client("good");
        await good.ConnectAsync();
        using var tls = new TlsFiles(
            world.Certificates.CaFile, world.Certificates.ClientFile, world.Certificates.ClientKeyFile, null, null)
            .Load(keyLog: null);
        await using var loop = LoopOf(tls);
        var idle = new ConnectionApplication(new ConnectionApplicationOptions(world.Proxy.LocalEndPoint));
        var path = ScionPath.SameAs(SameAsWorld.IsdAs, mtu: 1472, DateTimeOffset.MaxValue);

        loop.Post(new Dial(loop, world.Proxy.LocalEndPoint, path, idle));
        var ended = await idle.Ended.WaitAsync(Patience);

        ended.Should().BeOfType<QuicConnectionException>().Which.Close.Should().Match<QuicCloseReason>(
            c => c.Kind == QuicCloseKind.PeerApplication && c.ErrorCode == ProxyErrorCodes.NoStream);
        SpinWait.SpinUntil(() => world.Proxy.SessionCount == 1, Patience).Should().BeTrue();
        await using var roundTrip = await good.SubscribeAsync("still/served");
    }

    [Fact]
    public async Task Forged_first_datagrams_leave_nothing_behind()
    {
        await using var world = new SameAsWorld(_broker.EndPoint.ToString());
        world.Proxy.LocalEndPoint.TryGetIPEndPoint(out var target).Should().BeTrue();
        using var forger = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        var source = new ScionEndPoint(
            SameAsWorld.IsdAs,
            ScionHost.FromIPAddress(IPAddress.Loopback),
            (ushort)((IPEndPoint)forger.Client.LocalEndPoint!).Port);
        var template = new HeaderTemplate(source, world.Proxy.LocalEndPoint, PathType.Empty, []);
        for (var i = 0; i < 20; i++)
        {
            // The form of an Initial packet (RFC 9000 §17.2.2) of 1200 bytes with a payload that nobody sealed.
            var packet = new byte[template.Length + 1200];
            var initial = packet.AsSpan(template.Length);
            RandomNumberGenerator.Fill(initial);
            byte[] start = [0xc0, 0, 0, 0, 1, 8];
            start.CopyTo(initial);
            initial[14] = 8;
            byte[] end = [0, 0x44, 0x96];
            end.CopyTo(initial[23..]);
            template.Stamp(packet);
            await forger.SendAsync(packet, target!);
        }

        await using var client = world.Client("client");
        await client.ConnectAsync().WaitAsync(Patience);

        world.Proxy.SessionCount.Should().Be(1);
    }

    [Fact]
    public async Task Proxy_without_a_broker_closes_with_0x102_and_the_client_says_so()
    {
        await using var world = new SameAsWorld($"127.0.0.1:{UnusedTcpPort()}");
        await using var client = world.Client("client");

        var act = () => client.ConnectAsync().WaitAsync(Patience);

        var error = (await act.Should().ThrowAsync<QuicConnectionException>()).Which;
        error.Close.ErrorCode.Should().Be(ProxyErrorCodes.BrokerUnreachable);
        error.Message.Should().Contain("cannot reach the broker");
    }

    [Fact]
    public async Task Broker_that_goes_away_is_told_to_the_client_as_0x101()
    {
        await using var world = new SameAsWorld(_broker.EndPoint.ToString());
        await using var transport = await ScionQuicTransport.ConnectAsync(world.TransportOptions());
        await transport.Output.WriteAsync(new byte[] { 0xff, 0xff }); // No MQTT packet: the broker hangs up.

        var ended = await transport.Ended.WaitAsync(Patience);

        ended.Should().BeOfType<QuicConnectionException>()
            .Which.Close.ErrorCode.Should().Be(ProxyErrorCodes.BrokerConnectionLost);
    }

    [Fact]
    public async Task No_path_is_told_at_once()
    {
        await using var world = new SameAsWorld(_broker.EndPoint.ToString());
        var options = world.ClientOptions("client");
        options.Servers[0] = "[9-ff00:0:999,127.0.0.1]:4433";
        await using var client = new ScionMqttClient(options);

        var act = () => client.ConnectAsync().WaitAsync(Patience);

        (await act.Should().ThrowAsync<NoPathException>()).Which.Message.Should().Contain("9-ff00:0:999");
    }

    [Fact]
    public async Task Unreachable_endhost_API_is_named()
    {
        await using var world = new SameAsWorld(_broker.EndPoint.ToString());
        var options = world.ClientOptions("client");
        options.Scion.PathSource = null;
        options.Scion.EndhostApi = new Uri($"http://127.0.0.1:{UnusedTcpPort()}");
        await using var client = new ScionMqttClient(options);

        var act = () => client.ConnectAsync().WaitAsync(Patience);

        (await act.Should().ThrowAsync<PathLookupException>()).Which.Message.Should()
            .Contain(options.Scion.EndhostApi.Authority);
    }

    [Fact]
    public async Task Silent_server_ends_in_a_handshake_timeout()
    {
        using var silent = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        await using var world = new SameAsWorld(_broker.EndPoint.ToString());
        var options = world.ClientOptions("client");
        options.Servers[0] = $"[{SameAsWorld.IsdAs},127.0.0.1]:{((IPEndPoint)silent.Client.LocalEndPoint!).Port}";
        options.HandshakeTimeout = TimeSpan.FromMilliseconds(500);
        await using var client = new ScionMqttClient(options);

        var act = () => client.ConnectAsync().WaitAsync(Patience);

        (await act.Should().ThrowAsync<QuicConnectionException>()).Which.Close.Kind.Should()
            .Be(QuicCloseKind.HandshakeTimeout);
    }

    [Fact]
    public async Task Garbage_at_the_proxy_s_port_disturbs_nobody()
    {
        await using var world = new SameAsWorld(_broker.EndPoint.ToString());
        await using var client = world.Client("client");
        await client.ConnectAsync();
        world.Proxy.LocalEndPoint.TryGetIPEndPoint(out var target).Should().BeTrue();
        using var garbage = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        var source = new ScionEndPoint(
            SameAsWorld.IsdAs,
            ScionHost.FromIPAddress(IPAddress.Loopback),
            (ushort)((IPEndPoint)garbage.Client.LocalEndPoint!).Port);
        var template = new HeaderTemplate(source, world.Proxy.LocalEndPoint, PathType.Empty, []);
        var random = new Random(1);

        for (var i = 0; i < 2000; i++)
        {
            var bytes = RandomNumberGenerator.GetBytes(random.Next(1, 1400));
            await garbage.SendAsync(bytes, target!);
            // The same inside a proper SCION header, half of it dressed as a QUIC long or short header.
            var packet = new byte[template.Length + bytes.Length];
            bytes.CopyTo(packet, template.Length);
            ref var first = ref packet[template.Length];
            first = (byte)(i % 2 == 0 ? 0xc0 | first : 0x40 | first & 0x3f);
            template.Stamp(packet);
            await garbage.SendAsync(packet, target!);
        }

        await using var roundTrip = await client.SubscribeAsync("still/served");
        roundTrip.Result.Items.Should().ContainSingle();
    }

    private static async Task<IQuicTlsFactory> WithoutCertificateAsync(SameAsWorld world) =>
        QuicCrypto.Default.CreateTls(new QuicTlsOptions
        {
            TrustedCertificatesPem = await File.ReadAllTextAsync(world.Certificates.CaFile),
        });

    private static EndpointLoop LoopOf(IQuicTlsFactory tls)
    {
        var quic = new QuicEndpoint(
            tls,
            QuicCrypto.Default.CreateProtectors(),
            new QuicOptions(),
            acceptConnections: false,
            new CryptographicRandom());
        var socket = new ScionBinding(SameAsWorld.IsdAs, new IPEndPoint(IPAddress.Loopback, 0)).Open();
        return new EndpointLoop(
            new ScionLoopSocket(socket), quic, accept: null, TimeProvider.System, NullLogger.Instance);
    }

    private static int UnusedTcpPort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private sealed record Dial(
        EndpointLoop Loop,
        ScionEndPoint Server,
        ScionPath Path,
        IConnectionApplication Application) : ILoopWork
    {
        public void Run(TimeSpan now) => Loop.Connect(Server, Path, "127.0.0.1", Application, steering: null, now);
    }

    /// <summary>Writes to its stream in the same turn in which the handshake completes.</summary>
    private sealed class EagerApplication : IConnectionApplication
    {
        private readonly TaskCompletionSource<QuicCloseReason> _closed =
            new(TaskCreationOptions.RunContinuationsAsynchronously);
        private LoopConnection? _connection;

        public Task<QuicCloseReason> Closed => _closed.Task;

        public TimeSpan? NextTimeout => null;

        public bool IsFinished => _closed.Task.IsCompleted;

        public void Attach(LoopConnection connection, TimeSpan now) => _connection = connection;

        public void OnEvent(in QuicEvent e, TimeSpan now)
        {
            if (e.Kind == QuicEventKind.HandshakeCompleted
                && _connection!.Quic.TryOpenStream(bidirectional: true, out var stream))
            {
                stream.Write([0x10, 0x0d, 0, 4, (byte)'M', (byte)'Q', (byte)'T', (byte)'T', 5, 2, 0, 60, 0, 0, 0]);
            }
            else if (e.Kind == QuicEventKind.Closed)
            {
                _closed.TrySetResult(e.Close!);
            }
        }

        public void Pump(TimeSpan now)
        {
        }

        public void OnTimeout(TimeSpan now)
        {
        }

        public void OnLoopEnded(Exception cause) => _closed.TrySetException(cause);
    }
}
