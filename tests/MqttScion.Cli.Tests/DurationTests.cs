namespace MqttScion.Cli.Tests;

public class DurationTests
{
    [Theory]
    [InlineData("500ms", 500)]
    [InlineData("1.5s", 1500)]
    [InlineData("2", 2000)]
    [InlineData("2m", 120_000)]
    [InlineData("1h", 3_600_000)]
    [InlineData("0", 0)]
    public void Duration_is_read_with_its_unit(string text, double milliseconds)
    {
        DurationOption.TryParse(text, out var duration).Should().BeTrue();
        duration.TotalMilliseconds.Should().BeApproximately(milliseconds, 1e-6);
    }

    [Theory]
    [InlineData("")]
    [InlineData("-1s")]
    [InlineData("s")]
    [InlineData("1 s")]
    [InlineData("1sm")]
    [InlineData("1d")]
    [InlineData("1e3")]
    [InlineData("99999999999h")]
    [InlineData("NaN")]
    public void Anything_else_is_no_duration(string text) =>
        DurationOption.TryParse(text, out _).Should().BeFalse();

    [Theory]
    [InlineData(0, "0s")]
    [InlineData(0.5, "0.5ms")]
    [InlineData(1500, "1.5s")]
    [InlineData(120_000, "2m")]
    [InlineData(337_500, "337.5s")]
    [InlineData(86_400_000, "24h")]
    public void Duration_is_written_in_its_largest_unit(double milliseconds, string expected) =>
        DurationText.Of(TimeSpan.FromMilliseconds(milliseconds)).Should().Be(expected);

    [Theory]
    [InlineData(-1, "expired")]
    [InlineData(12, "12s")]
    [InlineData(312, "5m12s")]
    [InlineData(86_399, "23h59m")]
    public void Rest_of_a_lifetime_is_written_in_two_units(int seconds, string expected) =>
        DurationText.Remaining(TimeSpan.FromSeconds(seconds)).Should().Be(expected);
}
