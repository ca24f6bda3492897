namespace MqttScion.Quic.Tests;

/// <summary>Probing for the size of a path (RFC 8899).</summary>
public class MtuDiscoveryTests
{
    [Fact]
    public void Path_that_carries_the_largest_size_is_found_by_one_probe()
    {
        using var pair = Pair(linkBytes: 0).Connect();

        pair.Run(TimeSpan.FromSeconds(1));

        pair.Client.Statistics.MaxDatagramBytes.Should().Be(1452);
        pair.Server!.Statistics.MaxDatagramBytes.Should().Be(1452);
        pair.Client.Statistics.LostPackets.Should().Be(0);
    }

    [Theory]
    [InlineData(1400)]
    [InlineData(1280)]
    [InlineData(1200)]
    public void Path_in_between_is_found_without_congestion(int linkBytes)
    {
        using var pair = Pair(linkBytes).Connect();
        var window = pair.Client.Statistics.CongestionWindow;

        pair.Run(TimeSpan.FromSeconds(60));

        pair.Client.Statistics.MaxDatagramBytes.Should().BeInRange(linkBytes - 16, linkBytes);
        pair.Client.Statistics.CongestionWindow.Should().BeGreaterThanOrEqualTo(window);
        pair.Bulk(300_000).Should().BeTrue();
    }

