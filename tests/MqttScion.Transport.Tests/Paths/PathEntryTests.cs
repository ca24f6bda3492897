using System.Net;
using MqttScion.Scion;
using MqttScion.Udp;

namespace MqttScion.Transport.Tests;

public sealed class PathEntryTests
{
    // A dispatcher's port 30041 would be the other choice, where dispatched_ports doesn't hold the server's: a proxy
    // without a dispatcher beside it would not be reached there.
    [Theory]
    [InlineData(4433)]
    [InlineData(31000)]
    public void Host_of_the_own_AS_is_sent_to_at_its_own_port(int port)
    {
        var isdAs = IsdAs.Parse("1-ff00:0:111");
        var path = ScionPath.SameAs(isdAs, mtu: 1400, DateTimeOffset.UnixEpoch.AddYears(60));

        var entry = PathEntry.FromPath(
            pathId: 1,
            ScionEndPoint.Parse("[1-ff00:0:111,127.0.0.1]:40000"),
            ScionEndPoint.Parse($"[1-ff00:0:111,127.0.0.5]:{port}"),
            path);

        entry.NextHop.Should().Be(new UdpAddress(IPEndPoint.Parse($"127.0.0.5:{port}")));
    }

    [Fact]
    public void What_the_underlay_puts_around_packets_is_not_left_for_them()
    {
        var bare = EntryOf(overheadBytes: 0);
        var tunnelled = EntryOf(overheadBytes: 32);

        tunnelled.MaxProbedDatagramBytes.Should().Be(bare.MaxProbedDatagramBytes - 32);
        bare.LimitMtu(1350);
        tunnelled.LimitMtu(1350);
        tunnelled.MaxProbedDatagramBytes.Should().Be(bare.MaxProbedDatagramBytes - 32);

        static PathEntry EntryOf(int overheadBytes) => PathTable.OnScion(
                ScionEndPoint.Parse("[1-ff00:0:111,127.0.0.1]:40000"),
                ScionEndPoint.Parse("[1-ff00:0:111,127.0.0.5]:4433"),
                overheadBytes)
            .Add(ScionPath.SameAs(IsdAs.Parse("1-ff00:0:111"), mtu: 1400, DateTimeOffset.UnixEpoch.AddYears(60)));
    }
}
