namespace MqttScion.Quic.Tests;

public class FlowControlTests
{
    private const int Window = 64 * 1024;

    [Fact]
    public void Reader_that_does_not_read_stops_its_sender_and_loses_nothing()
    {
        using var pair = Pair();
        pair.Client.TryOpenStream(true, out var stream).Should().BeTrue();
        var data = Transfer.RandomBytes(4 * Window, seed: 1);
        var written = Feed(pair, stream!, data, 0);
        pair.Run(TimeSpan.FromSeconds(2));
        pair.Server!.TryGetStream(stream!.Id, out var incoming).Should().BeTrue();
        incoming!.ReadableBytes.Should().Be(Window);
        written = Feed(pair, stream, data, written);
        written.Should().BeLessThan(data.Length);

        var received = new MemoryStream();
        var buffer = new byte[Window / 2];
        pair.RunUntil(() =>
        {
            written = Feed(pair, stream, data, written);
            if (incoming.Read(buffer) is > 0 and var length)
                received.Write(buffer, 0, length);
            else if (written == data.Length)
                stream.Finish();
            pair.Flush();
            return incoming.IsReadFinished;
        }).Should().BeTrue();

        received.ToArray().Should().Equal(data);
    }

    /// <summary>As a read does: bytes come back as credit, and the end makes the stream over.</summary>
    [Fact]
    public void Reader_that_looks_and_advances_grants_credit_and_takes_the_end()
    {
        using var pair = Pair();
        pair.Client.TryOpenStream(true, out var stream).Should().BeTrue();
        var data = Transfer.RandomBytes(4 * Window, seed: 1);
        var written = 0;
        var received = new MemoryStream();
        pair.RunUntil(() => pair.Server!.TryGetStream(stream!.Id, out _) || Feed(pair, stream, [1], 0) < 0);
        pair.Server!.TryGetStream(stream!.Id, out var incoming).Should().BeTrue();
        incoming!.Advance(1);
        incoming.Finish();

        pair.RunUntil(() =>
        {
            written = Feed(pair, stream, data, written);
            received.Write(incoming.Peek());
            incoming.Advance(incoming.Peek().Length);
            return received.Length == data.Length;
        }).Should().BeTrue();
        stream.Finish();
        pair.Run(TimeSpan.FromSeconds(1));
        incoming.IsReadFinished.Should().BeTrue();
        pair.Server.TryGetStream(stream.Id, out _).Should().BeTrue("its end was not taken");
        incoming.Advance(0);
        pair.Run(TimeSpan.FromSeconds(1));

        received.ToArray().Should().Equal(data);
        pair.Server.TryGetStream(stream.Id, out _).Should().BeFalse();
        FluentActions.Invoking(() => incoming.Advance(1)).Should().Throw<ArgumentOutOfRangeException>();
        incoming.Peek().IsEmpty.Should().BeTrue();
    }

    [Fact]
    public void Connection_window_bounds_all_streams_together()
    {
        using var pair = Pair(connectionWindow: Window + Window / 2);
        var streams = Enumerable.Range(0, 4).Select(_ =>
        {
            pair.Client.TryOpenStream(true, out var stream).Should().BeTrue();
            Feed(pair, stream!, new byte[Window], 0);
            return stream!;
        }).ToArray();
        pair.Run(TimeSpan.FromSeconds(2));

        streams.Sum(item => pair.Server!.TryGetStream(item.Id, out var incoming) ? incoming.ReadableBytes : 0)
            .Should().Be(Window + Window / 2);

        var total = 0;
        var buffer = new byte[4096];
        pair.RunUntil(() =>
        {
            foreach (var item in streams)
            {
                if (pair.Server!.TryGetStream(item.Id, out var incoming))
                    total += incoming.Read(buffer);
            }

            pair.Flush();
            return total == 4 * Window;
        }).Should().BeTrue();
    }

    [Fact]
    public void Write_beyond_the_send_buffer_is_refused_until_StreamWritable()
    {
        using var pair = new QuicPair(1, settings => settings.ClientOptions.SendBufferBytes = 8192).Connect();
        pair.EchoOnServer();
        pair.Client.TryOpenStream(true, out var stream).Should().BeTrue();

        stream!.Write(new byte[10_000]).Should().Be(8192);
        stream.Write(new byte[1]).Should().Be(0);
        pair.RunUntil(() => pair.ClientEvents.Any(item => item.Kind == QuicEventKind.StreamWritable)).Should().BeTrue();

        stream.Write(new byte[1]).Should().Be(1);
    }

