using System.Diagnostics;
using System.Text;
using MqttScion.Scion;

namespace MqttScion.Testnet.Tests;

/// <summary>Sockets and routers over loopback; nothing is faked but the wall clock.</summary>
public class BorderRouterTests
{
    private static readonly TimeSpan LongEnough = TimeSpan.FromSeconds(10);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Datagram_crosses_three_segments_and_its_answer_comes_back_on_the_reversed_path(bool isCoreConsDir)
    {
        using var network = new FourAsNetwork(isCoreConsDir);
        network.SendToServer("question");
        var question = Receive(network.Server, out var answerPath);
        question.Should().Be("question");

        for (var i = 0; i < 3; i++)
        {
            FourAsNetwork.Send(network.Server, answerPath.Template, $"answer {i}", answerPath.NextHop);
            Receive(network.Client, out var next).Should().Be($"answer {i}");
            FourAsNetwork.Send(network.Client, next.Template, $"again {i}", next.NextHop);
            Receive(network.Server, out _).Should().Be($"again {i}");
        }
    }

    [Theory]
    [InlineData("1-1", FourAsNetwork.LeafUp, true)]
    [InlineData("1-10", FourAsNetwork.CoreCore, true)]
    [InlineData("1-10", FourAsNetwork.CoreCore, false)]
    [InlineData("1-20", FourAsNetwork.CoreDown, true)]
    [InlineData("1-20", FourAsNetwork.CoreDown, false)]
    public void Link_that_is_down_is_reported_to_the_client_from_wherever_it_is(
        string isdAs, ushort interfaceId, bool isCoreConsDir)
    {
        using var network = new FourAsNetwork(isCoreConsDir);
        var router = network.Routers.Single(r => r.IsdAs == IsdAs.Parse(isdAs));
        Set(router, interfaceId, LinkState.Down);
        network.SendToServer("lost");

        network.Client.Wait(LongEnough).Should().BeTrue();
        network.Client.TryReceive(out var datagram).Should().BeTrue();
        datagram.IsScmp.Should().BeTrue();
        datagram.Scmp.Type.Should().Be(ScmpType.ExternalInterfaceDown);
        datagram.Scmp.IsdAs.Should().Be(IsdAs.Parse(isdAs));
        datagram.Scmp.Interface.Should().Be(interfaceId);
        datagram.Source.IsdAs.Should().Be(IsdAs.Parse(isdAs));
        ScmpQuote.TryRead(datagram.Payload, out var quote).Should().BeTrue();
        Encoding.ASCII.GetString(quote.Payload).Should().Be("lost");

        Set(router, interfaceId, LinkState.Up);
        network.SendToServer("found");
        Receive(network.Server, out _).Should().Be("found");
    }

