using Xunit.Abstractions;

namespace MqttScion.Quic.Tests;

/// <summary>Thousands of streams on one connection, one after another and at once.</summary>
public class ManyStreamsTests(ITestOutputHelper output)
{
    private const int Count = 10_000;

    [Fact]
    public void Ten_thousand_streams_come_and_go_and_nothing_stays()
    {
        using var pair = new QuicPair(1, settings => settings.ServerOptions.MaxBidirectionalStreams = 100).Connect();
        pair.EchoOnServer();
        var open = new HashSet<QuicStream>();
        var (opened, closed) = (0, 0);
        var buffer = new byte[16];

        pair.RunUntil(
            () =>
            {
                foreach (var stream in open.ToArray())
                {
                    stream.Read(buffer);
                    if (!stream.IsReadFinished)
                        continue;
                    open.Remove(stream);
                    closed++;
                }

                while (opened < Count && pair.Client.TryOpenStream(true, out var stream))
                {
                    opened++;
                    stream.Write([(byte)opened]);
                    stream.Finish();
                    open.Add(stream);
                }

                pair.Flush();
                return closed == Count;
            },
            TimeSpan.FromMinutes(10)).Should().BeTrue();

        pair.Run(TimeSpan.FromSeconds(1));
        pair.Client.StreamCount.Should().Be(0);
        pair.Server!.StreamCount.Should().Be(0);
        // Having run into the limit, the client was told each time that there were more.
        pair.ClientEvents.Count(item => item.Kind == QuicEventKind.StreamsAvailable).Should().BeGreaterThan(50);
        pair.ServerEvents.Count(item => item.Kind == QuicEventKind.StreamOpened).Should().Be(Count);
    }

    [Fact]
    public void Stream_limit_blocks_is_told_and_ends()
    {
        using var pair = new QuicPair(1, settings => settings.ServerOptions.MaxBidirectionalStreams = 2).Connect();
        pair.EchoOnServer();
        pair.Client.TryOpenStream(true, out var first).Should().BeTrue();
        pair.Client.TryOpenStream(true, out _).Should().BeTrue();
        pair.Client.TryOpenStream(true, out _).Should().BeFalse();
        pair.Run(TimeSpan.FromMilliseconds(100));
        pair.ClientEvents.Should().NotContain(item => item.Kind == QuicEventKind.StreamsAvailable);

        first!.Finish();
        pair.RunUntil(() => first.IsReadFinished).Should().BeTrue();

        first.Read(new byte[1]);
        pair.RunUntil(() => pair.ClientEvents.Exists(item => item.Kind == QuicEventKind.StreamsAvailable))
            .Should().BeTrue();
        pair.Client.TryOpenStream(true, out _).Should().BeTrue();
    }

    [Theory]
    [InlineData(16, 9)]
    [InlineData(16, 15)]
    [InlineData(100, 51)]
    [InlineData(4, 3)]
    [InlineData(2, 1)]
    public void Streams_that_stay_open_do_not_keep_others_from_coming_and_going(int limit, int longLived)
    {
        using var pair = new QuicPair(1, settings => settings.ServerOptions.MaxBidirectionalStreams = limit).Connect();
        pair.EchoOnServer();
        for (var count = 0; count < longLived; count++)
        {
            pair.Client.TryOpenStream(true, out var stream).Should().BeTrue();
            stream!.Write([1]);
        }

        for (var count = 0; count < 3 * limit; count++)
        {
            QuicStream? stream = null;
            pair.RunUntil(() => pair.Client.TryOpenStream(true, out stream)).Should().BeTrue($"request {count}");
            stream!.Write([2]);
            stream.Finish();
            pair.RunUntil(() => stream.Read(new byte[1]) >= 0 && stream.IsReadFinished).Should().BeTrue();
            pair.Run(TimeSpan.FromMilliseconds(100));
            pair.Server!.StreamCount.Should().Be(longLived);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Unidirectional_streams_that_stay_open_do_not_keep_others_from_coming(bool isReset)
    {
        const int limit = 10, longLived = 6;
        using var pair = new QuicPair(1, settings => settings.ServerOptions.MaxUnidirectionalStreams = limit).Connect();
        pair.EchoOnServer();
        for (var count = 0; count < longLived; count++)
        {
            pair.Client.TryOpenStream(false, out var stream).Should().BeTrue();
            stream!.Write([1]);
        }

        for (var count = 0; count < 3 * limit; count++)
        {
            QuicStream? stream = null;
            pair.RunUntil(() => pair.Client.TryOpenStream(false, out stream)).Should().BeTrue($"stream {count}");
            stream!.Write([2]);
            pair.Flush();
            if (isReset)
                stream.Reset(1);
            else
                stream.Finish();
            pair.Run(TimeSpan.FromMilliseconds(100));
        }
    }

    [Fact]
    public void Streams_that_close_before_the_limit_is_near_are_granted_again_once_the_peer_is_blocked()
    {
        const int limit = 16;
        using var pair = new QuicPair(1, settings => settings.ServerOptions.MaxBidirectionalStreams = limit).Connect();
        pair.EchoOnServer();
        pair.Echo([1]).Should().Equal(1);
        pair.Run(TimeSpan.FromMilliseconds(100));

        // 15 streams of which the server sees nothing: only STREAMS_BLOCKED tells that they have been opened.
        for (var count = 0; count < limit - 1; count++)
            pair.Client.TryOpenStream(true, out _).Should().BeTrue();

        pair.RunUntil(() => pair.Client.TryOpenStream(true, out _)).Should().BeTrue();
        pair.Client.TryOpenStream(true, out _).Should().BeFalse("16 may be open");
    }

    [Fact]
    public void Idle_stream_takes_little_memory()
    {
        using var pair = new QuicPair(1, settings => settings.ServerOptions.MaxBidirectionalStreams = 2 * Count)
            .Connect();
        pair.Client.TryOpenStream(true, out _).Should().BeTrue();
        var before = GC.GetAllocatedBytesForCurrentThread();

        for (var index = 0; index < Count; index++)
            pair.Client.TryOpenStream(true, out _);

        var bytes = (GC.GetAllocatedBytesForCurrentThread() - before) / Count;
        output.WriteLine($"{bytes} bytes for each open stream without data");
        pair.Client.StreamCount.Should().Be(Count + 1);
        bytes.Should().BeLessThan(1024);
    }

    [Fact]
    public void Streams_that_wait_cost_nothing_per_packet()
    {
        // Each has a byte to send, and all are sent, each once: nobody looks at all of them for each packet.
        using var pair = new QuicPair(1, settings => settings.ServerOptions.MaxBidirectionalStreams = 2 * Count)
            .Connect();
        for (var index = 0; index < Count; index++)
        {
            pair.Client.TryOpenStream(true, out var stream).Should().BeTrue();
            stream!.Urgency = index % (QuicStream.LeastUrgent + 1);
            stream.Write([1]);
            stream.Finish();
        }

        var buffer = new byte[1];
        var finished = 0;
        pair.OnEvent += (fromServer, item) =>
        {
            if (!fromServer || item.Kind != QuicEventKind.StreamReadable ||
                !pair.Server!.TryGetStream(item.StreamId, out var stream))
                return;
            stream.Read(buffer).Should().Be(1);
            stream.Finish();
            finished++;
        };
        pair.RunUntil(() => finished == Count).Should().BeTrue();
    }
}
