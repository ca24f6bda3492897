namespace MqttScion.Quic.Tests;

/// <summary>CUBIC against the formulas of RFC 9438.</summary>
public class CubicTests
{
    private const int Datagram = 1200;

    private static readonly TimeSpan Rtt = TimeSpan.FromMilliseconds(100);

    [Fact]
    public void Slow_start_doubles_and_a_loss_takes_three_tenths_once_a_round_trip()
    {
        var cubic = new Cubic(Datagram);
        Round(cubic, Ms(0));
        cubic.WindowBytes.Should().Be(20 * Datagram);

        cubic.OnCongestion(sentAt: Ms(50), now: Ms(150));
        cubic.OnCongestion(sentAt: Ms(60), now: Ms(160));

        cubic.WindowBytes.Should().Be(14 * Datagram);
        cubic.IsInSlowStart.Should().BeFalse();
    }

    [Fact]
    public void Window_is_back_at_its_maximum_after_the_time_K_and_goes_on_beyond_it()
    {
        var cubic = Grown(1000);
        var max = cubic.WindowBytes;
        var now = Ms(10_000);
        cubic.OnCongestion(now, now);
        // RFC 9438 §4.2: K is the cube root of what was lost, in segments, over C.
        var secondsToMax = Math.Cbrt(0.3 * max / Datagram / 0.4);
        var end = now + TimeSpan.FromSeconds(secondsToMax);

        var halfway = now + (end - now) / 2;
        now = RunUntil(cubic, now, halfway);
        // Half of the time is nearly the whole of the way: the curve is flat at its middle.
        cubic.WindowBytes.Should().BeInRange((long)(max * 0.94), max);
        now = RunUntil(cubic, now, end);
        cubic.WindowBytes.Should().BeCloseTo(max, (ulong)(max / 50));
        RunUntil(cubic, now, end + (end - halfway) * 2);
        cubic.WindowBytes.Should().BeGreaterThan((long)(max * 1.2));
    }

    [Fact]
    public void Small_window_grows_no_slower_than_Reno()
    {
        var cubic = Grown(20);
        var now = Ms(10_000);
        cubic.OnCongestion(now, now);
        var start = cubic.WindowBytes;

        RunUntil(cubic, now, now + TimeSpan.FromSeconds(2));

        // RFC 9438 §4.3: 3 (1 - 0.7) / (1 + 0.7) of a segment each round trip.
        var reno = 20 * 0.53 * Datagram;
        (cubic.WindowBytes - start).Should().BeGreaterThanOrEqualTo((long)(reno * 0.9));
    }

    [Fact]
    public void Flow_that_lost_share_converges_faster()
    {
        var cubic = Grown(1000);
        var now = Ms(10_000);
        cubic.OnCongestion(now, now);
        var afterFirst = cubic.WindowBytes;
        cubic.OnCongestion(now + Ms(1), now + Ms(1));
        var afterSecond = cubic.WindowBytes;
        var expectedMax = afterFirst * 1.7 / 2;
        var seconds = Math.Cbrt((expectedMax - afterSecond) / Datagram / 0.4);

        RunUntil(cubic, now + Ms(1), now + TimeSpan.FromSeconds(seconds));

        cubic.WindowBytes.Should().BeCloseTo((long)expectedMax, (ulong)(expectedMax / 30));
    }

    [Fact]
    public void Window_that_is_not_used_does_not_grow_and_its_time_does_not_count()
    {
        var cubic = Grown(1000);
        var now = Ms(10_000);
        cubic.OnCongestion(now, now);
        now = RunUntil(cubic, now, now + TimeSpan.FromSeconds(1));
        var before = cubic.WindowBytes;

        // A minute in which the application sends next to nothing.
        for (var count = 0; count < 600; count++)
        {
            now += Rtt;
            Acknowledge(cubic, now - Rtt, Datagram, now);
        }

        cubic.WindowBytes.Should().Be(before);
        RunUntil(cubic, now, now + Rtt);
        cubic.WindowBytes.Should().BeLessThan((long)(before * 1.1));
    }

    [Fact]
    public void Persistent_congestion_leaves_two_packets()
    {
        var cubic = Grown(100);

        cubic.OnPersistentCongestion();

        cubic.WindowBytes.Should().Be(2 * Datagram);
    }

    [Fact]
    public void Larger_datagrams_count_in_the_least_window()
    {
        var cubic = new Cubic(Datagram) { MaxDatagramBytes = 1400 };

        cubic.OnPersistentCongestion();

        cubic.WindowBytes.Should().Be(2800);
    }

    private static TimeSpan Ms(double value) => TimeSpan.FromMilliseconds(value);

    private static Cubic Grown(int packets)
    {
        var cubic = new Cubic(Datagram);
        var now = Ms(0);
        while (cubic.WindowBytes < packets * Datagram)
        {
            now += Ms(0.01);
            Acknowledge(cubic, now, cubic.WindowBytes, now + Ms(1));
        }

        return cubic;
    }

    private static TimeSpan RunUntil(Cubic cubic, TimeSpan now, TimeSpan end)
    {
        while (now < end)
        {
            now += Rtt;
            Round(cubic, now);
        }

        return now;
    }

    private static void Round(Cubic cubic, TimeSpan sentAt)
    {
        var window = cubic.WindowBytes;
        for (var acknowledged = 0L; acknowledged < window; acknowledged += Datagram)
            Acknowledge(cubic, sentAt + Ms(1), window, sentAt + Rtt);
    }

    private static void Acknowledge(Cubic cubic, TimeSpan sentAt, long inFlightBytes, TimeSpan now) =>
        cubic.OnAcknowledged(
            new AckedPacket(Datagram, sentAt, 0),
            new AckContext(inFlightBytes, inFlightBytes == Datagram, long.MaxValue, null, Rtt, now));
}
