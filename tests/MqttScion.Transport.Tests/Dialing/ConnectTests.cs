using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using MqttScion.Quic;
using MqttScion.Scion;

namespace MqttScion.Transport.Tests;

/// <summary>How a connection comes about, and how an attempt ends that does not lead to one.</summary>
public sealed class ConnectTests(TransportWorld world) : IClassFixture<TransportWorld>
{
    [Theory]
    [InlineData(Underlay.Scion)]
    [InlineData(Underlay.IP)]
    public async Task Both_ends_know_each_other(Underlay underlay)
    {
        await using var pair = await world.PairAsync(underlay);

        pair.Client.ApplicationProtocol.Should().Be(TransportWorld.Protocol);
        pair.Server.ApplicationProtocol.Should().Be(TransportWorld.Protocol);
        pair.Client.Remote.Port.Should().Be(pair.Listener.LocalEndPoint.Port);
        pair.Server.Remote.Host.Should().Be("127.0.0.1");
        pair.Client.PeerCertificate.Should().NotBeNull();
        pair.Server.PeerCertificate.Should().NotBeNull();
        pair.Server.Path.Should().BeNull("the client chose it");
        if (underlay == Underlay.Scion)
        {
            pair.Client.Path!.Destination.Should().Be(pair.Listener.LocalEndPoint.IsdAs);
            pair.Server.Remote.Scion!.Value.IsdAs.Should().Be(pair.Client.Path.Source);
        }
        else
        {
            pair.Client.Path.Should().BeNull();
            pair.Server.Remote.Scheme.Should().Be("quic");
        }
    }

    [Fact]
    public async Task Sides_that_speak_different_protocols_do_not_connect()
    {
        await using var listener = world.Listen(Underlay.IP);
        var refused = listener.Refused.Collect();

        var connect = () => world.ConnectAsync(listener, client => client.ApplicationProtocol = "other");

        (await connect.Should().ThrowAsync<QuicConnectionException>()).Which.Message.Should().Contain("ALPN");
        (await refused.ReadAsync().InTime()).Reason.Should().BeOfType<QuicConnectionException>();
    }

    [Fact]
    public async Task Wrong_options_are_told_all_at_once()
    {
        var options = new ScionQuicConnectionOptions { Server = "nowhere", PathsPerAttempt = 0 };

        var connect = () => ScionQuicConnection.ConnectAsync(options);

        (await connect.Should().ThrowAsync<ArgumentException>()).Which.Message.Should()
            .Contain("Server:").And.Contain("ApplicationProtocol:").And.Contain("PathsPerAttempt:")
            .And.Contain("Tls.TrustedCertificates:");
    }

    [Fact]
    public async Task Address_that_answers_is_found_behind_those_that_do_not()
    {
        await using var listener = world.Listen(Underlay.IP);
        var port = listener.LocalEndPoint.Port;
        // Nobody is at the first, and nobody answers at the second.
        using var silent = new UdpClient(new IPEndPoint(IPAddress.Parse("127.0.0.3"), port));
        var options = world.OptionsFor(listener);
        (options.Server, options.Tls.ServerName) = ($"quic://host.example:{port}", "127.0.0.1");
        options.HandshakeTimeout = TimeSpan.FromMilliseconds(300);
        string[] addresses = ["127.0.0.2", "127.0.0.3", "127.0.0.1"];

        await using var connection = await ConnectAsync(options, addresses);

        await using var accepted = await listener.AcceptConnectionAsync().InTime();
        connection.Remote.Should().Be(ServerAddress.Parse(options.Server));
        await using var stream = await connection.OpenStreamAsync().InTime();
    }

    [Fact]
    public async Task Addresses_that_all_fail_are_told_with_what_each_said()
    {
        await using var listener = world.Listen(Underlay.IP);
        var options = world.OptionsFor(listener);
        options.Server = $"quic://host.example:{listener.LocalEndPoint.Port}";
        options.HandshakeTimeout = TimeSpan.FromMilliseconds(300);

        var connect = () => ConnectAsync(options, "127.0.0.2", "127.0.0.1");

        // The certificate of the second is another's.
        (await connect.Should().ThrowAsync<QuicConnectionException>()).Which.Message.Should()
            .Contain("127.0.0.2").And.Contain("127.0.0.1:");
    }