    [Theory]
    [InlineData(1452, 1452)]
    [InlineData(1210, 0)]
    [InlineData(1200, 0)]
    [InlineData(65527, 9000)]
    public void Probe_is_no_larger_than_the_peer_takes(int peerBytes, int probeBytes)
    {
        var discovery = new MtuDiscovery(1200, 9000);

        discovery.LimitTo(peerBytes);

        discovery.NextProbeBytes(TimeSpan.Zero).Should().Be(probeBytes);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Probe_from_before_silence_says_nothing_any_more(bool arrives)
    {
        var discovery = new MtuDiscovery(1200, 1452);
        discovery.OnSent(discovery.NextProbeBytes(TimeSpan.Zero));
        discovery.OnBlackHole(TimeSpan.Zero).Should().Be(1200);

        for (var count = 0; count < 3; count++)
        {
            if (arrives)
                discovery.OnAcknowledged(TimeSpan.Zero);
            else
                discovery.OnLost(TimeSpan.Zero);
        }

        discovery.NextProbeBytes(TimeSpan.Zero).Should().Be(0);
        discovery.NextProbeBytes(TimeSpan.FromSeconds(10)).Should().Be(1452);
    }

    [Fact]
    public void Path_is_probed_up_to_what_its_owner_was_told_of_it()
    {
        using var pair = new QuicPair().Connect();
        Open(pair, probedBytes: 1400);

        pair.Client.SelectPath(1, pair.Now);
        pair.Client.Statistics.MaxDatagramBytes.Should().Be(1200);
        pair.Run(TimeSpan.FromSeconds(1));

        pair.Client.Statistics.MaxDatagramBytes.Should().Be(1400);
    }

    /// <summary>A path that carries less than it announces is no black hole, whether anybody says so or not.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Path_that_carries_less_than_announced_carries_everything(bool isTold)
    {
        using var pair = new QuicPair().Connect();
        Open(pair, probedBytes: 1400).MaxBytes = 1250;
        pair.Client.SelectPath(1, pair.Now);
        if (isTold)
        {
            pair.Client.NarrowPath(1, 1250, pair.Now);
        }

        pair.Bulk(100_000, TimeSpan.FromSeconds(2)).Should().BeTrue();
        pair.Client.Statistics.MaxDatagramBytes.Should().BeLessThanOrEqualTo(1250);
    }

    [Fact]
    public void Path_that_is_said_to_have_become_narrower_loses_what_is_larger_at_once()
    {
        using var pair = new QuicPair().Connect();
        var link = Open(pair, probedBytes: 1400);
        pair.Client.SelectPath(1, pair.Now);
        pair.Run(TimeSpan.FromSeconds(1));
        link.MaxBytes = 1300;
        pair.Client.TryOpenStream(true, out var stream).Should().BeTrue();
        stream!.Write(new byte[10_000]).Should().Be(10_000);
        pair.Flush();
        var (startedAt, before) = (pair.Now, pair.Server!.Statistics.ReceivedBytes);

        pair.Client.NarrowPath(1, 1300, pair.Now);
        pair.Client.Statistics.LostPackets.Should().BeGreaterThan(5);
        pair.Client.Statistics.MaxDatagramBytes.Should().Be(1200);
        pair.RunUntil(() => pair.Server.Statistics.ReceivedBytes - before > 10_000).Should().BeTrue();

        (pair.Now - startedAt).Should().BeLessThan(TimeSpan.FromMilliseconds(60));
        pair.Run(TimeSpan.FromSeconds(10));
        pair.Client.Statistics.MaxDatagramBytes.Should().BeInRange(1284, 1300);
    }

    [Fact]
    public void Path_of_known_size_is_not_probed()
    {
        using var pair = new QuicPair().Connect();
        var largest = 0;
        pair.Tap = (_, _, bytes) =>
        {
            largest = Math.Max(largest, bytes.Length);
            return true;
        };

        pair.Bulk(300_000).Should().BeTrue();

        largest.Should().Be(QuicPair.DatagramBytes);
    }

    [Fact]
    public void Path_that_shrinks_goes_on_with_the_size_that_is_known()
    {
        using var pair = Pair(linkBytes: 0).Connect();
        pair.Run(TimeSpan.FromSeconds(1));
        pair.Client.Statistics.MaxDatagramBytes.Should().Be(1452);
        pair.Links[0].MaxBytes = 1300;

        pair.Bulk(300_000).Should().BeTrue();

        pair.Client.Statistics.MaxDatagramBytes.Should().Be(1200);
    }

    [Fact]
    public void Path_that_was_silent_for_a_second_gets_its_size_back()
    {
        using var pair = Pair(linkBytes: 0).Connect();
        pair.Run(TimeSpan.FromSeconds(1));
        pair.Links[0].IsDown = true;
        pair.Client.TryOpenStream(bidirectional: true, out var stream).Should().BeTrue();
        stream!.Write(new byte[5000]);
        pair.Run(TimeSpan.FromSeconds(1));
        pair.Client.Statistics.MaxDatagramBytes.Should().Be(1200);
        pair.Links[0].IsDown = false;

        pair.Run(TimeSpan.FromSeconds(15));

        pair.Client.Statistics.MaxDatagramBytes.Should().Be(1452);
    }

    [Fact]
    public void Path_that_shrank_is_searched_again()
    {
        using var pair = Pair(linkBytes: 0).Connect();
        pair.Run(TimeSpan.FromSeconds(1));
        pair.Links[0].MaxBytes = 1300;
        pair.Bulk(300_000).Should().BeTrue();

        pair.Run(TimeSpan.FromMinutes(1));

        pair.Client.Statistics.MaxDatagramBytes.Should().BeInRange(1284, 1300);
        pair.Bulk(300_000).Should().BeTrue();
    }

    [Fact]
    public void Path_that_grew_is_found_after_some_minutes()
    {
        using var pair = Pair(linkBytes: 1300).Connect();
        pair.Run(TimeSpan.FromMinutes(1));
        pair.Client.Statistics.MaxDatagramBytes.Should().BeInRange(1284, 1300);
        pair.Links[0].MaxBytes = 0;

        pair.Run(TimeSpan.FromMinutes(12));

        pair.Client.Statistics.MaxDatagramBytes.Should().Be(1452);
    }

    private static QuicPair Pair(int linkBytes)
    {
        var pair = new QuicPair(1, static settings =>
        {
            settings.DatagramBytes = 1200;
            settings.ClientOptions.MaxProbedDatagramBytes = 1452;
            settings.ServerOptions.MaxProbedDatagramBytes = 1452;
        });
        pair.Links[0].MaxBytes = linkBytes;
        return pair;
    }

    private static Link Open(QuicPair pair, int probedBytes)
    {
        var link = new Link();
        pair.Links[1] = link;
        pair.Client.OpenPath(1, 1200, QuicPair.Headroom, probedBytes);
        pair.Server!.OpenPath(1, 1200, QuicPair.Headroom, probedBytes);
        return link;
    }
}
