namespace MqttScion.Quic.Tests;

/// <summary>Marks on paths that carry them, and on paths that don't (RFC 9000 §13.4).</summary>
public class EcnTests
{
    [Fact]
    public void Path_that_carries_marks_is_marked_for_good()
    {
        using var pair = new QuicPair().Connect();
        var marks = Watch(pair);

        Send(pair, 200_000);

        var count = marks.Skip(20).Count(static mark => mark == EcnCodepoint.Ect0);
        count.Should().BeGreaterThan((marks.Count - 20) * 9 / 10, "only ACKs alone are not marked");
        pair.Client.Statistics.IsEcnCapable.Should().BeTrue();
    }

    [Theory]
    [InlineData(EcnCodepoint.NotEct)]
    [InlineData(EcnCodepoint.Ect1)]
    public void Path_that_changes_marks_is_marked_no_more(EcnCodepoint arrives)
    {
        using var pair = new QuicPair();
        pair.Links[0].RewriteEcn = _ => arrives;
        pair.Connect();
        Send(pair, 50_000);
        var marks = Watch(pair);

        Send(pair, 50_000);

        marks.Should().OnlyContain(static mark => mark == EcnCodepoint.NotEct);
        pair.Client.Statistics.IsEcnCapable.Should().BeFalse();
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public void Path_that_drops_marked_packets_costs_neither_the_handshake_nor_the_first_second(
        bool toServer, bool toClient)
    {
        using var pair = new QuicPair();
        pair.Links[0].DropsMarked = fromServer => fromServer ? toClient : toServer;
        var startedAt = pair.Now;

        pair.Connect();
        pair.Client.Statistics.ProbeTimeouts.Should().Be(0);
        Send(pair, 50_000);

        (pair.Now - startedAt).Should().BeLessThan(TimeSpan.FromSeconds(1));
        pair.Client.Statistics.IsEcnCapable.Should().Be(!toServer);
    }

    [Fact]
    public void Path_that_begins_to_drop_marked_packets_carries_the_rest()
    {
        using var pair = new QuicPair().Connect();
        Send(pair, 200_000);
        pair.Client.Statistics.IsEcnCapable.Should().BeTrue();
        pair.Links[0].DropsMarked = static _ => true;
        var startedAt = pair.Now;

        Send(pair, 200_000);

        (pair.Now - startedAt).Should().BeLessThan(TimeSpan.FromSeconds(2));
        pair.Client.Statistics.IsEcnCapable.Should().BeFalse();
    }

    [Fact]
    public void Path_that_loses_some_packets_keeps_its_marks()
    {
        using var pair = new QuicPair(1, static settings => settings.ServerOptions.MaxBidirectionalStreams = 100)
            .Connect();
        pair.Links[0].Loss = 0.02;

        for (var count = 0; count < 50; count++)
            Send(pair, 5_000);

        pair.Client.Statistics.ProbeTimeouts.Should().BePositive();
        pair.Client.Statistics.IsEcnCapable.Should().BeTrue();
    }

    [Fact]
    public void Path_that_marks_every_packet_as_congested_is_marked_no_more()
    {
        using var pair = new QuicPair();
        pair.Links[0].RewriteEcn = static ecn => ecn == EcnCodepoint.Ect0 ? EcnCodepoint.Ce : ecn;
        pair.Connect();
        Send(pair, 50_000);
        var marks = Watch(pair);

        Send(pair, 500_000);

        marks.Should().OnlyContain(static mark => mark == EcnCodepoint.NotEct);
        pair.Client.Statistics.CongestionWindow.Should().BeGreaterThan(30_000);
    }

    [Fact]
    public void Congestion_mark_shrinks_the_window_once_a_round_trip_without_a_loss()
    {
        using var pair = new QuicPair().Connect();
        Send(pair, 100_000);
        var before = pair.Client.Statistics.CongestionWindow;
        var marked = 0;
        pair.Links[0].RewriteEcn = ecn => ecn == EcnCodepoint.Ect0 && marked++ < 10 ? EcnCodepoint.Ce : ecn;

        Send(pair, 30_000);

        pair.Client.Statistics.CongestionWindow.Should().BeInRange((long)(before * 0.65), (long)(before * 0.9));
        pair.Client.Statistics.LostPackets.Should().Be(0);
    }

    [Fact]
    public void Congestion_marks_on_one_path_leave_the_window_of_the_other_alone()
    {
        using var pair = new QuicPair().Connect();
        pair.AddPath(1);
        Send(pair, 100_000);
        var first = pair.Client.Statistics.CongestionWindow;
        pair.Client.SelectPath(1, pair.Now);
        Send(pair, 100_000);
        pair.Links[1].RewriteEcn = static ecn => ecn == EcnCodepoint.Ect0 ? EcnCodepoint.Ce : ecn;
        var second = pair.Client.Statistics.CongestionWindow;
        Send(pair, 30_000);

        pair.Client.Statistics.CongestionWindow.Should().BeLessThan(second);
        pair.Client.SelectPath(0, pair.Now);
        pair.Client.Statistics.CongestionWindow.Should().Be(first);
    }

    [Fact]
    public void Marks_keep_a_bottleneck_from_dropping()
    {
        var dropped = new List<long>();
        foreach (var isMarking in new[] { false, true })
        {
            using var pair = new QuicPair().Connect();
            pair.Links[0].BytesPerSecond = 1_000_000;
            pair.Links[0].QueueBytes = 30_000;
            pair.Links[0].MarkAboveBytes = isMarking ? 10_000 : 0;
            Send(pair, 2_000_000);
            dropped.Add(pair.Client.Statistics.LostPackets);
        }

        dropped[1].Should().BeLessThan(dropped[0] / 4);
    }

    [Fact]
    public void Option_turns_marks_off()
    {
        using var pair = new QuicPair(1, static settings => settings.ClientOptions.EnableEcn = false);
        var marks = Watch(pair);
        pair.Connect();

        Send(pair, 50_000);

        marks.Should().OnlyContain(static mark => mark == EcnCodepoint.NotEct);
    }

    private static List<EcnCodepoint> Watch(QuicPair pair)
    {
        var marks = new List<EcnCodepoint>();
        pair.OnSent = (fromServer, ecn) =>
        {
            if (!fromServer)
                marks.Add(ecn);
        };
        return marks;
    }

    private static void Send(QuicPair pair, int bytes)
    {
        pair.Bulk(bytes).Should().BeTrue();
        pair.Run(TimeSpan.FromMilliseconds(100));
    }
}
