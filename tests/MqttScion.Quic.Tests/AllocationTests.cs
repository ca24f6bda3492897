namespace MqttScion.Quic.Tests;

/// <summary>The steady state of a transfer makes no garbage.</summary>
public class AllocationTests
{
    private const int PathId = 0;

    private readonly byte[] _room = new byte[64 * 1024];
    private readonly byte[] _data = new byte[32 * 1024];
    private TimeSpan _now = TimeSpan.FromHours(2);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Bulk_transfer_allocates_nothing_per_packet(bool isTraced)
    {
        using var pair = new QuicPair(1, settings =>
        {
            if (isTraced)
                settings.ClientOptions.Qlog = settings.ServerOptions.Qlog = static _ => new NullSink();
            settings.Protectors = new GnuTlsPacketProtectorFactory();
            settings.ClientOptions.IdleTimeout = TimeSpan.Zero;
            settings.ServerOptions.IdleTimeout = TimeSpan.Zero;
        }).Connect();
        pair.Run(TimeSpan.FromSeconds(1));
        pair.Client.TryOpenStream(true, out var stream).Should().BeTrue();
        Turns(pair, stream!, 500);
        var packets = pair.Client.Statistics.SentPackets;
        var before = GC.GetAllocatedBytesForCurrentThread();

        Turns(pair, stream!, 500);

        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        packets = pair.Client.Statistics.SentPackets - packets;
        packets.Should().BeGreaterThan(5000);
        // Rings and lists may still grow a few times, and the pool they come from may have been trimmed meanwhile; a
        // single object per packet would be 24 bytes for each.
        allocated.Should().BeLessThan(packets * 12);
    }

    private void Turns(QuicPair pair, QuicStream stream, int count)
    {
        for (var turn = 0; turn < count; turn++)
        {
            _now += TimeSpan.FromMilliseconds(1);
            stream.Write(_data);
            Move(pair.Client, pair.Server!);
            if (pair.Server!.TryGetStream(stream.Id, out var received))
            {
                while (received.Read(_data) > 0)
                {
                }
            }

            Move(pair.Server!, pair.Client);
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
                to.Receive(_room.AsSpan(start, length), PathId, transmit.Ecn, _now);
            }
        }

        while (from.TryGetEvent(out _) || to.TryGetEvent(out _))
        {
        }
    }

    /// <summary>Takes a trace and keeps nothing of it.</summary>
    private sealed class NullSink : IQlogSink
    {
        public bool TryWrite(ReadOnlySpan<byte> records) => records.Length > 0;

        public void Complete()
        {
        }
    }
}
