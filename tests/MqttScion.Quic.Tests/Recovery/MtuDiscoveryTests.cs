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
}
