using System.Net;
using System.Net.Sockets;

namespace MqttScion.Udp.Tests;

/// <summary>Flights out and batches in: by each way the kernel offers, and by the portable calls.</summary>
public class UdpBatchTests
{
    private static readonly TimeSpan LongEnough = TimeSpan.FromSeconds(10);

    public enum Way
    {
        Segmented,
        Many,
        OneByOne,
        Portable,
    }

    public static TheoryData<Way, bool> Ways
    {
        get
        {
            var ways = new TheoryData<Way, bool>();
            foreach (var isIPv6 in Socket.OSSupportsIPv6 ? [false, true] : new[] { false })
            {
                foreach (var way in UdpNative.IsSupported ? Enum.GetValues<Way>() : [Way.Portable])
                    ways.Add(way, isIPv6);
            }
            return ways;
        }
    }

    public static TheoryData<Way> IPv4Ways =>
        UdpNative.IsSupported ? [Way.Segmented, Way.Many, Way.OneByOne, Way.Portable] : [Way.Portable];

    [Theory]
    [MemberData(nameof(Ways))]
    public void Flight_of_64_arrives_whole_and_in_order(Way way, bool isIPv6)
    {
        using var one = Bind(way, isIPv6);
        using var other = Bind(way, isIPv6);
        var flight = Numbered(count: 64, size: 1000, lastSize: 700);
        one.Send(flight, segmentSize: 1000, other.LocalEndPoint, out var sent).Should().Be(UdpSendResult.Sent);
        sent.Should().Be(64);
        var received = ReceiveAll(other, new UdpReceiveBatch(8), count: 64);
        received.Select(d => d.Sender).Distinct().Should().Equal(one.LocalEndPoint);
        received.Should().OnlyContain(d => !d.IsTruncated);
        received.SelectMany(d => d.Bytes).Should().Equal(flight);
        received.Select(d => d.Bytes.Length).Should().Equal(Enumerable.Repeat(1000, 63).Append(700));
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void Flight_longer_than_one_call_can_carry_arrives_whole_and_in_order(Way way, bool isIPv6)
    {
        using var one = Bind(way, isIPv6);
        using var other = Bind(way, isIPv6);
        var flight = Numbered(count: 150, size: 1400, lastSize: 1);
        one.Send(flight, segmentSize: 1400, other.LocalEndPoint, out var sent).Should().Be(UdpSendResult.Sent);
        sent.Should().Be(150);
        var received = ReceiveAll(other, new UdpReceiveBatch(4), count: 150);
        received.SelectMany(d => d.Bytes).Should().Equal(flight);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void Datagrams_of_several_senders_and_sizes_arrive_apart(Way way, bool isIPv6)
    {
        using var one = Bind(way, isIPv6);
        using var two = Bind(way, isIPv6);
        using var other = Bind(way, isIPv6);
        one.Send(new byte[30], segmentSize: 10, other.LocalEndPoint, out _);
        two.Send(new byte[20], segmentSize: 10, other.LocalEndPoint, out _);
        one.Send([], other.LocalEndPoint);
        two.Send(new byte[5], other.LocalEndPoint);
        var received = ReceiveAll(other, new UdpReceiveBatch(16), count: 7);
        received.Select(d => (d.Bytes.Length, d.Sender.Equals(one.LocalEndPoint))).Should().Equal(
            (10, true), (10, true), (10, true), (10, false), (10, false), (0, true), (5, false));
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void Ecn_field_arrives_as_it_was_sent(Way way, bool isIPv6)
    {
        using var one = Bind(way, isIPv6);
        using var other = Bind(way, isIPv6);
        (one.CarriesEcn, other.CarriesEcn).Should().Be((way != Way.Portable, way != Way.Portable));
        var marks = Enum.GetValues<UdpEcn>();
        foreach (var ecn in marks)
        {
            one.Send([1], other.LocalEndPoint, ecn);
            one.Send(new byte[25], segmentSize: 10, other.LocalEndPoint, out _, ecn);
        }
        var received = ReceiveAll(other, new UdpReceiveBatch(16), count: 16);
        var expected = marks.SelectMany(ecn => Enumerable.Repeat(way == Way.Portable ? UdpEcn.NotEct : ecn, 4));
        received.Select(d => d.Ecn).Should().Equal(expected);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void Largest_datagram_fits_a_full_slot(Way way, bool isIPv6)
    {
        using var one = Bind(way, isIPv6);
        using var other = Bind(way, isIPv6);
        var size = isIPv6 ? 65_487 : 65_507; // The loopback's MTU of 65,536 bounds IPv6.
        var largest = Numbered(count: 1, size, lastSize: size);
        one.Send(largest, other.LocalEndPoint).Should().Be(UdpSendResult.Sent);
        var received = ReceiveAll(other, new UdpReceiveBatch(2), count: 1);
        received[0].Bytes.Should().Equal(largest);
        received[0].IsTruncated.Should().BeFalse();
    }

    [Theory]
    [MemberData(nameof(IPv4Ways))]
    public void Datagram_longer_than_its_slot_is_reported_as_truncated(Way way)
    {
        using var one = Bind(way);
        using var other = Bind(way);
        one.Send(new byte[100], other.LocalEndPoint);
        one.Send(new byte[10], other.LocalEndPoint);
        var received = ReceiveAll(other, new UdpReceiveBatch(4, slotBytes: 10), count: 2);
        var tells = way != Way.Portable || OperatingSystem.IsWindows();
        received.Select(d => (d.Bytes.Length, d.IsTruncated)).Should().Equal((10, tells), (10, false));
    }

    [Theory]
    [MemberData(nameof(IPv4Ways))]
    public void Too_large_segments_are_refused_and_leave_the_way_of_sending_as_it_is(Way way)
    {
        using var one = Bind(way);
        using var other = Bind(way);
        var mode = one.SendMode;
        one.Send(new byte[140_000], segmentSize: 70_000, other.LocalEndPoint, out var sent)
            .Should().Be(UdpSendResult.TooLarge);
        sent.Should().Be(0);
        one.Send(new byte[65_507 + 1], segmentSize: 65_507, other.LocalEndPoint, out sent)
            .Should().Be(UdpSendResult.Sent);
        sent.Should().Be(2);
        one.SendMode.Should().Be(mode);
    }

    [Theory]
    [MemberData(nameof(IPv4Ways))]
    public void Refused_ports_end_neither_flights_nor_batches(Way way)
    {
        using var one = Bind(way);
        using var other = Bind(way);
        var closed = Bind(way);
        closed.Dispose();
        for (var i = 0; i < 3; i++)
            one.Send(new byte[100], segmentSize: 10, closed.LocalEndPoint, out _);
        one.Receive(new UdpReceiveBatch(4)).Should().BeFalse();
        one.Send(new byte[100], segmentSize: 10, other.LocalEndPoint, out var sent).Should().Be(UdpSendResult.Sent);
        sent.Should().Be(10);
        ReceiveAll(other, new UdpReceiveBatch(4), count: 10).Should().HaveCount(10);
    }

    [Theory]
    [MemberData(nameof(IPv4Ways))]
    public void Flight_to_the_other_ip_version_is_unreachable(Way way)
    {
        using var one = Bind(way);
        one.Send(new byte[20], segmentSize: 10, new IPEndPoint(IPAddress.IPv6Loopback, 9), out var sent)
            .Should().Be(UdpSendResult.Unreachable);
        sent.Should().Be(0);
    }

    [Fact]
    public void Kernel_that_refuses_to_segment_is_not_asked_again()
    {
        if (!UdpNative.IsSupported)
            return;
        using var one = Bind(Way.Segmented);
        using var other = Bind(Way.Segmented);
        // SO_NO_CHECK: without checksums the kernel refuses to segment (EINVAL), but sends.
        one.Socket.SetRawSocketOption(UdpNative.SocketLevel, 11, BitConverter.GetBytes(1));
        var flight = Numbered(count: 10, size: 100, lastSize: 100);
        one.Send(flight, segmentSize: 100, other.LocalEndPoint, out var sent).Should().Be(UdpSendResult.Sent);
        sent.Should().Be(10);
        one.SendMode.Should().Be(UdpSendMode.Many);
        ReceiveAll(other, new UdpReceiveBatch(16), count: 10).SelectMany(d => d.Bytes).Should().Equal(flight);
    }

    [Fact]
    public void Socket_that_coalesces_refuses_small_slots_and_single_receives()
    {
        if (!UdpNative.IsSupported)
            return;
        using var socket = Bind(Way.Segmented);
        socket.Receive(new UdpReceiveBatch(1)).Should().BeFalse();
        socket.Invoking(s => s.Receive(new UdpReceiveBatch(1, slotBytes: 2048)))
            .Should().Throw<ArgumentException>().WithMessage("*65535*2048*");
        socket.Invoking(s => s.TryReceive(new byte[10], out _, out _, out _))
            .Should().Throw<InvalidOperationException>();
    }

    [Fact]
    public void Batch_states_its_memory_and_its_bounds()
    {
        new UdpReceiveBatch(32).MemoryBytes.Should().Be(32 * (65_536 + 64));
        new UdpReceiveBatch(2, slotBytes: 100).MemoryBytes.Should().Be(2 * (128 + 64));
        var tooLong = () => new UdpReceiveBatch(1, slotBytes: 65_536);
        tooLong.Should().Throw<ArgumentOutOfRangeException>();
        var none = () => new UdpReceiveBatch(0);
        none.Should().Throw<ArgumentOutOfRangeException>();
    }

    [Theory]
    [MemberData(nameof(IPv4Ways))]
    public void Buffers_granted_are_told(Way way)
    {
        using var socket = Bind(way);
        socket.ReceiveBufferBytes.Should().BeGreaterThanOrEqualTo(64 << 10);
        socket.SendBufferBytes.Should().BeGreaterThanOrEqualTo(64 << 10);
    }

    [Theory]
    [MemberData(nameof(IPv4Ways))]
    public void Flights_and_batches_allocate_nothing(Way way)
    {
        using var one = Bind(way);
        using var other = Bind(way);
        var batch = new UdpReceiveBatch(8);
        var flight = new byte[32 * 1200];
        UdpAddress destination = other.LocalEndPoint;
        var received = 0;
        void RoundTrips()
        {
            received = 0;
            for (var i = 0; i < 50; i++)
            {
                one.Send(flight, 1200, destination, out _, UdpEcn.Ect0);
                while (other.Receive(batch))
                {
                    while (batch.TryTake(out _))
                        received++;
                }
            }
        }

        Allocation.Of(RoundTrips).Should().Be(0);
        received.Should().Be(50 * 32);
    }

    private static BatchedUdpSocket Bind(Way way, bool isIPv6 = false)
    {
        var any = new IPEndPoint(isIPv6 ? IPAddress.IPv6Loopback : IPAddress.Loopback, 0);
        var socket = new BatchedUdpSocket(any, isNative: way != Way.Portable);
        if (way == Way.Segmented)
            socket.SendMode.Should().Be(UdpSendMode.Segmented);
        else
            socket.SendMode = way == Way.Many ? UdpSendMode.Many : UdpSendMode.Single;
        return socket;
    }

    private static byte[] Numbered(int count, int size, int lastSize)
    {
        var bytes = new byte[(count - 1) * size + lastSize];
        for (var i = 0; i < bytes.Length; i++)
            bytes[i] = (byte)(i / size * 7 + i);
        return bytes;
    }

    private static List<Received> ReceiveAll(BatchedUdpSocket socket, UdpReceiveBatch batch, int count)
    {
        var received = new List<Received>();
        while (received.Count < count)
        {
            socket.Wait(LongEnough).Should().BeTrue();
            while (socket.Receive(batch))
            {
                while (batch.TryTake(out var d))
                    received.Add(new Received(d.Bytes.ToArray(), d.Sender.ToIPEndPoint(), d.Ecn, d.IsTruncated));
            }
        }
        return received;
    }

    private sealed record Received(byte[] Bytes, IPEndPoint Sender, UdpEcn Ecn, bool IsTruncated);
}
