using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace MqttScion.Udp.Tests;

/// <summary>Every test runs with the Linux calls and with the portable ones.</summary>
public class BatchedUdpSocketTests
{
    private static readonly TimeSpan LongEnough = TimeSpan.FromSeconds(10);

    public static TheoryData<bool> Ways => UdpNative.IsSupported ? [true, false] : [false];

    [Theory]
    [MemberData(nameof(Ways))]
    public void Datagram_arrives_with_its_senders_address(bool isNative)
    {
        using var one = Bind(isNative);
        using var other = Bind(isNative);
        one.Send([1, 2, 3], other.LocalEndPoint).Should().Be(UdpSendResult.Sent);
        other.Wait(LongEnough).Should().BeTrue();
        var buffer = new byte[10];
        other.TryReceive(buffer, out var sender, out var length, out var isTruncated).Should().BeTrue();
        buffer.AsSpan(0, length).ToArray().Should().Equal(1, 2, 3);
        isTruncated.Should().BeFalse();
        sender.ToIPEndPoint().Should().Be(one.LocalEndPoint);
        other.Send([4], sender).Should().Be(UdpSendResult.Sent);
        one.Wait(LongEnough).Should().BeTrue();
        one.TryReceive(buffer, out _, out length, out _).Should().BeTrue();
        length.Should().Be(1);
    }

