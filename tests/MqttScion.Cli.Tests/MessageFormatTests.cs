using System.Text;
using MqttScion.Mqtt;

namespace MqttScion.Cli.Tests;

public class MessageFormatTests
{
    private static readonly DateTimeOffset At = new(2026, 5, 4, 3, 2, 1, TimeSpan.FromHours(2));

    private static readonly MqttApplicationMessage Message = new()
    {
        Topic = "plant/1\u001b",
        Payload = new byte[] { 0x41, 0x0a },
        QualityOfServiceLevel = MqttQualityOfServiceLevel.ExactlyOnce,
        Retain = true,
        ContentType = "text/plain",
        ResponseTopic = "answers",
        CorrelationData = [1, 0xab],
        MessageExpiryInterval = 60,
        UserProperties = [new("a", "1"), new("b", "2\n")],
    };

    [Theory]
    [InlineData("%t %p", "plant/1\\u001b A\\n\n")]
    [InlineData("%x|%l|%q|%r", "410a|2|2|1\n")]
    [InlineData("%C|%R|%D|%E|%P", "text/plain|answers|01ab|60|a:1 b:2\\n\n")]
    [InlineData("%I %U", "2026-05-04T01:02:01.000000Z 1777856521.000\n")]
    [InlineData("100%%\\t\\\\\\n%q", "100%\t\\\n2\n")]
    public void Format_stands_for_the_parts_of_a_message(string format, string expected)
    {
        FormatText.TryParse(format, out var parsed, out _).Should().BeTrue();
        Encoding.UTF8.GetString(parsed!.Render(Message, At)).Should().Be(expected);
    }

    [Theory]
    [InlineData("%z")]
    [InlineData("50%")]
    [InlineData("\\q")]
    public void Unknown_part_of_a_format_is_refused(string format)
    {
        FormatText.TryParse(format, out _, out var problem).Should().BeFalse();
        problem.Should().Contain("expected one of").And.Contain(format[^Math.Min(2, format.Length)..].TrimStart('0'));
    }

    [Theory]
    [InlineData("payload", new byte[] { 0x41, 0x0a, 0x0a })]
    [InlineData("raw", new byte[] { 0x41, 0x0a })]
    public void Payload_is_printed_as_it_is(string name, byte[] expected) =>
        MessageFormat.Named(name, hasTopic: true).Render(Message, At).Should().Equal(expected);

    [Theory]
    [InlineData("a/b", "c d", "a/b c d\n")]
    [InlineData("a/b c", "d", "a/b\\u0020c d\n")]
    [InlineData("a\\u0020b", "d", "a\\\\u0020b d\n")]
    public void First_space_of_a_line_ends_the_topic(string topic, string payload, string expected)
    {
        var message = new MqttApplicationMessage { Topic = topic, Payload = Encoding.UTF8.GetBytes(payload) };
        var line = MessageFormat.Named("text", hasTopic: true).Render(message, At);
        Encoding.UTF8.GetString(line).Should().Be(expected);
    }

    [Fact]
    public void Json_of_a_payload_that_is_not_UTF_8_is_base64()
    {
        var message = new MqttApplicationMessage { Topic = "t", Payload = new byte[] { 0xff, 0x00 } };
        var line = MessageFormat.Named("json", hasTopic: true).Render(message, At);
        Encoding.UTF8.GetString(line).Should().Be(
            """{"time":"2026-05-04T01:02:01.000000Z","topic":"t","qos":0,"retain":false,"payload_base64":"/wA="}"""
            + "\n");
    }

    [Theory]
    [InlineData("a/b a/b", "a/b")]
    [InlineData("a/# a/+ a/b/c a", "a/#")]
    [InlineData("a/+ a/#", "a/#")]
    [InlineData("a/+ +/b", "a/+ +/b")]
    [InlineData("a/+/# a/#", "a/#")]
    [InlineData("# +/#", "#")]
    [InlineData("# $SYS/#", "# $SYS/#")]
    [InlineData("a/# $share/g/a/b", "a/# $share/g/a/b")]
    [InlineData("a/+ a/+/c", "a/+ a/+/c")]
    public void Filters_that_others_cover_are_left_out(string filters, string expected) =>
        FilterCover.Reduce(filters.Split(' ')).Should().Equal(expected.Split(' '));
}
