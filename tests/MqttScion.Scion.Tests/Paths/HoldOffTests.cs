namespace MqttScion.Scion.Tests;

public sealed class HoldOffTests
{
    [Fact]
    public void Next_doubles_from_ten_seconds_to_five_minutes()
    {
        var last = TimeSpan.Zero;
        var seconds = Enumerable.Range(0, 7).Select(_ =>
        {
            last = HoldOff.Next(last, TimeSpan.Zero);
            return last.TotalSeconds;
        });
        seconds.Should().Equal(10, 20, 40, 80, 160, 300, 300);
    }

    [Theory]
    [InlineData(300, 0, 300)]
    [InlineData(160, 2, 160)]
    [InlineData(160, 4, 80)]
    [InlineData(160, 10, 10)]
    [InlineData(300, 60, 10)]
    public void Next_halves_what_was_for_every_two_minutes_of_quiet(int lastSeconds, int quietMinutes, int seconds) =>
        HoldOff.Next(TimeSpan.FromSeconds(lastSeconds), TimeSpan.FromMinutes(quietMinutes))
            .Should().Be(TimeSpan.FromSeconds(seconds));

    [Fact]
    public void IsForgotten_once_the_next_hold_off_is_a_first_one_again()
    {
        HoldOff.IsForgotten(TimeSpan.FromSeconds(40), TimeSpan.FromMinutes(5)).Should().BeFalse();
        HoldOff.IsForgotten(TimeSpan.FromSeconds(40), TimeSpan.FromMinutes(6)).Should().BeTrue();
    }
}
