using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;
using System.Reactive.Linq;
using MqttScion.Mqtt;
using MqttScion.Proxy.Tests.Support;
using MqttScion.Quic;
using MqttScion.Tests.Support;

namespace MqttScion.Tests.PlainQuic;

/// <summary>The client on QUIC over plain IP, against the embedded broker.</summary>
[SuppressMessage("Design", "CA1001", Justification = "xunit disposes it through IAsyncLifetime.")]
public sealed class PlainQuicTests : IAsyncLifetime
{
    private readonly PlainQuicWorld _world = new();

    private static TimeSpan Patience => PlainQuicWorld.Patience;

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _world.DisposeAsync();

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Message_goes_out_and_comes_back(int qos)
    {
        await _world.StartAsync();
        await using var client = _world.Client("c");
        await client.ConnectAsync().WaitAsync(Patience);
        await using var subscription = await client.SubscribeAsync(Messages.Filter("t/#", qos));
        var received = subscription.Messages.Collect();

        var payload = new string('x', 20_000);
        (await client.PublishAsync(Messages.Of("t/1", payload, qos)).AsTask().WaitAsync(Patience))
            .IsSuccess.Should().BeTrue();

        var message = await received.NextAsync();
        message.Payload.Length.Should().Be(payload.Length);
        ((int)message.QualityOfServiceLevel).Should().Be(qos);
    }

    [Fact]
    public async Task Connection_tells_of_no_path_and_of_the_address_in_use()
    {
        await _world.StartAsync();
        var client = _world.Client("c", $"mqtt-quic://localhost:{_world.Port}", Resolves(IPAddress.Loopback));
        var paths = client.Paths.Collect();
        var statistics = client.Statistics.Collect();
        await client.ConnectAsync().WaitAsync(Patience);

        var state = await client.ConnectionStates.OfType<ConnectionState.Connected>().FirstAsync().Timeout(Patience);
        state.Path.Should().BeNull();
        var first = await statistics.NextAsync();
        first.Remote.Should().Be(MqttEndPoint.Parse($"mqtt-quic://127.0.0.1:{_world.Port}").Address);
        first.Path.Should().BeNull();
        paths.Completion.IsCompleted.Should().BeFalse();
        await client.DisposeAsync();
        (await paths.WaitToReadAsync().AsTask().WaitAsync(Patience)).Should().BeFalse("there is none, to the end");
    }

    [Fact]
    public async Task Client_comes_back_to_a_broker_that_was_restarted_and_its_session_is_resumed()
    {
        await _world.StartAsync();
        var port = _world.Port;
        await using var client = _world.Client("c");
        var states = client.ConnectionStates.Collect();
        await client.ConnectAsync().WaitAsync(Patience);
        await using var subscription = await client.SubscribeAsync(Messages.Filter("t", 1));
        var received = subscription.Messages.Collect();
        await states.NextAsync<ConnectionState, ConnectionState.Connected>();

        await _world.Broker.DisposeAsync();
        await states.NextAsync<ConnectionState, ConnectionState.Reconnecting>();
        var publishing = client.PublishAsync(Messages.Of("t", "kept", qos: 1)).AsTask();
        await _world.StartAsync(port: port);

        (await states.NextAsync<ConnectionState, ConnectionState.Connected>()).SessionPresent.Should().BeTrue();
        (await publishing.WaitAsync(Patience)).IsSuccess.Should().BeTrue();
        (await received.NextAsync()).Topic.Should().Be("t");
    }

    [Fact]
    public async Task Certificate_of_localhost_is_checked_against_the_name()
    {
        await _world.StartAsync();
        await using var client = _world.Client(
            "c", $"mqtt-quic://LOCALHOST:{_world.Port}", Resolves(IPAddress.Loopback));

        await client.ConnectAsync().WaitAsync(Patience);

        var other = await _world.FailureOfAsync<QuicConnectionException>(
            $"mqtt-quic://other.example:{_world.Port}", Resolves(IPAddress.Loopback));
        other.Close.Kind.Should().Be(QuicCloseKind.LocalTransport);
        other.Message.Should().Contain("TLS alert");
    }

    [Fact]
    public async Task Name_is_looked_up_by_the_system()
    {
        await _world.StartAsync();
        await using var client = _world.Client("c", $"mqtt-quic://localhost:{_world.Port}", o =>
            o.HandshakeTimeout = TimeSpan.FromSeconds(2));

        await client.ConnectAsync().WaitAsync(Patience);
    }

    [IPv6Fact]
    public async Task Broker_on_IPv6_is_reached_by_its_address()
    {
        await _world.StartAsync(IPAddress.IPv6Loopback);
        await using var client = _world.Client("c", $"mqtt-quic://[::1]:{_world.Port}");

        await client.ConnectAsync().WaitAsync(Patience);

        (await client.PublishAsync(Messages.Of("t", qos: 1)).AsTask().WaitAsync(Patience)).IsSuccess.Should().BeTrue();
    }

