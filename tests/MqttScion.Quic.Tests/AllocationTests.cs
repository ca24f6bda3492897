using Xunit.Abstractions;

namespace MqttScion.Quic.Tests;

/// <summary>The steady state makes no garbage: not for a packet, a loss, an acknowledgement or a timer.</summary>
public sealed class AllocationTests : IDisposable
{
    private const int PathId = 0;
    private const int BulkBytes = 32 * 1024;
    private const int MessageBytes = 64;

    private readonly ITestOutputHelper _output;
    private readonly QuicPair _pair;
    private readonly SeededRandom _fate = new(11);
    private readonly byte[] _room = new byte[64 * 1024];
    private readonly byte[] _data = new byte[BulkBytes];
    private double _loss;
    private TimeSpan _now = TimeSpan.FromHours(2);

    public AllocationTests(ITestOutputHelper output)
    {
        _output = output;
        _pair = new QuicPair(1, static settings =>
        {
            settings.Protectors = QuicCrypto.Default.CreateProtectors();
            settings.ClientOptions.IdleTimeout = TimeSpan.Zero;
            settings.ServerOptions.IdleTimeout = TimeSpan.Zero;
        }).Connect();
        _pair.Run(TimeSpan.FromSeconds(1));
    }

    [Theory]
    [InlineData(BulkBytes, 0, 0)]
    [InlineData(0, BulkBytes, 0)]
    [InlineData(BulkBytes, BulkBytes, 0)]
    [InlineData(MessageBytes, MessageBytes, 0)]
    [InlineData(BulkBytes, BulkBytes, 0.01)]
    [InlineData(MessageBytes, MessageBytes, 0.05)]
    public void Data_allocates_nothing(int clientBytes, int serverBytes, double loss)
    {
        var stream = Open();
        stream.Write(_data.AsSpan(0, 1));
        Step();
        // What grows to the most that was ever needed grows here: rings, lists, the pool of packets.
        Turns(stream, 1000, clientBytes, serverBytes);
        _loss = 3 * loss;
        Turns(stream, 1000, clientBytes, serverBytes);
        _loss = loss;
        var packets = _pair.Client.Statistics.SentPackets;
        var lost = _pair.Client.Statistics.LostPackets;

        var allocated = Least(() => Turns(stream, 500, clientBytes, serverBytes));

        (_pair.Client.Statistics.SentPackets - packets).Should().BeGreaterThan(250);
        (_pair.Client.Statistics.LostPackets - lost).Should().BeGreaterThanOrEqualTo(loss > 0 ? 1 : 0);
        allocated.Should().Be(0);
    }

    [Fact]
    public void Timers_allocate_nothing()
    {
        var stream = Open();
        Turns(stream, 100, BulkBytes, BulkBytes);
        // Long enough for keep-alives, delayed acknowledgements and probe timeouts, and for the largest pile of them.
        _loss = 0.3;
        Idle(TimeSpan.FromMinutes(30));
        var probes = _pair.Client.Statistics.ProbeTimeouts;
        var allocated = Least(() => Idle(TimeSpan.FromMinutes(5)));

        (_pair.Client.Statistics.ProbeTimeouts - probes).Should().BePositive();
        allocated.Should().Be(0);
    }

    [Fact]
    public void A_stream_costs_its_objects_only()
    {
        const int count = 500;
        Streams(count);
        var before = GC.GetAllocatedBytesForCurrentThread();

        Streams(count);

        var allocated = (GC.GetAllocatedBytesForCurrentThread() - before) / count;
        _output.WriteLine($"{allocated} bytes for a stream of two sides with a message each way");
        // Two QuicStream objects with their buffers' bookkeeping, which users may keep, so that they can't be pooled.
        allocated.Should().BeLessThan(1600);
    }

    public void Dispose() => _pair.Dispose();

    // The shared pool of arrays gives some up when memory is collected, which tests beside this one bring about: a
    // buffer is made anew then. What a packet or a timer allocates, it does each time.
    private static long Least(Action run)
    {
        const int attempts = 5;
        var least = long.MaxValue;
        for (var attempt = 0; attempt < attempts && least > 0; attempt++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            run();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return least;
    }

    private QuicStream Open()
    {
        _pair.Client.TryOpenStream(true, out var stream).Should().BeTrue();
        return stream!;
    }

    private void Turns(QuicStream stream, int count, int clientBytes, int serverBytes)
    {
        for (var turn = 0; turn < count; turn++)
        {
            _now += TimeSpan.FromMilliseconds(1);
            stream.Write(_data.AsSpan(0, clientBytes));
            Move(_pair.Client, _pair.Server!);
            if (_pair.Server!.TryGetStream(stream.Id, out var received))
            {
                received.Write(_data.AsSpan(0, serverBytes));
                ReadAll(received);
            }

            Move(_pair.Server!, _pair.Client);
            ReadAll(stream);
        }
    }

    private void Streams(int count)
    {
        for (var index = 0; index < count; index++)
        {
            _pair.Client.TryOpenStream(true, out var stream);
            stream!.Write(_data.AsSpan(0, MessageBytes));
            stream.Finish();
            Step();
            _pair.Server!.TryGetStream(stream.Id, out var received);
            ReadAll(received!);
            received!.Write(_data.AsSpan(0, MessageBytes));
            received.Finish();
            while (!stream.IsReadFinished)
            {
                Step();
                ReadAll(stream);
            }
        }
    }

    private void Step()
    {
        _now += TimeSpan.FromMilliseconds(1);
        Move(_pair.Client, _pair.Server!);
        Move(_pair.Server!, _pair.Client);
    }

    private void Idle(TimeSpan time)
    {
        var end = _now + time;
        while (_now < end)
        {
            var next = _pair.Client.NextTimeout ?? end;
            next = _pair.Server!.NextTimeout is { } other && other < next ? other : next;
            _now = next > _now ? next : _now + TimeSpan.FromMilliseconds(1);
            Move(_pair.Client, _pair.Server!);
            Move(_pair.Server!, _pair.Client);
        }
    }

    private void ReadAll(QuicStream stream)
    {
        while (stream.Read(_data) > 0)
        {
        }
    }

    private void Move(QuicConnection from, QuicConnection to)
    {
        if (from.NextTimeout <= _now)
            from.OnTimeout(_now);
        while (from.TryTransmit(_room, 16, _now, out var transmit))
        {
            var stride = QuicPair.Headroom + transmit.SegmentSize;
            for (var start = QuicPair.Headroom; start < transmit.Length; start += stride)
            {
                var length = Math.Min(transmit.SegmentSize, transmit.Length - start);
                if (!_fate.Happens(_loss))
                    to.Receive(_room.AsSpan(start, length), PathId, transmit.Ecn, _now);
            }
        }

        while (from.TryGetEvent(out _) || to.TryGetEvent(out _))
        {
        }
    }
}
