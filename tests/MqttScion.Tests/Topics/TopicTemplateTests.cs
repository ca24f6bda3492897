
namespace MqttScion.Tests;

public class TopicTemplateTests
{
    [Theory]
    [InlineData("plant/{line}/temp", "plant/+/temp")]
    [InlineData("{site}/{*rest}", "+/#")]
    [InlineData("plant/1", "plant/1")]
    [InlineData("$share/pool/plant/{line}", "$share/pool/plant/+")]
    public void The_filter_has_wildcards_for_names(string text, string filter) =>
        TopicTemplate.Parse(text).Filter.Should().Be(filter);

    [Theory]
    [InlineData("plant/{line}/temp", "plant/7/temp", "7")]
    [InlineData("plant/{line}/temp", "plant//temp", "")]
    [InlineData("{a}/x/{b}", "1/x/2", "1,2")]
    [InlineData("plant/{*rest}", "plant/a/b/c", "a/b/c")]
    [InlineData("plant/{*rest}", "plant", "")]
    [InlineData("plant/{*rest}", "plant/", "")]
    [InlineData("{one}", "x", "x")]
    public void A_topic_gives_the_values(string text, string topic, string values)
    {
        TopicTemplate.Parse(text).TryMatch(topic, out var found).Should().BeTrue();

        string.Join(',', found!).Should().Be(values);
    }

    [Theory]
    [InlineData("plant/{line}/temp", "plant/7/press")]
    [InlineData("plant/{line}/temp", "plant/7/8/temp")]
    [InlineData("plant/{line}/temp", "plant/7")]
    [InlineData("{a}/x", "$SYS/x")]
    public void A_topic_of_another_shape_gives_none(string text, string topic) =>
        TopicTemplate.Parse(text).TryMatch(topic, out _).Should().BeFalse();

    [Theory]
    [InlineData("", "*MQTT-4.7.3-1*")]
    [InlineData("a/+/b", "*name it*")]
    [InlineData("a/{x}b", "*{name}*")]
    [InlineData("a/{}", "*{name}*")]
    [InlineData("a/{x y}", "*{name}*")]
    [InlineData("a/{x}/{x}", "*twice*")]
    [InlineData("{*x}/a", "*last level*")]
    [InlineData("a/}", "*{name}*")]
    [InlineData("{", "*{name}*")]
    public void A_text_that_is_no_template_is_refused_with_the_rule(string text, string message) =>
        FluentActions.Invoking(() => TopicTemplate.Parse(text)).Should().Throw<FormatException>().WithMessage(message);

    [Fact]
    public void Format_makes_the_topic_that_gives_the_values_back()
    {
        var template = TopicTemplate.Parse("plant/{line}/{*rest}");

        var topic = template.Format("7", "a/b");

        topic.Should().Be("plant/7/a/b");
        template.TryMatch(topic, out var values).Should().BeTrue();
        values.Should().Equal("7", "a/b");
    }

    [Theory]
    [InlineData("a/b")]
    [InlineData("+")]
    [InlineData("#")]
    [InlineData("\0")]
    public void Format_refuses_a_value_that_is_not_one_level(string value) =>
        FluentActions.Invoking(() => TopicTemplate.Parse("plant/{line}/temp").Format(value))
            .Should().Throw<ArgumentException>();

    [Fact]
    public void Format_wants_a_value_for_each_name() =>
        FluentActions.Invoking(() => TopicTemplate.Parse("{a}/{b}").Format("1"))
            .Should().Throw<ArgumentException>().WithMessage("*2 names*1 values*");
}