    [Fact]
    public async Task Addresses_of_a_name_are_tried_in_turn()
    {
        await _world.StartAsync();
        await using var client = _world.Client("c", $"mqtt-quic://localhost:{_world.Port}", o =>
        {
            Resolves(IPAddress.Parse("127.0.0.2"), IPAddress.Loopback)(o);
            o.HandshakeTimeout = TimeSpan.FromSeconds(1);
        });

        await client.ConnectAsync().WaitAsync(Patience);
    }

    [Fact]
    public async Task Port_on_which_nobody_listens_fails_at_once()
    {
        var port = ClosedPort();

        var failure = await _world.FailureOfAsync<HostUnreachableException>(
            $"mqtt-quic://127.0.0.1:{port}", o => o.HandshakeTimeout = TimeSpan.FromMinutes(1));

        failure.Message.Should().Be($"mqtt-quic://127.0.0.1:{port} can't be reached: tried 127.0.0.1:{port}: nothing "
            + "listens on this UDP port (ICMP port unreachable)");
    }

    [Fact]
    public async Task Address_on_which_nobody_listens_costs_the_next_one_no_time()
    {
        await _world.StartAsync();
        await using var client = _world.Client("c", $"mqtt-quic://localhost:{_world.Port}", o =>
        {
            Resolves(IPAddress.Parse("127.0.0.2"), IPAddress.Loopback)(o);
            o.HandshakeTimeout = TimeSpan.FromMinutes(1);
        });

        await client.ConnectAsync().WaitAsync(Patience);
    }

    [Fact]
    public async Task Established_connection_heeds_no_unreachable_port()
    {
        await _world.StartAsync();
        using var relay = new CutRelay(_world.Broker.QuicEndPoint!);
        await using var client = _world.Client("c", $"mqtt-quic://127.0.0.1:{relay.Port}");
        var states = client.ConnectionStates.Collect();
        await client.ConnectAsync().WaitAsync(Patience);
        (await client.PublishAsync(Messages.Of("t", qos: 1)).AsTask().WaitAsync(Patience)).IsSuccess.Should().BeTrue();
        await states.NextAsync<ConnectionState, ConnectionState.Connected>();

        relay.Cut();
        var publishing = client.PublishAsync(Messages.Of("t", qos: 1)).AsTask();
        await Task.Delay(300); // Some sendings, each refused by the system.
        relay.Reopen();

        (await publishing.WaitAsync(Patience)).IsSuccess.Should().BeTrue();
        states.TryRead(out _).Should().BeFalse("the connection is the same");
    }

    [Fact]
    public async Task Silent_port_fails_after_the_handshake_timeout_of_each_address_and_names_them()
    {
        using var silent = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        var port = ((IPEndPoint)silent.Client.LocalEndPoint!).Port;

        var one = await _world.FailureOfAsync<QuicConnectionException>($"mqtt-quic://127.0.0.1:{port}", Hastily);
        var three = await _world.FailureOfAsync<QuicConnectionException>($"mqtt-quic://localhost:{port}", o =>
        {
            var addresses = Enumerable.Range(1, 9).Select(i => IPAddress.Parse($"127.0.0.{i}"));
            Resolves([.. addresses])(o);
            Hastily(o);
        });

        one.Close.Kind.Should().Be(QuicCloseKind.HandshakeTimeout);
        one.Message.Should().Contain($"mqtt-quic://127.0.0.1:{port}").And.Contain("timed out");
        three.Close.Kind.Should().Be(QuicCloseKind.HandshakeTimeout);
        three.Message.Should().Contain($"mqtt-quic://localhost:{port}").And.Contain($"127.0.0.1:{port}: no answer")
            .And.Contain($"127.0.0.3:{port}").And.NotContain($"127.0.0.4:{port}", "three are the most");
    }

    [Fact]
    public async Task Name_that_is_not_known_or_not_answered_is_a_failure_of_its_own()
    {
        var unknown = await _world.FailureOfAsync<HostUnreachableException>("mqtt-quic://nowhere.example", o =>
            o.ResolveHost = (_, _) => throw new SocketException((int)SocketError.HostNotFound));
        var none = await _world.FailureOfAsync<HostUnreachableException>("mqtt-quic://nowhere.example", Resolves());
        var slow = await _world.FailureOfAsync<HostUnreachableException>("mqtt-quic://nowhere.example", o =>
        {
            Hastily(o);
            o.ResolveHost = (_, _) => new TaskCompletionSource<IPAddress[]>().Task;
        });

        unknown.Message.Should().Contain("mqtt-quic://nowhere.example:14567").And.Contain("was not found");
        unknown.Server.Host.Should().Be("nowhere.example");
        none.Message.Should().Contain("has no address");
        slow.Message.Should().Contain("not looked up within");
    }

