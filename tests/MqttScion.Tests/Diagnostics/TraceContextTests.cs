using System.Diagnostics;
using MqttScion.Mqtt;

namespace MqttScion.Tests.Diagnostics;

public sealed class TraceContextTests
{
    private const string Valid = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    [Fact]
    public void Context_that_was_written_is_read_back()
    {
        using var activity = new Activity("test") { TraceStateString = "vendor=1" }.Start();

        var message = TraceContext.Write(new MqttApplicationMessage { Topic = "t" }, activity);

        message.TryGetTraceContext(out var context).Should().BeTrue();
        context.TraceId.Should().Be(activity.TraceId);
        context.SpanId.Should().Be(activity.SpanId);
        context.TraceState.Should().Be("vendor=1");
        context.IsRemote.Should().BeTrue();
    }

    [Fact]
    public void Context_of_the_user_is_not_touched()
    {
        using var activity = new Activity("test").Start();
        var message = new MqttApplicationMessage { Topic = "t", UserProperties = [new("traceparent", "mine")] };

        TraceContext.Write(message, activity).Should().BeSameAs(message);
    }

    [Fact]
    public void Writing_keeps_everything_else()
    {
        using var activity = new Activity("test").Start();
        var message = new MqttApplicationMessage
        {
            Topic = "t",
            Payload = new byte[] { 1 },
            QualityOfServiceLevel = MqttQualityOfServiceLevel.ExactlyOnce,
            Retain = true,
            Dup = true,
            ContentType = "text/plain",
            ResponseTopic = "r",
            CorrelationData = [2],
            MessageExpiryInterval = 3,
            PayloadFormatIndicator = MqttPayloadFormatIndicator.CharacterData,
            TopicAlias = 4,
            UserProperties = [new("a", "b")],
            SubscriptionIdentifiers = [5],
        };

        var written = TraceContext.Write(message, activity);

        var plain = new MqttApplicationMessage();
        foreach (var property in typeof(MqttApplicationMessage).GetProperties()
            .Where(p => p.Name != nameof(MqttApplicationMessage.UserProperties)))
        {
            property.GetValue(message).Should().NotBe(property.GetValue(plain), "the test sets {0}", property.Name);
            property.GetValue(written).Should().Be(property.GetValue(message), "{0} is kept", property.Name);
        }
        written.UserProperties.Select(p => p.Name).Should().Equal("a", "traceparent");
    }

    [Theory]
    [InlineData("")]
    [InlineData("00")]
    [InlineData("00-00000000000000000000000000000000-b7ad6b7169203331-01")]
    [InlineData("00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01")]
    [InlineData("00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01")]
    [InlineData("ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")]
    [InlineData("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-zz")]
    [InlineData("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-extra")]
    [InlineData("\u0000\uFFFD%s%n")]
    public void Malformed_parent_is_ignored(string parent) =>
        Read(new MqttUserProperty("traceparent", parent)).Should().BeNull();

    [Fact]
    public void Parent_of_any_length_is_ignored() =>
        Read(new MqttUserProperty("traceparent", new string('0', 65535))).Should().BeNull();

    [Fact]
    public void Two_parents_are_ignored() =>
        Read(new("traceparent", Valid), new("traceparent", Valid)).Should().BeNull();

    [Theory]
    [InlineData("a\nb=1")]
    [InlineData("ä=1")]
    public void Malformed_state_is_left_out_and_the_parent_counts(string state)
    {
        var context = Read(new("traceparent", Valid), new("tracestate", state));

        context!.Value.TraceId.ToHexString().Should().Be("0af7651916cd43dd8448eb211c80319c");
        context.Value.TraceState.Should().BeNull();
    }

    [Fact]
    public void State_that_is_too_long_is_left_out() =>
        Read(new("traceparent", Valid), new("tracestate", "a=" + new string('b', 511)))!.Value.TraceState
            .Should().BeNull();

    private static ActivityContext? Read(params MqttUserProperty[] properties) =>
        new MqttApplicationMessage { UserProperties = properties }.TryGetTraceContext(out var context) ? context : null;
}
