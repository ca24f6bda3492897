namespace MqttScion.Transport.Tests;

public sealed class StallTimerTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Fact]
    public void Progress_of_any_size_in_each_interval_is_no_stall()
    {
        var timer = new StallTimer(2 * Second, progress: 0, now: Second);

        for (var round = 1; round < 100; round++)
        {
            timer.Due.Should().Be((1 + 2 * round) * Second);
            timer.IsStalled(progress: round, timer.Due).Should().BeFalse();
        }
    }

    [Fact]
    public void Interval_without_progress_is_a_stall()
    {
        var timer = new StallTimer(2 * Second, progress: 5, now: Second);

        timer.IsStalled(progress: 5, now: 2 * Second).Should().BeFalse("it is not due");
        timer.IsStalled(progress: 5, now: 3 * Second).Should().BeTrue();
    }
}