    [Fact]
    public void Closed_port_is_told_to_who_asks_with_the_address_that_was_sent_to()
    {
        if (!UdpNative.IsSupported)
        {
            return; // The answer elsewhere is the assertion of the last line.
        }
        using var closed = Bind(isNative: true);
        IPEndPoint nobody = closed.LocalEndPoint;
        closed.Dispose();
        using var socket = Bind(isNative: true);
        using var silent = Bind(isNative: true);
        socket.AskForUnreachable().Should().BeTrue();

        socket.Send([1], nobody);
        socket.Wait(LongEnough).Should().BeTrue();

        socket.TryReceive(new byte[10], out _, out _, out _).Should().BeFalse();
        socket.TryTakeUnreachable(out var destination, out var reason).Should().BeTrue();
        (destination.ToIPEndPoint(), reason).Should().Be((nobody, UdpUnreachable.Port));
        socket.TryTakeUnreachable(out _, out _).Should().BeFalse();
        socket.IgnoreUnreachable();
        socket.Send([1], nobody);
        socket.Wait(TimeSpan.FromMilliseconds(50)).Should().BeFalse("it asks no more");
        socket.Send([1], silent.LocalEndPoint).Should().Be(UdpSendResult.Sent, "nothing is left of it");
        silent.Wait(LongEnough).Should().BeTrue();
        silent.TryReceive(new byte[10], out _, out _, out _).Should().BeTrue();
        silent.Send([1], nobody);
        silent.Wait(TimeSpan.FromMilliseconds(50)).Should().BeFalse("it has not asked");
        silent.TryTakeUnreachable(out _, out _).Should().BeFalse();
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void Receive_without_a_datagram_returns_at_once(bool isNative)
    {
        using var socket = Bind(isNative);
        socket.TryReceive(new byte[10], out _, out _, out _).Should().BeFalse();
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void Datagram_longer_than_the_buffer_is_reported_as_truncated(bool isNative)
    {
        using var one = Bind(isNative);
        using var other = Bind(isNative);
        one.Send(new byte[100], other.LocalEndPoint);
        one.Send(new byte[10], other.LocalEndPoint);
        other.Wait(LongEnough);
        other.TryReceive(new byte[10], out _, out var length, out var isTruncated).Should().BeTrue();
        length.Should().Be(10);
        isTruncated.Should().Be(isNative || OperatingSystem.IsWindows());
        other.TryReceive(new byte[10], out _, out length, out isTruncated).Should().BeTrue();
        (length, isTruncated).Should().Be((10, false));
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void Empty_datagram_arrives(bool isNative)
    {
        using var one = Bind(isNative);
        using var other = Bind(isNative);
        one.Send([], other.LocalEndPoint).Should().Be(UdpSendResult.Sent);
        other.Wait(LongEnough).Should().BeTrue();
        other.TryReceive(new byte[10], out _, out var length, out _).Should().BeTrue();
        length.Should().Be(0);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void Errors_of_one_destination_do_not_end_the_socket(bool isNative)
    {
        using var one = Bind(isNative);
        using var other = Bind(isNative);
        var closed = Bind(isNative);
        closed.Dispose();
        for (var i = 0; i < 3; i++)
            one.Send([1], closed.LocalEndPoint);
        one.Send(new byte[70_000], other.LocalEndPoint).Should().Be(UdpSendResult.TooLarge);
        one.Send([1], new IPEndPoint(IPAddress.IPv6Loopback, 9)).Should().Be(UdpSendResult.Unreachable);
        one.TryReceive(new byte[10], out _, out _, out _).Should().BeFalse();
        one.Send([1], other.LocalEndPoint).Should().Be(UdpSendResult.Sent);
        other.Wait(LongEnough).Should().BeTrue();
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void Flight_is_cut_into_segments_and_the_last_may_be_shorter(bool isNative)
    {
        using var one = Bind(isNative);
        using var other = Bind(isNative);
        one.Send(new byte[25], segmentSize: 10, other.LocalEndPoint, out var sent).Should().Be(UdpSendResult.Sent);
        sent.Should().Be(3);
        var lengths = new List<int>();
        other.Wait(LongEnough);
        while (other.TryReceive(new byte[100], out _, out var length, out _))
            lengths.Add(length);
        lengths.Should().Equal(10, 10, 5);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void Wait_ends_when_time_is_up(bool isNative)
    {
        using var socket = Bind(isNative);
        var start = Stopwatch.GetTimestamp();
        socket.Wait(TimeSpan.FromMicroseconds(1500)).Should().BeFalse();
        // The portable wait counts whole milliseconds.
        var least = TimeSpan.FromMicroseconds(isNative ? 1400 : 900);
        Stopwatch.GetElapsedTime(start).Should().BeGreaterThanOrEqualTo(least);
        socket.Wait(TimeSpan.Zero).Should().BeFalse();
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void Wake_before_a_wait_ends_exactly_one_wait(bool isNative)
    {
        using var socket = Bind(isNative);
        socket.Wake();
        socket.Wake();
        socket.Wait(Timeout.InfiniteTimeSpan).Should().BeTrue();
        socket.Wait(TimeSpan.Zero).Should().BeFalse();
        socket.Wake();
        socket.Wait(Timeout.InfiniteTimeSpan).Should().BeTrue();
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Wake_from_another_thread_ends_a_wait(bool isNative)
    {
        using var socket = Bind(isNative);
        var waits = Task.Run(() => socket.Wait(Timeout.InfiniteTimeSpan));
        socket.Wake();
        (await waits.WaitAsync(LongEnough)).Should().BeTrue();
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void Poll_set_says_which_socket_is_readable(bool isNative)
    {
        using var one = Bind(isNative);
        using var other = Bind(isNative);
        using var set = new UdpPollSet(one, other);
        set.Wait(TimeSpan.Zero).Should().BeFalse();
        one.Send([1], other.LocalEndPoint);
        set.Wait(LongEnough).Should().BeTrue();
        (set.IsReadable(0), set.IsReadable(1)).Should().Be((false, true));
        set.Wake();
        other.TryReceive(new byte[1], out _, out _, out _).Should().BeTrue();
        set.Wait(LongEnough).Should().BeTrue();
        (set.IsReadable(0), set.IsReadable(1)).Should().Be((false, false));
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void Wake_after_disposal_does_nothing(bool isNative)
    {
        var socket = Bind(isNative);
        socket.Wait(TimeSpan.Zero);
        socket.Dispose();
        var act = socket.Wake;
        act.Should().NotThrow();
    }

    [Fact]
    public void Binding_a_taken_port_fails_with_a_socket_exception()
    {
        using var socket = Bind(UdpNative.IsSupported);
        var act = () => new BatchedUdpSocket(socket.LocalEndPoint);
        act.Should().Throw<SocketException>().Which.SocketErrorCode.Should().Be(SocketError.AddressAlreadyInUse);
    }

    [Fact]
    public void Round_trips_allocate_nothing()
    {
        if (!UdpNative.IsSupported)
            return;
        using var one = Bind(isNative: true);
        using var other = Bind(isNative: true);
        var buffer = new byte[2000];
        UdpAddress destination = other.LocalEndPoint;
        void RoundTrips()
        {
            for (var i = 0; i < 100; i++)
            {
                one.Send(buffer, destination);
                other.Wait(LongEnough);
                other.TryReceive(buffer, out _, out _, out _);
            }
        }

        Allocation.Of(RoundTrips).Should().Be(0);
    }

    private static BatchedUdpSocket Bind(bool isNative) => new(new IPEndPoint(IPAddress.Loopback, 0), isNative);
}
