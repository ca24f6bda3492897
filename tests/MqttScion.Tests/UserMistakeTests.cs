using System.Diagnostics.CodeAnalysis;
using MqttScion.Mqtt;
using MqttScion.Proxy.Tests.Support;
using MqttScion.Tests.Support;

namespace MqttScion.Tests;

/// <summary>What users get wrong fails at the call, with a text that names the rule; nothing is sent.</summary>
[SuppressMessage("Design", "CA1001", Justification = "xunit disposes it through IAsyncLifetime.")]
public sealed class UserMistakeTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = ScriptedConnection.Patience;
    private static readonly string TooLong = new('x', 65_536);

    private readonly ScriptedBroker _broker = new();
    private SameAsWorld _world = null!;

    /// <summary>Messages that no server takes, and the rule.</summary>
    private static IEnumerable<(MqttApplicationMessage Message, string Rule)> WrongMessages =>
    [
        (Of(""), "*MQTT-4.7.3-1*"),
        (Of("a/#"), "*MQTT-3.3.2-2*a/#*"),
        (Of("+/a"), "*MQTT-3.3.2-2*"),
        (Of("a\0b"), "*MQTT-4.7.3-2*"),
        (Of(TooLong), "*MQTT-4.7.3-3*65536*"),
        (Of("a\ud800"), "*MQTT-1.5.4-1*"),
        (new() { Topic = "t", QualityOfServiceLevel = (MqttQualityOfServiceLevel)3 }, "*MQTT-3.3.1-4*3*"),
        (new() { Topic = "t", ResponseTopic = "answers/+" }, "*MQTT-3.3.2-14*answers/+*"),
        (new() { Topic = "t", ResponseTopic = "" }, "*MQTT-3.3.2-14*"),
        (new() { Topic = "t", ContentType = "a\0" }, "*MQTT-1.5.4-1*"),
        (new() { Topic = "t", CorrelationData = new byte[65_536] }, "*65,535*"),
        (new() { Topic = "t", UserProperties = [new MqttUserProperty("a", TooLong)] }, "*MQTT-1.5.4-1*"),
    ];

    /// <summary>Messages that the server of these tests does not take.</summary>
    private static IEnumerable<(MqttApplicationMessage Message, string Rule)> ForbiddenMessages =>
    [
        (Messages.Of("t", qos: 2), "*MQTT-3.2.2-11*1*"),
        (new() { Topic = "t", Retain = true }, "*MQTT-3.2.2-14*"),
        (Messages.Of("t", new string('x', 200)), "*MQTT-3.2.2-15*100*"),
        (Of(new string('t', 120)), "*MQTT-3.2.2-15*100*"),
        (new() { Topic = "t", TopicAlias = 3 }, "*MQTT-3.2.2-17*3*2*"),
    ];

    private static IEnumerable<(MqttTopicFilter Filter, string Rule)> WrongFilters =>
    [
        ("", "*MQTT-4.7.3-1*"),
        ("a#", "*MQTT-4.7.1-1*a#*"),
        ("a/#/b", "*MQTT-4.7.1-1*"),
        ("+a", "*MQTT-4.7.1-2*+a*"),
        ("a/b+/c", "*MQTT-4.7.1-2*"),
        ("a\0", "*MQTT-4.7.3-2*"),
        (TooLong, "*MQTT-4.7.3-3*"),
        ("$share", "*MQTT-4.8.2-1*"),
        ("$share//x", "*MQTT-4.8.2-1*"),
        ("$share/a+/x", "*MQTT-4.8.2-1*"),
        ("$share/g", "*MQTT-4.8.2-2*"),
        ("$share/g/", "*MQTT-4.8.2-2*"),
        ("$share/g/a#", "*MQTT-4.7.1-1*"),
        (new() { Topic = "$share/g/a", NoLocal = true }, "*MQTT-3.8.3-4*"),
        (Messages.Filter("a", qos: 3), "*§3.8.3.1*3*"),
        (new() { Topic = "a", RetainHandling = (MqttRetainHandling)3 }, "*§3.8.3.1*3*"),
    ];

    private static IEnumerable<(MqttTopicFilter Filter, string Rule)> ForbiddenFilters =>
    [
        ("a/+", "*§3.2.2.3.11*"),
        ("#", "*§3.2.2.3.11*"),
        ("$share/g/a", "*§3.2.2.3.13*"),
        (new string('t', 120), "*MQTT-3.2.2-15*100*"),
    ];

    public Task InitializeAsync()
    {
        _world = new SameAsWorld(_broker.Address);
        return Task.CompletedTask;
    }

    public async Task DisposeAsync()
    {
        await _world.DisposeAsync();
        _broker.Dispose();
    }

    [Fact]
    public async Task Mistake_fails_at_the_call_and_nothing_is_sent()
    {
        await using var client = _world.Client("c");
        using var connection = await ConnectAsync(client);

        foreach (var (message, rule) in WrongMessages.Concat(ForbiddenMessages))
        {
            await Awaiting(() => client.PublishAsync(message).AsTask(), rule);
            await Awaiting(() => client.EnqueueAsync(message).AsTask(), rule);
        }
        foreach (var (filter, rule) in WrongFilters.Concat(ForbiddenFilters))
        {
            await Awaiting(() => client.SubscribeAsync(filter).AsTask(), rule);
            FluentActions.Invoking(() => client.Messages(filter)).Should().Throw<ArgumentException>().WithMessage(rule);
            FluentActions.Invoking(() => client.ReadMessagesAsync(filter))
                .Should().Throw<ArgumentException>().WithMessage(rule);
        }

        await client.PublishAsync(Messages.Of("fine")).AsTask().WaitAsync(Patience);
        (await connection.ReadAsync<MqttPublishPacket>()).Message.Topic.Should().Be("fine");
    }

    [Fact]
    public async Task Mistake_fails_before_there_is_a_connection_too()
    {
        await using var client = _world.Client("c");

        foreach (var (message, rule) in WrongMessages)
        {
            await Awaiting(() => client.PublishAsync(message).AsTask(), rule);
        }
        foreach (var (filter, rule) in WrongFilters)
        {
            await Awaiting(() => client.SubscribeAsync(filter).AsTask(), rule);
            FluentActions.Invoking(() => client.Messages(filter)).Should().Throw<ArgumentException>().WithMessage(rule);
            FluentActions.Invoking(() => client.ReadMessagesAsync(filter))
                .Should().Throw<ArgumentException>().WithMessage(rule);
        }
    }

    [Fact]
    public async Task Filter_that_was_remembered_and_that_the_server_then_does_not_take_ends_in_an_error()
    {
        await using var client = _world.Client("c");
        var failed = new TaskCompletionSource<Exception>();
        using var observer = client.Messages("a/#").Subscribe(_ => { }, failed.SetResult);

        using var connection = await ConnectAsync(client);

        (await failed.Task.WaitAsync(Patience)).Should().BeOfType<MqttSubscribeRefusedException>()
            .Which.Message.Should().Contain("§3.2.2.3.11");
    }

    [Fact]
    public async Task Server_without_subscription_identifiers_is_asked_for_none()
    {
        await using var client = _world.Client("c");
        using var connection = await ConnectAsync(client);

        var subscribing = client.SubscribeAsync("a").AsTask();

        (await connection.GrantAsync()).Properties.Should().BeNull();
        await using var subscription = await subscribing.WaitAsync(Patience);
    }

    [Theory]
    [InlineData("gone/#", "*MQTT-3.3.2-2*")]
    [InlineData("", "*MQTT-4.7.3-1*")]
    public void Will_with_a_bad_topic_fails_when_the_client_is_made(string topic, string rule) =>
        FluentActions.Invoking(() => _world.Client("c", o => o.Will = Of(topic)))
            .Should().Throw<ArgumentException>().WithMessage(rule);

    private static MqttApplicationMessage Of(string topic) => new() { Topic = topic };

    private static async Task Awaiting(Func<Task> call, string rule) =>
        await FluentActions.Awaiting(call).Should().ThrowAsync<ArgumentException>().WithMessage(rule);

    private async Task<ScriptedConnection> ConnectAsync(ScionMqttClient client)
    {
        var connecting = client.ConnectAsync();
        var connection = await _broker.AcceptAsync(isSessionPresent: false, p =>
        {
            p.Add(MqttPropertyId.MaximumQoS, 1);
            p.Add(MqttPropertyId.RetainAvailable, 0);
            p.Add(MqttPropertyId.MaximumPacketSize, 100u);
            p.Add(MqttPropertyId.TopicAliasMaximum, 2);
            p.Add(MqttPropertyId.WildcardSubscriptionAvailable, 0);
            p.Add(MqttPropertyId.SubscriptionIdentifierAvailable, 0);
            p.Add(MqttPropertyId.SharedSubscriptionAvailable, 0);
        });
        await connecting.WaitAsync(Patience);
        return connection;
    }
}
