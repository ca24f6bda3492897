using System.Net;

namespace MqttScion.Scion.Tests;

/// <summary>What stands on an underlay needs no UDP towards routers: a tunnel does.</summary>
public sealed class TunnelTests
{
    private static readonly TimeSpan LongEnough = TimeSpan.FromSeconds(5);

    [Fact]
    public async Task Ping_through_a_tunnel_is_answered_and_both_loops_keep_it_alive()
    {
        var here = new TunnelUnderlay(IPEndPoint.Parse("10.0.0.1:31000"));
        var there = new TunnelUnderlay(IPEndPoint.Parse("10.0.0.2:30041"));
        (here.Peer, there.Peer) = (there.UdpSocket.LocalEndPoint, here.UdpSocket.LocalEndPoint);
        using var responder = new ScionEchoResponder(there);
        await using var pinger = new ScionPinger(new ScionSocket(TestPaths.Source, here));
        var path = ScionPath.SameAs(TestPaths.Source, mtu: 1400, DateTimeOffset.MaxValue);
        var host = ScionHost.FromIPAddress(IPAddress.Parse("10.0.0.2"));

        var result = await pinger.PingAsync(path, host, payloadLength: 100, LongEnough);

        result.Outcome.Should().BeOfType<ProbeOutcome.Replied>()
            .Which.From.Host.Should().Be(host.ToWireForm());
        SpinWait.SpinUntil(() => here.KeepAliveCount > 2 && there.KeepAliveCount > 2, LongEnough).Should().BeTrue();
    }

    [Fact]
    public void Socket_tells_the_deadline_and_the_overhead_of_its_underlay()
    {
        using var socket = new ScionSocket(TestPaths.Source, new TunnelUnderlay(IPEndPoint.Parse("10.0.0.1:31000")));

        socket.NextTimeout.Should().Be(TimeSpan.Zero);
        socket.OnTimeout(TimeSpan.FromSeconds(1));

        socket.NextTimeout.Should().Be(TimeSpan.FromMilliseconds(1010));
        socket.OverheadBytes.Should().Be(16);
    }
}
