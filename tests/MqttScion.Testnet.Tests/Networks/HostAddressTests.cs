using System.Net;
using MqttScion.Scion;
using MqttScion.Udp;

namespace MqttScion.Testnet.Tests;

/// <summary>Which address and port of a host gets a packet.</summary>
public sealed class HostAddressTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private static readonly IsdAs Client = IsdAs.Parse("1-ff00:0:111");
    private static readonly IsdAs Server = IsdAs.Parse("1-ff00:0:112");

    private static EmulatedNetworkOptions Tiny => new() { Topology = Topology.Tiny };

    [Fact]
    public async Task Echo_request_goes_to_the_endhost_port_and_its_reply_to_the_identifier()
    {
        using var responder = new BatchedUdpSocket(new IPEndPoint(IPAddress.Loopback, 0));
        await using var network = await EmulatedNetwork.StartAsync(new EmulatedNetworkOptions
        {
            Topology = Topology.Tiny,
            EndhostPort = (ushort)responder.LocalEndPoint.Port,
        });
        using var client = network.HostIn(Client);
        var path = (await network.PathsAsync(Client, Server))[0];
        var host = ScionHost.FromIPAddress(network.HostAddressOf(Server));
        client.SendScmp(
            path, path.DataplanePath.Span, host, new ScmpMessage(ScmpType.EchoRequest, 0) { Sequence = 7 });

        AnswerEcho(responder);

        client.Receive()!.Scmp.Should().Be(new ScmpMessage(ScmpType.EchoReply, 0)
        {
            Identifier = client.EndPoint.Port,
            Sequence = 7,
        });
    }

    [Fact]
    public async Task Port_outside_the_range_of_the_AS_is_redirected_to_the_endhost_port()
    {
        using var responder = new BatchedUdpSocket(new IPEndPoint(IPAddress.Loopback, 0));
        await using var network = await EmulatedNetwork.StartAsync(new EmulatedNetworkOptions
        {
            Topology = Topology.Tiny,
            EndhostPort = (ushort)responder.LocalEndPoint.Port,
            DispatchedPortsByAs = new Dictionary<IsdAs, PortRange> { [Server] = new PortRange(5, 6) },
        });
        network.DispatchedPortsOf(Server).Should().Be(new PortRange(5, 6));
        network.DispatchedPortsOf(Client).Contains(ushort.MaxValue).Should().BeTrue();
        using var client = network.HostIn(Client);
        var path = (await network.PathsAsync(Client, Server))[0];
        client.Send(path, new ScionEndPoint(Server, ScionHost.FromIPAddress(IPAddress.Loopback), 7), 9);
        Receive(responder).Should().EndWith([9]);
    }

    [Fact]
    public async Task ASes_with_addresses_of_their_own_have_the_same_port_twice()
    {
        if (!OperatingSystem.IsLinux())
            return; // Elsewhere 127.0.0.1 may be the only loopback address.
        await using var network = await EmulatedNetwork.StartAsync(new EmulatedNetworkOptions
        {
            Topology = Topology.Tiny,
            SeparatesAddresses = true,
        });
        network.HostAddressOf(Client).Should().NotBe(network.HostAddressOf(Server)).And.NotBe(IPAddress.Loopback);
        using var client = new BatchedUdpSocket(new IPEndPoint(network.HostAddressOf(Client), 0));
        using var server = new BatchedUdpSocket(
            new IPEndPoint(network.HostAddressOf(Server), client.LocalEndPoint.Port));
        var path = (await network.PathsAsync(Client, Server))[0];
        path.NextHop!.Address.Should().Be(network.HostAddressOf(Client));
        using var sender = network.HostIn(Client);
        sender.Send(
            path,
            new ScionEndPoint(
                Server, ScionHost.FromIPAddress(network.HostAddressOf(Server)), (ushort)server.LocalEndPoint.Port),
            3);
        Receive(server).Should().EndWith([3]);
        client.TryReceive(new byte[2000], out _, out _, out _).Should().BeFalse();
    }

    [Fact]
    public async Task Service_packet_goes_to_its_registered_backends_in_turn_and_without_any_is_refused()
    {
        await using var network = await EmulatedNetwork.StartAsync(Tiny);
        using var client = network.HostIn(Client);
        var path = (await network.PathsAsync(Client, Server))[0];
        var service = new ScionEndPoint(Server, ScionHost.FromService(ServiceAddress.Discovery), 0);
        client.Send(path, service, 1);
        client.Receive()!.Scmp.Should().Be(new ScmpMessage(ScmpType.DestinationUnreachable, ScmpCode.NoRoute));

        using var one = new BatchedUdpSocket(new IPEndPoint(IPAddress.Loopback, 0));
        using var other = new BatchedUdpSocket(new IPEndPoint(IPAddress.Loopback, 0));
        network.AddService(Server, ServiceAddress.Discovery, one.LocalEndPoint);
        network.AddService(Server, ServiceAddress.Discovery, other.LocalEndPoint);
        client.Send(path, service, 2);
        client.Send(path, service, 3);
        new[] { Receive(one)[^1], Receive(other)[^1] }.Should().BeEquivalentTo([2, 3]);
        var unknown = () => network.AddService(IsdAs.Parse("9-9"), ServiceAddress.Discovery, one.LocalEndPoint);
        unknown.Should().Throw<KeyNotFoundException>();
    }

    [Fact]
    public async Task Stun_request_at_the_internal_interface_is_answered_with_the_senders_address()
    {
        await using var network = await EmulatedNetwork.StartAsync(Tiny);
        using var socket = new BatchedUdpSocket(new IPEndPoint(IPAddress.Loopback, 0));
        var request = new byte[StunMessage.RequestLength];
        var id = new StunTransactionId(1, 2);
        StunMessage.WriteRequest(request, id);
        socket.Send(request, network.RouterOf(Client).InternalEndPoint);
        StunMessage.TryReadResponse(Receive(socket), id, out var mapped).Should().BeTrue();
        mapped.Should().Be(new UdpAddress(socket.LocalEndPoint));
    }

    private static byte[] Receive(BatchedUdpSocket socket)
    {
        var buffer = new byte[2000];
        socket.Wait(Patience).Should().BeTrue();
        socket.TryReceive(buffer, out _, out var length, out _).Should().BeTrue();
        return buffer[..length];
    }

    private static void AnswerEcho(BatchedUdpSocket responder)
    {
        var buffer = new byte[2000];
        responder.Wait(Patience).Should().BeTrue();
        responder.TryReceive(buffer, out var sender, out var length, out _).Should().BeTrue();
        ScionPacketReader.TryRead(buffer.AsSpan(0, length), out var reader, out _).Should().BeTrue();
        ScmpMessage.TryRead(reader.UpperLayer, out var request, out _, out _).Should().BeTrue();
        request.Type.Should().Be(ScmpType.EchoRequest);
        var path = new byte[reader.RawPath.Length];
        PathReversal.TryReverse(reader.RawPath, path).Should().BeTrue();
        var header = new ScionHeader(
            reader.SourceIsdAs,
            reader.SourceHost,
            reader.DestinationIsdAs,
            reader.DestinationHost,
            PathType.Scion,
            L4Protocol.Scmp);
        var reply = new byte[2000];
        ScionPacketWriter.TryWriteScmp(
            reply, header, path, request with { Type = ScmpType.EchoReply }, [], out var replyLength).Should().BeTrue();
        responder.Send(reply.AsSpan(0, replyLength), sender).Should().Be(UdpSendResult.Sent);
    }
}
