using FsCheck;
using FsCheck.Fluent;

namespace MqttScion.Scion.Tests;

public sealed class HopPatternTests
{
    [Theory]
    [InlineData("1\0")]
    [InlineData("1-1#2\0")]
    public void Parse_of_a_number_with_zero_characters_behind_it_is_refused(string text) =>
        HopPattern.TryParse(text, out _).Should().BeFalse();

    [Theory]
    [InlineData("0", "0")]
    [InlineData("1", "1")]
    [InlineData("1-0", "1")]
    [InlineData("1-0#0", "1")]
    [InlineData("0-0#0", "0")]
    [InlineData("0-1#0", "0-1")]
    [InlineData("0-1#2", "0-1#2")]
    [InlineData("1-2#3", "1-2#3")]
    [InlineData("1-2#3,4", "1-2#3,4")]
    [InlineData("1-2#0,4", "1-2#0,4")]
    [InlineData("1-2#0,0", "1-2#0,0")]
    [InlineData("1-0#0,0", "1-0#0,0")]
    [InlineData("1-ff00:0:110", "1-ff00:0:110")]
    [InlineData("1-FF00:0:0110#07", "1-ff00:0:110#7")]
    [InlineData("65535-65536#65535", "65535-65536#65535")]
    public void Pattern_prints_its_shortest_form(string text, string printed)
    {
        HopPattern.TryParse(text, out var pattern).Should().BeTrue();
        pattern.ToString().Should().Be(printed);
        HopPattern.TryParse(printed, out var again).Should().BeTrue();
        again.Should().Be(pattern);
    }

    [Theory]
    [InlineData("")]
    [InlineData("-")]
    [InlineData("#")]
    [InlineData("1-")]
    [InlineData("-1")]
    [InlineData("1#0")]
    [InlineData("1#2")]
    [InlineData("1-0#1")]
    [InlineData("1-0#1,3")]
    [InlineData("1-0#0,3")]
    [InlineData("1-1-0")]
    [InlineData("1-1#0#")]
    [InlineData("1-1#")]
    [InlineData("1-1#e")]
    [InlineData("1-2#1,")]
    [InlineData("1-2#1,3a")]
    [InlineData("1-2#3,4,5")]
    [InlineData("1-2#65536")]
    [InlineData("1-12323433243534#0")]
    [InlineData("1123212-23#0")]
    [InlineData(" 1-2")]
    [InlineData("1-2 ")]
    [InlineData("+1-2")]
    public void Text_of_another_form_is_no_pattern(string text) =>
        HopPattern.TryParse(text, out _).Should().BeFalse();

    [Fact]
    public void Pattern_printed_and_parsed_is_the_same() =>
        Prop.ForAll<ulong, ulong, bool>((value, interfaces, isEither) =>
        {
            var isdAs = new IsdAs(value % 5 == 0 ? value << 48 : value * 0x9e37_79b9_7f4a_7c15);
            var (entry, exit) = ((ushort)interfaces, isEither ? (ushort)0 : (ushort)(interfaces >> 2));
            var pattern = isdAs.As == 0
                ? new HopPattern(isdAs, 0, 0, isEither)
                : new HopPattern(isdAs, entry, exit, isEither);
            return HopPattern.TryParse(pattern.ToString(), out var again) && again == pattern;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(2000));
}
