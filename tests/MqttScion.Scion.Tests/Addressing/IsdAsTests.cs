namespace MqttScion.Scion.Tests;

public class IsdAsTests
{
    [Theory]
    [InlineData("1-ff00:0:110", "1-ff00_0_110", "ISD1-ASff00:0:110")]
    [InlineData("65535-64512", "65535-64512", "ISD65535-AS64512")]
    [InlineData("0-0", "0-0", "ISD0-AS0")]
    public void Formats_are_written_and_read(string canonical, string file, string prefixed)
    {
        var isdAs = IsdAs.Parse(canonical);
        $"{isdAs} {isdAs:G} {isdAs:F} {isdAs:P}".Should().Be($"{canonical} {canonical} {file} {prefixed}");
        foreach (var (format, text) in new[] { ("G", canonical), ("F", file), ("P", prefixed) })
        {
            IsdAs.TryParseExact(text, format, out var read).Should().BeTrue();
            read.Should().Be(isdAs);
        }
    }

    [Theory]
    [InlineData("F", "1-ff00:0:110")]
    [InlineData("F", "1-ff00_0")]
    [InlineData("G", "1-ff00_0_110")]
    [InlineData("P", "1-ff00:0:110")]
    [InlineData("P", "ISD1-ff00:0:110")]
    [InlineData("P", "isd1-ASff00:0:110")]
    [InlineData("P", "ISD-AS1")]
    [InlineData("P", "ISD1-AS")]
    [InlineData("P", "")]
    public void Text_of_another_format_is_refused(string format, string text) =>
        IsdAs.TryParseExact(text, format, out _).Should().BeFalse();

    [Fact]
    public void Unknown_format_is_named()
    {
        var write = () => new IsdAs(1, 2).ToString("X");
        write.Should().Throw<FormatException>().WithMessage("'X' is not a format*");
        var read = () => IsdAs.TryParseExact("1-2", "X", out _);
        read.Should().Throw<FormatException>().WithMessage("'X' is not a format*");
    }
}