    [Fact]
    public void TryOpenStream_beyond_the_limit_waits_for_streams_to_end()
    {
        using var pair = new QuicPair(1, settings => settings.ServerOptions.MaxBidirectionalStreams = 2).Connect();
        pair.EchoOnServer();
        pair.Client.TryOpenStream(true, out var first).Should().BeTrue();
        pair.Client.TryOpenStream(true, out _).Should().BeTrue();
        pair.Client.TryOpenStream(true, out _).Should().BeFalse();

        first!.Write([1]);
        first.Finish();
        pair.RunUntil(() =>
        {
            first.Read(new byte[10]);
            return pair.ClientEvents.Any(item => item.Kind == QuicEventKind.StreamsAvailable);
        }).Should().BeTrue();

        pair.Client.TryOpenStream(true, out var next).Should().BeTrue();
        next!.Id.Should().Be(8);
    }

    [Fact]
    public void Many_short_streams_one_after_another_leave_nothing_behind()
    {
        using var pair = new QuicPair(1, settings => settings.ServerOptions.MaxBidirectionalStreams = 4).Connect();
        pair.Links[0].Loss = 0.05;
        pair.EchoOnServer();

        for (var index = 0; index < 60; index++)
        {
            var data = Transfer.RandomBytes(index, index);
            pair.RunUntil(() => pair.Client.TryOpenStream(true, out var probe) && ResetAtOnce(probe!))
                .Should().BeTrue();
            pair.RunUntil(() => pair.Client.StreamCount == 0 && pair.Server!.StreamCount == 0).Should().BeTrue();
            pair.Echo(data).Should().Equal(data);
            pair.RunUntil(() => pair.Client.StreamCount == 0 && pair.Server!.StreamCount == 0).Should().BeTrue();
        }
    }

    [Fact]
    public void Streams_that_end_while_they_wait_for_connection_credit_are_forgotten()
    {
        using var pair = new QuicPair(1, static settings =>
        {
            settings.ServerOptions.ConnectionWindowBytes = Window;
            settings.ServerOptions.MaxUnidirectionalStreams = 10;
        }).Connect();
        for (var count = 0; count < 30; count++)
        {
            pair.Client.TryOpenStream(false, out var stream).Should().BeTrue();
            stream!.Write(new byte[Window]).Should().Be(Window);
            pair.Run(TimeSpan.FromMilliseconds(500));
            if (count == 0)
                continue;
            stream.Reset(1);
            pair.Run(TimeSpan.FromMilliseconds(500));
        }

        pair.Client.Streams.All.Should().ContainSingle("the first one fills the window");
        pair.Client.Streams.QueuedCount.Should().Be(0);
    }

    [Fact]
    public void Reset_and_StopSending_reach_the_peer_with_their_codes()
    {
        using var pair = new QuicPair().Connect();
        pair.Client.TryOpenStream(true, out var stream).Should().BeTrue();
        stream!.Write([1, 2, 3]);
        pair.Run(TimeSpan.FromMilliseconds(100));

        stream.Reset(41);
        stream.StopSending(42);
        pair.Run(TimeSpan.FromMilliseconds(200));

        pair.ServerEvents.Should().Contain(item => item.Kind == QuicEventKind.StreamReset && item.ErrorCode == 41);
        pair.ServerEvents.Should().Contain(item => item.Kind == QuicEventKind.StreamStopped && item.ErrorCode == 42);
        pair.ClientEvents.Should().Contain(item => item.Kind == QuicEventKind.StreamReset && item.ErrorCode == 42);
        pair.Client.StreamCount.Should().Be(0);
        pair.Server!.StreamCount.Should().Be(0);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(10)]
    public void Reset_stream_never_reads_as_finished(int length)
    {
        using var pair = new QuicPair().Connect();
        pair.Client.TryOpenStream(true, out var stream).Should().BeTrue();
        stream!.Write(new byte[length]);
        pair.Run(TimeSpan.FromMilliseconds(100));
        stream.Reset(77);
        QuicStream? received = null;
        // As soon as it is there: both sides forget a stream whose other side is over as well.
        pair.RunUntil(() => pair.Server!.TryGetStream(stream.Id, out received) && received.PeerResetCode == 77)
            .Should().BeTrue();

        received!.Read(new byte[length + 1]);
        received.IsReadFinished.Should().BeFalse("RFC 9000 §3.2: Reset Recvd is not Data Read");
        received.Finish();
        pair.RunUntil(() => pair.Server!.StreamCount == 0).Should().BeTrue();
        received.IsReadFinished.Should().BeFalse();
    }

