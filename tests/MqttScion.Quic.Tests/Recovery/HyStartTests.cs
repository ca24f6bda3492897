namespace MqttScion.Quic.Tests;

/// <summary>HyStart++ against RFC 9406.</summary>
public class HyStartTests
{
    private const int Datagram = 1200;
    private const int PacketsPerRound = 16;

    private long _sequence;

    [Fact]
    public void Round_trips_that_stay_as_they_are_keep_slow_start_going()
    {
        var hyStart = new HyStart();
        for (var round = 0; round < 20; round++)
            Round(hyStart, 50).Should().Be(PacketsPerRound * Datagram);

        hyStart.IsOver.Should().BeFalse();
    }

    [Fact]
    public void Round_trips_that_grow_slow_it_down_and_end_it_after_five_rounds()
    {
        var hyStart = new HyStart();
        Round(hyStart, 50);
        Round(hyStart, 50);

        // An eighth of 50 ms is the threshold; eight samples are needed.
        Round(hyStart, 57).Should().BeLessThan(PacketsPerRound * Datagram).And.BeGreaterThan(PacketsPerRound * 300);
        for (var round = 0; round < 5; round++)
        {
            hyStart.IsOver.Should().BeFalse();
            Round(hyStart, 60).Should().Be(PacketsPerRound * Datagram / 4.0);
        }

        Round(hyStart, 60);
        hyStart.IsOver.Should().BeTrue();
    }

    [Fact]
    public void Growth_below_the_threshold_is_jitter()
    {
        var hyStart = new HyStart();
        Round(hyStart, 50);

        for (var round = 0; round < 10; round++)
            Round(hyStart, 50 + round % 2 * 5).Should().Be(PacketsPerRound * Datagram);
    }

    [Fact]
    public void Round_trips_that_shrink_again_return_to_slow_start()
    {
        var hyStart = new HyStart();
        Round(hyStart, 50);
        Round(hyStart, 50);
        Round(hyStart, 70);

        Round(hyStart, 51);

        Round(hyStart, 51).Should().Be(PacketsPerRound * Datagram);
        hyStart.IsOver.Should().BeFalse();
    }

    private double Round(HyStart hyStart, double milliseconds)
    {
        var growth = 0.0;
        var next = _sequence + PacketsPerRound;
        for (var count = 0; count < PacketsPerRound; count++)
        {
            var sample = TimeSpan.FromMilliseconds(milliseconds);
            growth += hyStart.Grow(
                new AckedPacket(Datagram, TimeSpan.Zero, _sequence++),
                new AckContext(0, false, next, sample, sample, TimeSpan.Zero));
        }

        return growth;
    }
}