    [Fact]
    public async Task Path_that_answers_is_found_behind_one_that_does_not()
    {
        await using var listener = world.Listen(Underlay.Scion);
        ScionPath best;
        await using (var probe = await world.ConnectAsync(listener))
        {
            best = probe.Path!;
        }
        using var cut = world.Silence(best);

        await using var connection = await world.ConnectAsync(
            listener, options => options.HandshakeTimeout = TimeSpan.FromMilliseconds(500));

        connection.Path.Should().NotBe(best);
    }

    [Theory]
    [InlineData(Underlay.Scion)]
    [InlineData(Underlay.IP)]
    public async Task Cancelled_attempt_ends_at_once(Underlay underlay)
    {
        using var silent = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        await using var listener = world.Listen(underlay);
        var options = world.OptionsFor(listener);
        options.Server = options.Server.Replace(
            $":{listener.LocalEndPoint.Port}", $":{((IPEndPoint)silent.Client.LocalEndPoint!).Port}");
        options.HandshakeTimeout = TimeSpan.FromMinutes(1);
        using var cancellation = new CancellationTokenSource();

        var connecting = ScionQuicConnection.ConnectAsync(options, cancellationToken: cancellation.Token);
        await silent.ReceiveAsync().InTime();
        await cancellation.CancelAsync();

        await FluentActions.Awaiting(() => connecting.InTime()).Should().ThrowAsync<OperationCanceledException>();
    }

    [Fact]
    public async Task Cancelled_attempt_gives_its_place_at_the_listener_back()
    {
        await using var listener = world.Listen(Underlay.IP, server => server.MaxConnections = 1);
        using var relay = new OneWayRelay(listener.LocalEndPoint.Port);
        var options = world.OptionsFor(listener);
        options.Server = $"quic://{relay.Inside}";
        using var cancellation = new CancellationTokenSource();
        var refused = listener.Refused.Collect();
        var connecting = ScionQuicConnection.ConnectAsync(options, cancellationToken: cancellation.Token);
        await Waiting.ConditionAsync(() => listener.ConnectionCount == 1);

        await cancellation.CancelAsync();

        await FluentActions.Awaiting(() => connecting.InTime()).Should().ThrowAsync<OperationCanceledException>();
        var reason = (await refused.ReadAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(4))).Reason;
        reason.Should().BeOfType<QuicConnectionException>()
            .Which.Close.Kind.Should().Be(QuicCloseKind.PeerTransport, "the client said that it goes");
        listener.ConnectionCount.Should().Be(0);
    }

    [Theory]
    [InlineData(Underlay.Scion)]
    [InlineData(Underlay.IP)]
    public async Task Attempts_cancelled_at_any_moment_leave_nothing_at_the_listener(Underlay underlay)
    {
        await using var listener = world.Listen(underlay);
        for (var i = 0; i < 30; i++)
        {
            using var cancellation = new CancellationTokenSource(TimeSpan.FromMilliseconds(i));
            try
            {
                await using var connection = await ScionQuicConnection
                    .ConnectAsync(world.OptionsFor(listener), cancellationToken: cancellation.Token)
                    .InTime();
            }
            catch (OperationCanceledException)
            {
                // It was cancelled in time.
            }
        }

        using var end = new CancellationTokenSource(TimeSpan.FromSeconds(4));
        await Waiting.ConditionAsync(() => listener.ConnectionCount == 0, end.Token);
    }

    private static Task<ScionQuicConnection> ConnectAsync(
        ScionQuicConnectionOptions options, params string[] addresses)
    {
        var settings = ConnectSettings.From(options);
        var dialing = settings.Dialing with
        {
            ResolveHost = (_, _) => Task.FromResult(Array.ConvertAll(addresses, IPAddress.Parse)),
        };
        return ScionQuicConnection
            .ConnectAsync(
                settings with { Dialing = dialing }, NullLogger.Instance, TimeProvider.System, CancellationToken.None)
            .InTime();
    }
}