    [Fact]
    public void Answer_over_a_link_that_is_down_is_reported_to_the_server()
    {
        using var network = new FourAsNetwork();
        network.SendToServer("question");
        Receive(network.Server, out var answerPath);
        Set(network.Core1, FourAsNetwork.CoreDown, LinkState.Down);
        FourAsNetwork.Send(network.Server, answerPath.Template, "lost", answerPath.NextHop);
        network.Server.Wait(LongEnough).Should().BeTrue();
        network.Server.TryReceive(out var datagram).Should().BeTrue();
        (datagram.Scmp.IsdAs, datagram.Scmp.Interface).Should().Be((new IsdAs(1, 10), FourAsNetwork.CoreDown));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Wrong_mac_of_the_last_segment_is_reported_by_the_router_that_checks_it(bool isCoreConsDir)
    {
        using var network = new FourAsNetwork(isCoreConsDir);
        var path = network.Path();
        PathHeader.TryRead(path, out var header, out _).Should().BeTrue();
        path[header.HopFieldOffset(4) + HopField.Length - 1] ^= 1;
        var template = new HeaderTemplate(
            network.Client.LocalEndPoint, network.Server.LocalEndPoint, PathType.Scion, path);
        FourAsNetwork.Send(network.Client, template, "lost", network.Leaf1.InternalEndPoint);

        network.Client.Wait(LongEnough).Should().BeTrue();
        network.Client.TryReceive(out var datagram).Should().BeTrue();
        datagram.Source.IsdAs.Should().Be(new IsdAs(1, 20));
        datagram.Scmp.ToString().Should().Be("ParameterProblem(InvalidHopFieldMAC)");
    }

    [Fact]
    public void Packet_larger_than_a_links_mtu_is_reported_with_the_mtu()
    {
        using var network = new FourAsNetwork(mtu: 1000);
        network.SendToServer(new string('x', 1000));
        network.Client.Wait(LongEnough).Should().BeTrue();
        network.Client.TryReceive(out var datagram).Should().BeTrue();
        (datagram.Scmp.Type, datagram.Scmp.Mtu).Should().Be((ScmpType.PacketTooBig, 1000));
    }

    [Fact]
    public void Cut_link_drops_silently_until_it_is_mended()
    {
        using var network = new FourAsNetwork();
        Set(network.Core1, FourAsNetwork.CoreCore, LinkState.Silent);
        network.SendToServer("lost");
        SpinWait.SpinUntil(() => network.Core1.DropCount(RouterDropReason.LinkCut) == 1, LongEnough).Should().BeTrue();
        network.Client.Wait(TimeSpan.Zero).Should().BeFalse();
        Set(network.Core1, FourAsNetwork.CoreCore, LinkState.Up);
        network.SendToServer("found");
        Receive(network.Server, out _).Should().Be("found");
    }

    [Fact]
    public void Lossy_link_loses_its_share()
    {
        using var network = new FourAsNetwork();
        network.Leaf1.ShaperOf(FourAsNetwork.LeafUp).Change(c => c with { LossRate = 0.5 });
        for (var i = 0; i < 200; i++)
            network.SendToServer("x");
        var leaf = network.Leaf1;
        SpinWait.SpinUntil(
            () => leaf.DropCount(RouterDropReason.LinkLoss) + leaf.ForwardedCount == 200, LongEnough).Should().BeTrue();
        leaf.DropCount(RouterDropReason.LinkLoss).Should().BeInRange(50, 150);
    }

    [Fact]
    public void Slow_link_keeps_packets_for_its_delay_and_in_order()
    {
        using var network = new FourAsNetwork();
        var delay = TimeSpan.FromMilliseconds(30);
        network.Core1.ShaperOf(FourAsNetwork.CoreCore).Change(c => c with { Delay = delay });
        var start = Stopwatch.GetTimestamp();
        for (var i = 0; i < 5; i++)
            network.SendToServer($"{i}");
        for (var i = 0; i < 5; i++)
            Receive(network.Server, out _).Should().Be($"{i}");
        Stopwatch.GetElapsedTime(start).Should().BeGreaterThanOrEqualTo(delay);
    }

    [Fact]
    public void Packet_from_a_stranger_at_an_external_interface_is_dropped()
    {
        using var network = new FourAsNetwork();
        network.Client.SendPacket(new byte[100], network.Core1.EndPointOf(FourAsNetwork.CoreCore));
        SpinWait.SpinUntil(() => network.Core1.DropCount(RouterDropReason.UnknownSender) == 1, LongEnough)
            .Should().BeTrue();
    }

    [Fact]
    public void Unknown_interface_is_refused_by_name()
    {
        using var network = new FourAsNetwork();
        var act = () => network.Core1.EndPointOf(7);
        act.Should().Throw<ArgumentException>().WithMessage("*A of 1-10 has the interfaces 2, 3, not 7*");
    }

    [Fact]
    public void Options_with_a_bad_key_are_refused_and_leave_no_socket()
    {
        var act = () => new BorderRouter(new BorderRouterOptions
        {
            IsdAs = new IsdAs(1, 1),
            ForwardingKey = [1, 2, 3],
            Interfaces = [],
        });
        act.Should().Throw<ArgumentException>().WithMessage("*16 bytes, got 3*");
    }

    private static void Set(BorderRouter router, ushort interfaceId, LinkState state) =>
        router.ShaperOf(interfaceId).Change(before => before with { State = state });

    private static string Receive(ScionSocket socket, out (HeaderTemplate Template, Udp.UdpAddress NextHop) answer)
    {
        while (socket.Wait(LongEnough))
        {
            if (!socket.TryReceive(out var datagram))
                continue;
            datagram.IsScmp.Should().BeFalse(datagram.Scmp.ToString());
            var reversed = new byte[datagram.RawPath.Length];
            PathReversal.TryReverse(datagram.RawPath, reversed).Should().BeTrue();
            var template = new HeaderTemplate(socket.LocalEndPoint, datagram.Source, PathType.Scion, reversed);
            answer = (template, datagram.UnderlaySender);
            return Encoding.ASCII.GetString(datagram.Payload);
        }
        throw new TimeoutException("No datagram came.");
    }
}
