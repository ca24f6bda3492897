using System.Diagnostics.CodeAnalysis;
using MqttScion.Mqtt;
using MqttScion.Proxy.Tests.Support;
using MqttScion.Testnet;
using MqttScion.Tests.Support;

namespace MqttScion.Tests;

/// <summary>Responders and consumers of values that meet what they can't deal with, and go on.</summary>
[SuppressMessage("Design", "CA1001", Justification = "xunit disposes it through IAsyncLifetime.")]
public sealed class ResponderTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = ScriptedConnection.Patience;
    private static readonly byte[] NoText = [0xff];

    private PocketBroker _broker = null!;
    private SameAsWorld _world = null!;
    private ScionMqttClient _asking = null!;
    private ScionMqttClient _answering = null!;

    public async Task InitializeAsync()
    {
        _broker = await PocketBroker.StartAsync(new PocketBrokerOptions
        {
            AuthorizePublish = (_, message) => message.Topic == "forbidden"
                ? MqttClientPublishReasonCode.NotAuthorized : MqttClientPublishReasonCode.Success,
            MaximumPacketSize = 2000,
        });
        _world = new SameAsWorld(_broker.EndPoint.ToString());
        _asking = new ScionMqttClient(_world.ClientOptions("asking"));
        _answering = new ScionMqttClient(_world.ClientOptions("answering"));
        await _asking.ConnectAsync().WaitAsync(Patience);
        await _answering.ConnectAsync().WaitAsync(Patience);
    }

    public async Task DisposeAsync()
    {
        await _asking.DisposeAsync();
        await _answering.DisposeAsync();
        await _world.DisposeAsync();
        await _broker.DisposeAsync();
    }

    [Theory]
    [InlineData("unreadable", MessageDropReason.Undecodable)]
    [InlineData("throws", MessageDropReason.ObserverFailed)]
    [InlineData("forbidden", MessageDropReason.ObserverFailed)]
    [InlineData("too large", MessageDropReason.ObserverFailed)]
    [InlineData("no topic", MessageDropReason.NoResponseTopic)]
    public async Task Responder_reports_a_request_that_it_cannot_answer_and_goes_on(
        string request, MessageDropReason reason)
    {
        var drops = _answering.DroppedMessages.Collect();
        await using var responder = await _answering.Requests<string, string>(
            "shout",
            (text, _) => text == "throws"
                ? throw new InvalidDataException()
                : ValueTask.FromResult(new string('!', 500) + text.ToUpperInvariant()));

        await _asking.PublishAsync(new MqttApplicationMessage
        {
            Topic = "shout",
            Payload = request == "unreadable" ? NoText : System.Text.Encoding.UTF8.GetBytes(request),
            ResponseTopic = request is "forbidden" ? "forbidden" : request is "no topic" ? null : "answers",
            CorrelationData = request == "too large" ? new byte[1700] : null,
            QualityOfServiceLevel = MqttQualityOfServiceLevel.AtLeastOnce,
        }).AsTask().WaitAsync(Patience);

        (await drops.NextAsync()).Reason.Should().Be(reason);
        var answer = await _asking.RequestAsync<string, string>("shout", "well").AsTask().WaitAsync(Patience);
        answer.Should().EndWith("!WELL");
    }

    [Fact]
    public async Task Responder_answers_with_messages_and_several_at_once_when_it_is_told_to()
    {
        using var both = new CountdownEvent(2);
        var release = new TaskCompletionSource();
        await using var responder = await _answering.Requests(
            "echo",
            async (request, token) =>
            {
                if (both.Signal())
                {
                    release.SetResult();
                }
                await release.Task.WaitAsync(Patience, token);
                return new MqttApplicationMessage { Payload = request.Message.Payload };
            },
            new MqttDeliveryOptions { MaxConcurrency = 2 });

        var answers = await Task.WhenAll(
            _asking.RequestAsync<string, string>("echo", "a").AsTask(),
            _asking.RequestAsync<string, string>("echo", "b").AsTask()).WaitAsync(Patience);

        answers.Should().Equal("a", "b");
    }

    [Fact]
    public async Task Handler_of_values_reports_and_refuses_what_it_cannot_read_and_goes_on()
    {
        var drops = _answering.DroppedMessages.Collect();
        var values = System.Threading.Channels.Channel.CreateUnbounded<string>();
        await using var subscription = await _answering.SubscribeAsync<string>("t", async (delivery, stop) =>
            await values.Writer.WriteAsync($"{delivery.Topic} {delivery.Value}", stop));

        await PublishAsync(NoText);
        await PublishAsync("good"u8.ToArray());

        (await values.Reader.NextAsync()).Should().Be("t good");
        (await drops.NextAsync()).Reason.Should().Be(MessageDropReason.Undecodable);
    }

    [Fact]
    public async Task Reader_of_values_reports_and_refuses_what_it_cannot_read_and_goes_on()
    {
        var drops = _answering.DroppedMessages.Collect();
        await using var subscription = await _answering.SubscribeAsync("t");
        await using var reader = _answering.ReadMessagesAsync<string>("t").GetAsyncEnumerator();
        var next = reader.MoveNextAsync().AsTask();

        await PublishAsync(NoText);
        await PublishAsync("good"u8.ToArray());

        (await next.WaitAsync(Patience)).Should().BeTrue();
        reader.Current.Value.Should().Be("good");
        reader.Current.Acknowledge();
        (await drops.NextAsync()).Reason.Should().Be(MessageDropReason.Undecodable);
    }

    [Fact]
    public async Task Filters_and_values_are_at_least_once_unless_they_say_otherwise()
    {
        var quiet = _answering.Messages("q", MqttQualityOfServiceLevel.AtMostOnce).Collect();
        var values = _answering.Messages<string>("v", MqttQualityOfServiceLevel.ExactlyOnce).Collect();
        await using var subscription = await _answering.SubscribeAsync("s");
        var sure = subscription.Messages.Collect();

        await _asking.PublishAsync("q", "1");
        await _asking.PublishAsync("v", "2", MqttQualityOfServiceLevel.ExactlyOnce);
        await _asking.PublishAsync("s", "3");

        (await quiet.NextAsync()).QualityOfServiceLevel.Should().Be(MqttQualityOfServiceLevel.AtMostOnce);
        (await values.NextAsync()).Message.QualityOfServiceLevel.Should().Be(MqttQualityOfServiceLevel.ExactlyOnce);
        (await sure.NextAsync()).QualityOfServiceLevel.Should().Be(MqttQualityOfServiceLevel.AtLeastOnce);
        new MqttTopicFilter { Topic = "a" }.QualityOfServiceLevel.Should().Be(MqttQualityOfServiceLevel.AtLeastOnce);
    }

    private async Task PublishAsync(byte[] payload) => await _asking.PublishAsync(new MqttApplicationMessage
    {
        Topic = "t",
        Payload = payload,
        QualityOfServiceLevel = MqttQualityOfServiceLevel.AtLeastOnce,
    }).AsTask().WaitAsync(Patience);
}