    [Fact]
    public async Task Call_that_connected_is_not_the_context_of_what_comes_later()
    {
        await _world.StartAsync();
        var port = _world.Port;
        var ambient = new AsyncLocal<string?> { Value = "request" };
        var seen = new ConcurrentQueue<string?>();
        await using var client = _world.Client("c", $"mqtt-quic://localhost:{port}", o => o.ResolveHost = (_, _) =>
        {
            seen.Enqueue(ambient.Value);
            return Task.FromResult<IPAddress[]>([IPAddress.Loopback]);
        });
        var states = client.ConnectionStates.Collect();
        await client.ConnectAsync().WaitAsync(Patience);
        await states.NextAsync<ConnectionState, ConnectionState.Connected>();

        await _world.Broker.DisposeAsync();
        await _world.StartAsync(port: port);
        await states.NextAsync<ConnectionState, ConnectionState.Connected>();

        seen.First().Should().Be("request");
        seen.Skip(1).Should().NotBeEmpty().And.OnlyContain(context => context == null);
    }

    [Fact]
    public async Task Certificate_of_another_CA_is_refused()
    {
        await _world.StartAsync();
        await using var stranger = new PlainQuicWorld();

        var error = await _world.FailureOfAsync<QuicConnectionException>(
            configure: o => o.Tls.TrustedCertificates = stranger.Certificates.CaFile);

        error.Close.Kind.Should().Be(QuicCloseKind.LocalTransport);
        error.Message.Should().Contain("unknown_ca");
    }

    [Fact]
    public async Task Other_application_protocol_is_told_as_such()
    {
        await _world.StartAsync(quic: o => o with { ApplicationProtocol = "h3" });

        var error = await _world.FailureOfAsync<QuicConnectionException>();

        error.Close.ErrorCode.Should().Be(0x178);
        error.Message.Should().Contain("ALPN").And.Contain("'mqtt'");
    }

    [Fact]
    public async Task Broker_that_requires_a_certificate_takes_ours_and_refuses_none()
    {
        await _world.StartAsync(quic: o => o with
        {
            TrustedCertificates = _world.Certificates.CaFile,
            RequiresClientCertificate = true,
        });

        var refused = await _world.FailureOfAsync<QuicConnectionException>();
        await using var client = _world.Client("c", configure: o =>
        {
            o.Tls.Certificate = _world.Certificates.ClientFile;
            o.Tls.Key = _world.Certificates.ClientKeyFile;
        });
        await client.ConnectAsync().WaitAsync(Patience);

        refused.Message.Should().Contain("certificate_required");
    }

    [Fact]
    public async Task Server_that_names_another_port_of_its_host_is_followed()
    {
        await _world.StartAsync();
        await using var other = new PlainQuicWorld();
        await other.StartAsync(configure: o => o with
        {
            ServerReference = $"mqtt-quic://127.0.0.1:{_world.Port}",
            AuthorizeConnect = _ => MqttClientConnectResultCode.UseAnotherServer,
        });
        await using var client = other.Client(
            "c", configure: o => o.Tls.TrustedCertificates = _world.TrustAlso(other.Certificates));

        await client.ConnectAsync().WaitAsync(Patience);

        _world.Broker.ConnectedClients.Should().Equal("c");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Servers_on_SCION_and_on_plain_IP_stand_in_for_each_other(bool scionFirst)
    {
        await _world.StartAsync();
        await using var scion = new SameAsWorld(_world.Broker.EndPoint.ToString());
        var options = scion.ClientOptions("c");
        options.Tls.TrustedCertificates = _world.TrustAlso(scion.Certificates);
        options.ReconnectDelay = TimeSpan.FromMilliseconds(20);
        options.HandshakeTimeout = TimeSpan.FromSeconds(1);
        var port = _world.Port;
        options.Servers.Insert(scionFirst ? 1 : 0, $"mqtt-quic://127.0.0.1:{port}");
        await using var client = new ScionMqttClient(options);
        var states = client.ConnectionStates.Collect();
        await client.ConnectAsync().WaitAsync(Patience);
        var first = await states.NextAsync<ConnectionState, ConnectionState.Connected>();

        if (scionFirst)
        {
            await scion.Proxy.DisposeAsync();
        }
        else
        {
            // The proxy's broker goes on, on TCP.
            var tcp = _world.Broker.EndPoint;
            await _world.Broker.DisposeAsync();
            await _world.StartAsync(configure: o => o with { EndPoint = tcp });
        }

        var second = await states.NextAsync<ConnectionState, ConnectionState.Connected>();
        (first.Path is not null, second.Path is not null).Should().Be((scionFirst, !scionFirst));
        second.SessionPresent.Should().BeTrue();
    }

    private static int ClosedPort()
    {
        using var closed = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)closed.Client.LocalEndPoint!).Port;
    }

    private static void Hastily(ScionMqttClientOptions options) =>
        options.HandshakeTimeout = TimeSpan.FromMilliseconds(200);

    private static Action<ScionMqttClientOptions> Resolves(params IPAddress[] addresses) =>
        options => options.ResolveHost = (_, _) => Task.FromResult(addresses);
}
