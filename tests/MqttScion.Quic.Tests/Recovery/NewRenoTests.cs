namespace MqttScion.Quic.Tests;

/// <summary>NewReno and its eager variant against the formulas of RFC 9002 §7.</summary>
public class NewRenoTests
{
    private const int Datagram = 1200;

    private static readonly TimeSpan Rtt = TimeSpan.FromMilliseconds(100);

    [Theory]
    [InlineData(QuicCongestionControl.NewReno, 0.5)]
    [InlineData(QuicCongestionControl.EagerReno, 0.7)]
    public void Loss_leaves_its_share_of_the_window_once_a_round_trip(QuicCongestionControl control, double share)
    {
        var reno = Create(control);
        var window = reno.WindowBytes;

        reno.OnCongestion(sentAt: Rtt, now: 2 * Rtt);
        reno.OnCongestion(sentAt: Rtt, now: 2 * Rtt);

        reno.WindowBytes.Should().Be((long)(window * share));
        reno.IsInSlowStart.Should().BeFalse();
    }

    [Theory]
    [InlineData(QuicCongestionControl.NewReno)]
    [InlineData(QuicCongestionControl.EagerReno)]
    public void Window_grows_by_a_datagram_each_round_trip_after_recovery(QuicCongestionControl control)
    {
        var reno = Create(control);
        reno.OnCongestion(Rtt, now: 2 * Rtt);
        var window = reno.WindowBytes;

        Round(reno, sentAt: 2 * Rtt);
        reno.WindowBytes.Should().Be(window, "it was sent before the loss was found");
        Round(reno, sentAt: 3 * Rtt);
        reno.WindowBytes.Should().BeCloseTo(window + Datagram, Datagram / 5);
        Round(reno, sentAt: 4 * Rtt);
        reno.WindowBytes.Should().BeCloseTo(window + 2 * Datagram, 2 * Datagram / 5);
    }

    [Fact]
    public void Loss_in_the_middle_of_a_round_trip_leaves_half_of_what_was_gained_in_it()
    {
        var (reno, other) = (Create(QuicCongestionControl.NewReno), Create(QuicCongestionControl.NewReno));
        foreach (var one in new[] { reno, other })
        {
            Round(one, sentAt: Rtt);
            one.OnCongestion(Rtt, now: 2 * Rtt);
        }

        for (var packet = 0; packet < 5; packet++)
            Acknowledge(reno, reno.WindowBytes, sentAt: 3 * Rtt);
        reno.OnCongestion(3 * Rtt, now: 4 * Rtt);
        other.OnCongestion(3 * Rtt, now: 4 * Rtt);

        // A window of 10, half of which was acknowledged: half a datagram, of which half is left.
        (reno.WindowBytes - other.WindowBytes).Should().BeCloseTo(Datagram / 4, Datagram / 20);
    }

    private static ICongestionController Create(QuicCongestionControl control) =>
        new NetworkPath(0, Datagram, 0, 0, new QuicOptions { CongestionControl = control }).Congestion;

    private static void Round(ICongestionController reno, TimeSpan sentAt)
    {
        var window = reno.WindowBytes;
        for (var acknowledged = 0L; acknowledged < window; acknowledged += Datagram)
            Acknowledge(reno, window, sentAt);
    }

    private static void Acknowledge(ICongestionController reno, long inFlightBytes, TimeSpan sentAt) =>
        reno.OnAcknowledged(
            new AckedPacket(Datagram, sentAt, 0),
            new AckContext(inFlightBytes, false, long.MaxValue, null, Rtt, sentAt + Rtt));
}
