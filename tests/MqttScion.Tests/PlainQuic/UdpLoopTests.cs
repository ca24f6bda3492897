using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;
using MqttScion.Proxy.Tests.Support;
using MqttScion.Tests.Support;

namespace MqttScion.Tests.PlainQuic;

/// <summary>The loop on plain UDP: clients whose address changes, and datagrams of strangers.</summary>
[SuppressMessage("Design", "CA1001", Justification = "xunit disposes it through IAsyncLifetime.")]
public sealed class UdpLoopTests : IAsyncLifetime
{
    private readonly PlainQuicWorld _world = new();

    private static TimeSpan Patience => PlainQuicWorld.Patience;

    public Task InitializeAsync() => _world.StartAsync();

    public async Task DisposeAsync() => await _world.DisposeAsync();

    [Fact]
    public async Task Client_that_a_NAT_gives_another_port_keeps_its_connection()
    {
        using var nat = new NatRelay(_world.Broker.QuicEndPoint!);
        await using var client = _world.Client("c", $"mqtt-quic://{nat.Inside}");
        var states = client.ConnectionStates.Collect();
        await client.ConnectAsync().WaitAsync(Patience);
        await using var subscription = await client.SubscribeAsync(Messages.Filter("t", 1));
        var received = subscription.Messages.Collect();
        await states.NextAsync<ConnectionState, ConnectionState.Connected>();

        for (var i = 0; i < 8; i++)
        {
            var before = nat.OutsidePort;
            nat.Rebind();

            // More than one path can carry before it is validated.
            var payload = new string('x', 30_000);
            (await client.PublishAsync(Messages.Of("t", payload, qos: 1)).AsTask().WaitAsync(Patience))
                .IsSuccess.Should().BeTrue();

            (await received.NextAsync()).Payload.Length.Should().Be(payload.Length);
            nat.OutsidePort.Should().NotBe(before);
        }
        states.TryRead(out _).Should().BeFalse("the connection is still the first");
    }

    [Fact]
    public async Task Datagrams_sent_again_from_elsewhere_move_no_connection()
    {
        using var nat = new NatRelay(_world.Broker.QuicEndPoint!) { Recorded = new ConcurrentQueue<byte[]>() };
        await using var client = _world.Client("c", $"mqtt-quic://{nat.Inside}");
        var states = client.ConnectionStates.Collect();
        await client.ConnectAsync().WaitAsync(Patience);
        await PublishAsync(client);
        await states.NextAsync<ConnectionState, ConnectionState.Connected>();

        // Others than the two of the handshake belong to a connection; from more places than it keeps paths.
        foreach (var datagram in nat.Recorded.Skip(1).SelectMany(d => Enumerable.Repeat(d, 8)).ToArray())
        {
            using var stranger = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
            await stranger.SendAsync(datagram, _world.Broker.QuicEndPoint!);
        }

        await PublishAsync(client);
        states.TryRead(out _).Should().BeFalse("the connection is still the first");
        _world.Broker.ConnectedClients.Should().Equal("c");
    }

    [Fact]
    public async Task Noise_keeps_no_client_out()
    {
        var random = new Random(14567);
        using var stranger = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        for (var i = 0; i < 500; i++)
        {
            var noise = new byte[random.Next(0, 1500)];
            random.NextBytes(noise);
            if (noise.Length > 6 && i % 2 == 0)
            {
                noise[0] = 0xc0; // A long header of version 1, as an Initial packet has.
                (noise[1], noise[2], noise[3], noise[4]) = (0, 0, 0, 1);
                noise[5] = (byte)random.Next(0, 21);
            }
            await stranger.SendAsync(noise, _world.Broker.QuicEndPoint!);
        }
        await using var client = _world.Client("c");

        await client.ConnectAsync().WaitAsync(Patience);

        await PublishAsync(client);
        _world.Broker.ConnectedClients.Should().Equal("c");
    }

    [Fact]
    public async Task Datagrams_of_a_server_that_come_from_elsewhere_are_not_its_own()
    {
        // What the server says reaches the client from another port than the one it talks to.
        using var front = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        using var back = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        IPEndPoint? client = null;
        _ = RelayAsync(front, async d =>
        {
            client = d.RemoteEndPoint;
            await back.SendAsync(d.Buffer, _world.Broker.QuicEndPoint!);
        });
        _ = RelayAsync(back, async d => await back.SendAsync(d.Buffer, client!));

        var error = await _world.FailureOfAsync<QuicConnectionException>(
            $"mqtt-quic://{front.Client.LocalEndPoint}", o => o.HandshakeTimeout = TimeSpan.FromMilliseconds(500));

        error.Message.Should().Contain("timed out");
    }

    private static async Task RelayAsync(UdpClient socket, Func<UdpReceiveResult, Task> forward)
    {
        try
        {
            while (true)
            {
                await forward(await socket.ReceiveAsync());
            }
        }
        catch (Exception e) when (e is ObjectDisposedException or SocketException)
        {
            // The test is over.
        }
    }

    private static async Task PublishAsync(ScionMqttClient client) =>
        (await client.PublishAsync(Messages.Of("t", "x", qos: 1)).AsTask().WaitAsync(Patience))
            .IsSuccess.Should().BeTrue();
}
