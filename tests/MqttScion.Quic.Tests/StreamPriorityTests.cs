namespace MqttScion.Quic.Tests;

/// <summary>Which stream sends next: by urgency, then in turn. Seen in the frames of the packets sent.</summary>
public class StreamPriorityTests
{
    private readonly MemorySink _sink = new();

    [Fact]
    public void More_urgent_data_goes_first_whenever_it_comes()
    {
        using var pair = Pair();
        var slow = Open(pair, QuicStream.LeastUrgent, 300_000);
        pair.Run(TimeSpan.FromMilliseconds(100));
        var urgent = Open(pair, QuicStream.MostUrgent, 30_000);
        var middle = Open(pair, QuicStream.DefaultUrgency, 30_000);

        Finish(pair);

        var order = Frames().Select(frame => frame.StreamId).ToArray();
        var from = Array.IndexOf(order, urgent.Id);
        from.Should().BePositive("the least urgent had all to itself before");
        order[..from].Should().OnlyContain(id => id == slow.Id);
        Positions(order, urgent).Max().Should().BeLessThan(Positions(order, middle).Min() + 1);
        Positions(order, middle).Max().Should().BeLessThan(
            Positions(order, slow).First(position => position > from) + 1);
    }

    [Fact]
    public void Streams_of_one_urgency_take_turns()
    {
        const int count = 10;
        using var pair = Pair();
        var streams = Enumerable.Range(0, count).Select(_ => Open(pair, QuicStream.DefaultUrgency, 60_000)).ToArray();

        Finish(pair);

        var sent = streams.ToDictionary(stream => stream.Id, _ => 0L);
        foreach (var (id, offset, length) in Frames())
        {
            sent[id] = Math.Max(sent[id], offset + length);
            // Until the first is done, none is ahead of another by more than about a datagram.
            if (sent.Values.Max() < 60_000)
                (sent.Values.Max() - sent.Values.Min()).Should().BeLessThanOrEqualTo(2 * QuicPair.DatagramBytes);
        }

        sent.Values.Should().OnlyContain(bytes => bytes == 60_000);
    }

    [Fact]
    public void Data_that_was_lost_goes_again_with_the_urgency_of_its_stream()
    {
        using var pair = Pair();
        pair.Links[0].Loss = 0.1;
        Open(pair, QuicStream.LeastUrgent, 400_000);
        pair.Run(TimeSpan.FromMilliseconds(100));
        var urgent = Open(pair, QuicStream.MostUrgent, 60_000);

        Finish(pair);

        // The first data that goes out after urgent data was found lost is urgent.
        var (isDue, count) = (false, 0);
        foreach (var item in QlogFile.Read(_sink.Bytes).Events)
        {
            var streams = item.Frames.Where(frame => Type(frame) == "stream")
                .Select(frame => frame.GetProperty("stream_id").GetInt64()).ToArray();
            if (item.Name == "recovery:marked_for_retransmit" && streams.Contains(urgent.Id))
                isDue = true;
            if (item.Name != "transport:packet_sent" || streams.Length == 0 || !isDue)
                continue;
            streams[0].Should().Be(urgent.Id);
            isDue = false;
            count++;
        }

        count.Should().BeGreaterThan(2);
    }

    [Fact]
    public void Urgency_can_change_while_data_waits()
    {
        using var pair = Pair();
        var first = Open(pair, QuicStream.DefaultUrgency, 100_000);
        var second = Open(pair, QuicStream.DefaultUrgency, 100_000);
        pair.Run(TimeSpan.FromMilliseconds(60));
        first.Urgency = QuicStream.LeastUrgent;
        var sent = (int)pair.Client.Statistics.SentPackets;

        Finish(pair);

        var order = Frames(skipPackets: sent).Select(frame => frame.StreamId).ToArray();
        order.TakeWhile(id => id == second.Id).Count().Should().BeGreaterThan(10);
        Positions(order, second).Max().Should().BeLessThan(Positions(order, first).Min() + 1);
    }

    [Fact]
    public void Control_frames_go_before_data()
    {
        using var pair = Pair();
        var stream = Open(pair, QuicStream.MostUrgent, 200_000);
        var reset = Open(pair, QuicStream.LeastUrgent, 10);
        pair.Run(TimeSpan.FromMilliseconds(60));
        reset.Reset(1);

        Finish(pair);

        var packet = QlogFile.Read(_sink.Bytes).Named("transport:packet_sent")
            .First(item => item.Frames.Any(frame => Type(frame) == "reset_stream"));
        packet.Frames.Select(Type).Where(type => type is "reset_stream" or "stream").Should().StartWith("reset_stream");
        packet.Frames.Should().Contain(frame => Type(frame) == "stream");
        stream.IsEverythingAcknowledged.Should().BeTrue();
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(8)]
    public void Urgency_out_of_range_is_refused(int urgency)
    {
        using var pair = Pair();
        var stream = Open(pair, QuicStream.DefaultUrgency, 1);
        var act = () => stream.Urgency = urgency;
        act.Should().Throw<ArgumentOutOfRangeException>();
        stream.Urgency.Should().Be(QuicStream.DefaultUrgency);
    }

    private static string? Type(System.Text.Json.JsonElement frame) => frame.GetProperty("frame_type").GetString();

    private static IEnumerable<int> Positions(long[] order, QuicStream stream) =>
        order.Index().Where(each => each.Item == stream.Id).Select(each => each.Index);

    // A link on which data waits in the streams and not in the network.
    private QuicPair Pair()
    {
        var pair = new QuicPair(1, settings => settings.ClientOptions.Qlog = _ => _sink).Connect();
        pair.Links[0].BytesPerSecond = 250_000;
        return pair;
    }

    private static QuicStream Open(QuicPair pair, int urgency, int bytes)
    {
        pair.Client.TryOpenStream(true, out var stream).Should().BeTrue();
        stream!.Urgency = urgency;
        stream.Write(new byte[bytes]).Should().Be(bytes);
        return stream;
    }

    private static void Finish(QuicPair pair)
    {
        var room = new byte[64 * 1024];
        pair.RunUntil(() =>
        {
            for (long id = 0; id < 4 * 64; id += 4)
            {
                while (pair.Server!.TryGetStream(id, out var stream) && stream.Read(room) > 0)
                {
                }
            }

            return pair.Client.Statistics.BytesInFlight == 0 && IsDone(pair);
        }).Should().BeTrue();
        pair.Client.Dispose();
    }

    private static bool IsDone(QuicPair pair)
    {
        for (long id = 0; pair.Client.TryGetStream(id, out var stream); id += 4)
        {
            if (!stream.IsEverythingAcknowledged && stream.ResetCode is null)
                return false;
        }

        return true;
    }

    private IEnumerable<(long StreamId, long Offset, long Length)> Frames(int skipPackets = 0) =>
        from packet in QlogFile.Read(_sink.Bytes).Named("transport:packet_sent").Skip(skipPackets)
        from frame in packet.Frames
        where Type(frame) == "stream"
        select (
            frame.GetProperty("stream_id").GetInt64(),
            frame.GetProperty("offset").GetInt64(),
            frame.GetProperty("length").GetInt64());
}