    [Fact]
    public void Reset_behind_an_end_that_was_read_changes_nothing()
    {
        using var pair = new QuicPair().Connect();
        pair.Client.TryOpenStream(true, out var stream).Should().BeTrue();
        stream!.Write([1, 2, 3]);
        stream.Finish();
        QuicStream? received = null;
        pair.RunUntil(() => pair.Server!.TryGetStream(stream.Id, out received) && received.ReadableBytes == 3)
            .Should().BeTrue();
        received!.Read(new byte[3]).Should().Be(3);

        // RESET_STREAM of stream 0, error 77, final size 3.
        var reset = PacketForge.OneRtt(pair, toServer: true, 5000, Convert.FromHexString("0400404d03"));
        pair.Server!.Receive(reset, 0, EcnCodepoint.NotEct, pair.Now);
        pair.Flush();

        received.IsReadFinished.Should().BeTrue();
        received.PeerResetCode.Should().BeNull();
        pair.ServerEvents.Should().NotContain(item => item.Kind == QuicEventKind.StreamReset);
        pair.Server.CloseReason.Should().BeNull();
    }

    [Theory]
    [InlineData(9)]
    [InlineData(15)]
    public void Stream_that_nobody_reads_does_not_keep_the_others_from_their_part_of_the_window(int heldSixteenths)
    {
        const int window = 16 * Window;
        using var pair = new QuicPair(1, settings =>
        {
            settings.ServerOptions.ConnectionWindowBytes = window;
            settings.ServerOptions.StreamWindowBytes = window;
            settings.ClientOptions.SendBufferBytes = window;
        }).Connect();
        pair.Client.TryOpenStream(true, out var held).Should().BeTrue();
        held!.Write(new byte[heldSixteenths * Window]);
        pair.Run(TimeSpan.FromSeconds(2));

        pair.Bulk(4 * window).Should().BeTrue();

        pair.Server!.TryGetStream(held.Id, out var unread).Should().BeTrue();
        unread!.ReadableBytes.Should().Be(heldSixteenths * Window);
    }

    [Fact]
    public void Keys_that_are_updated_in_the_middle_of_a_bad_transfer_lose_nothing()
    {
        using var pair = new QuicPair(8, settings =>
        {
            settings.ClientOptions.KeyUpdatePackets = 50;
            settings.ServerOptions.KeyUpdatePackets = 70;
        }).Connect();
        pair.Links[0].Loss = 0.03;
        pair.Links[0].Reorder = 0.1;
        pair.EchoOnServer();
        var data = Transfer.RandomBytes(2_000_000, seed: 3);

        pair.Echo(data, TimeSpan.FromMinutes(30)).AsSpan().SequenceEqual(data).Should().BeTrue();
        pair.Client.KeyUpdateCount.Should().BeGreaterThan(5);
        pair.Server!.KeyUpdateCount.Should().BeGreaterThan(5);
    }

    private static QuicPair Pair(int connectionWindow = 4 * Window) => new QuicPair(1, settings =>
    {
        settings.ServerOptions.StreamWindowBytes = Window;
        settings.ServerOptions.ConnectionWindowBytes = connectionWindow;
        settings.ClientOptions.SendBufferBytes = Window;
    }).Connect();

    private static bool ResetAtOnce(QuicStream stream)
    {
        stream.Reset(1);
        stream.StopSending(1);
        return true;
    }

    private static int Feed(QuicPair pair, QuicStream stream, byte[] data, int written)
    {
        written += stream.Write(data.AsSpan(written));
        pair.Flush();
        return written;
    }
}
