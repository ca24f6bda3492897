namespace MqttScion.Scion.Tests;

public sealed class RefreshScheduleTests
{
    private readonly RefreshSchedule _schedule = new(new Random(1));

    [Theory]
    [InlineData(3600, 300)]
    [InlineData(420, 300)]
    [InlineData(300, 180)]
    [InlineData(60, 30)]
    public void Succeed_is_due_in_five_minutes_or_in_time_before_expiry(int remainingSeconds, int waitSeconds)
    {
        for (var i = 0; i < 100; i++)
        {
            _schedule.Succeed(TimeSpan.Zero, TimeSpan.FromSeconds(remainingSeconds));
            _schedule.Next.TotalSeconds.Should().BeInRange(0.9 * waitSeconds, 1.1 * waitSeconds);
        }
    }

    [Fact]
    public void Succeed_is_never_due_within_two_seconds()
    {
        _schedule.Succeed(TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(-5));
        _schedule.Next.Should().Be(TimeSpan.FromSeconds(12));
        _schedule.Request(TimeSpan.FromSeconds(11));
        _schedule.Next.Should().Be(TimeSpan.FromSeconds(12));
    }

    [Fact]
    public void Fail_backs_off_from_one_second_to_a_minute_and_a_request_does_not_shorten_it()
    {
        foreach (var seconds in new[] { 1, 2, 4, 8, 16, 32, 60, 60 })
        {
            _schedule.Fail(TimeSpan.Zero);
            var due = _schedule.Next;
            due.TotalSeconds.Should().BeInRange(0.9 * seconds, 1.1 * seconds);
            _schedule.Request(TimeSpan.Zero);
            _schedule.Next.Should().Be(due);
        }
        _schedule.Succeed(TimeSpan.Zero, TimeSpan.FromHours(1));
        _schedule.Fail(TimeSpan.Zero);
        _schedule.Next.TotalSeconds.Should().BeLessThan(1.2);
    }

    [Fact]
    public void Request_makes_the_next_look_up_due_at_once()
    {
        _schedule.Succeed(TimeSpan.Zero, TimeSpan.FromHours(1));
        _schedule.Request(TimeSpan.FromSeconds(100));
        _schedule.Next.Should().Be(TimeSpan.FromSeconds(100));
    }
}
