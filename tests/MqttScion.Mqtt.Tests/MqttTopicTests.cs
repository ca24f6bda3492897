namespace MqttScion.Mqtt.Tests;

public class MqttTopicTests
{
    [Theory]
    [InlineData("a", "a", true)]
    [InlineData("a", "A", false)]
    [InlineData("a", "a/", false)]
    [InlineData("a/", "a", false)]
    [InlineData("/a", "a", false)]
    [InlineData("a/b/c", "a/b/c", true)]
    [InlineData("a/b", "a/b/c", false)]
    [InlineData("a/b/c", "a/b", false)]
    [InlineData("#", "a", true)]
    [InlineData("#", "/", true)]
    [InlineData("#", "a/b/c", true)]
    [InlineData("sport/tennis/player1/#", "sport/tennis/player1", true)]
    [InlineData("sport/tennis/player1/#", "sport/tennis/player1/ranking", true)]
    [InlineData("sport/tennis/player1/#", "sport/tennis/player1/score/wimbledon", true)]
    [InlineData("sport/#", "sport", true)]
    [InlineData("sport/#", "sports", false)]
    [InlineData("sport/#", "sport/", true)]
    [InlineData("sport/tennis/+", "sport/tennis/player1", true)]
    [InlineData("sport/tennis/+", "sport/tennis/player1/ranking", false)]
    [InlineData("sport/+", "sport", false)]
    [InlineData("sport/+", "sport/", true)]
    [InlineData("+", "a", true)]
    [InlineData("+", "a/b", false)]
    [InlineData("+/+", "/finance", true)]
    [InlineData("/+", "/finance", true)]
    [InlineData("+", "/finance", false)]
    [InlineData("+/tennis/#", "sport/tennis", true)]
    [InlineData("a/+/c", "a/b/c", true)]
    [InlineData("a/+/c", "a//c", true)]
    [InlineData("a/+/c", "a/b/d", false)]
    [InlineData("+/#", "a", true)]
    [InlineData("a//b", "a//b", true)]
    [InlineData("a//b", "a/b", false)]
    [InlineData("#", "$SYS/uptime", false)]
    [InlineData("+/uptime", "$SYS/uptime", false)]
    [InlineData("$SYS/#", "$SYS/uptime", true)]
    [InlineData("$SYS/+", "$SYS/uptime", true)]
    [InlineData("$SYS", "$SYS", true)]
    [InlineData("$share/group/a/+", "a/b", true)]
    [InlineData("$share/group/a/+", "$share/group/a/b", false)]
    [InlineData("$share/group/#", "$SYS/uptime", false)]
    [InlineData("$share/group/$SYS/#", "$SYS/uptime", true)]
    public void Matches_follows_the_rules_of_wildcards(string filter, string topic, bool expected) =>
        MqttTopic.Matches(filter, topic).Should().Be(expected);

    [Theory]
    [InlineData("a", null)]
    [InlineData("/", null)]
    [InlineData("a b/ü/😀", null)]
    [InlineData("$SYS/x", null)]
    [InlineData("", "[MQTT-4.7.3-1]")]
    [InlineData(null, "[MQTT-4.7.3-1]")]
    [InlineData("a\0b", "[MQTT-4.7.3-2]")]
    [InlineData("a/+", "[MQTT-3.3.2-2]")]
    [InlineData("a#", "[MQTT-3.3.2-2]")]
    public void TryValidateTopic_names_the_broken_rule(string? topic, string? rule) =>
        CheckRule(MqttTopic.TryValidateTopic(topic, out var error), error, rule);

    [Theory]
    [InlineData("a", null)]
    [InlineData("#", null)]
    [InlineData("+", null)]
    [InlineData("a/+/b/#", null)]
    [InlineData("/+//#", null)]
    [InlineData("$share/group/a", null)]
    [InlineData("$share/group//a", null)]
    [InlineData("$share/group/#", null)]
    [InlineData("$shared/a", null)]
    [InlineData("", "[MQTT-4.7.3-1]")]
    [InlineData("a\0", "[MQTT-4.7.3-2]")]
    [InlineData("#/a", "[MQTT-4.7.1-1]")]
    [InlineData("a#", "[MQTT-4.7.1-1]")]
    [InlineData("a/#/b", "[MQTT-4.7.1-1]")]
    [InlineData("a/##", "[MQTT-4.7.1-1]")]
    [InlineData("a+", "[MQTT-4.7.1-2]")]
    [InlineData("+a/b", "[MQTT-4.7.1-2]")]
    [InlineData("a/++", "[MQTT-4.7.1-2]")]
    [InlineData("$share", "[MQTT-4.8.2-1]")]
    [InlineData("$share//a", "[MQTT-4.8.2-1]")]
    [InlineData("$share/gr+up/a", "[MQTT-4.8.2-1]")]
    [InlineData("$share/#/a", "[MQTT-4.8.2-1]")]
    [InlineData("$share/group", "[MQTT-4.8.2-2]")]
    [InlineData("$share/group/", "[MQTT-4.8.2-2]")]
    [InlineData("$share/group/a#", "[MQTT-4.7.1-1]")]
    public void TryValidateFilter_names_the_broken_rule(string? filter, string? rule) =>
        CheckRule(MqttTopic.TryValidateFilter(filter, out var error), error, rule);

    [Fact]
    public void TryValidateTopic_counts_bytes_of_utf8()
    {
        MqttTopic.TryValidateTopic(new string('a', 65_535), out _).Should().BeTrue();
        MqttTopic.TryValidateTopic(new string('ü', 32_768), out var error).Should().BeFalse();
        error.Should().StartWith("[MQTT-4.7.3-3]").And.Contain("65536");
    }

    [Fact]
    public void TryValidateTopic_refuses_lone_surrogates()
    {
        foreach (var topic in new[] { "a\ud800", "\udc00a", "\ud83d\ude00\ud83d" })
        {
            MqttTopic.TryValidateTopic(topic, out var error).Should().BeFalse();
            error.Should().StartWith("[MQTT-1.5.4-1]");
        }
    }

    [Fact]
    public void Filter_has_the_default_of_at_least_once_and_value_equality()
    {
        MqttTopicFilter filter = "a/+";

        filter.Should().Be(new MqttTopicFilterBuilder().WithTopic("a/+").WithAtLeastOnceQoS().Build());
        filter.Should().NotBe(filter with { NoLocal = true });
        filter.QualityOfServiceLevel.Should().Be(MqttQualityOfServiceLevel.AtLeastOnce);
        filter.RetainHandling.Should().Be(MqttRetainHandling.SendAtSubscribe);
    }

    [Fact]
    public void Builders_refuse_what_is_not_valid()
    {
        var message = () => new MqttApplicationMessageBuilder().WithTopic("a/#").Build();
        var filter = () => new MqttTopicFilterBuilder().WithTopic("a/#/b").Build();

        message.Should().Throw<InvalidOperationException>().WithMessage("*MQTT-3.3.2-2*");
        filter.Should().Throw<InvalidOperationException>().WithMessage("*MQTT-4.7.1-1*");
    }

    private static void CheckRule(bool isValid, string? error, string? rule)
    {
        isValid.Should().Be(rule is null, error);
        if (rule is not null)
        {
            error.Should().StartWith(rule);
        }
    }
}
