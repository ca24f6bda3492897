using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Reactive.Linq;
using MqttScion.Mqtt;
using MqttScion.Proxy.Tests.Support;
using MqttScion.Testnet;

namespace MqttScion.Tests;

/// <summary>Values through a client, a proxy and the embedded broker.</summary>
[SuppressMessage("Design", "CA1001", Justification = "xunit disposes it through IAsyncLifetime.")]
public sealed class TypedMessagesTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private PocketBroker _broker = null!;
    private SameAsWorld _world = null!;

    public async Task InitializeAsync()
    {
        _broker = await PocketBroker.StartAsync();
        _world = new SameAsWorld(_broker.EndPoint.ToString());
    }

    public async Task DisposeAsync()
    {
        await _world.DisposeAsync();
        await _broker.DisposeAsync();
    }

    [Fact]
    public async Task A_value_arrives_and_what_is_none_is_reported()
    {
        var options = _world.ClientOptions("typed");
        options.Serializers.AddJson(ReadingJson.Default);
        await using var client = new ScionMqttClient(options);
        var dropped = new TaskCompletionSource<MessageDropped>();
        var values = new BlockingCollection<MqttMessage<Reading>>();
        using var drops = client.DroppedMessages.Subscribe(dropped.SetResult);
        using var subscription = client.Messages<Reading>("plant/+/temp").Subscribe(values.Add);
        await client.ConnectAsync();
        await using var marker = await client.SubscribeAsync("marker");

        await client.PublishAsync("plant/1/temp", "junk");
        await client.PublishAsync(
            "plant/2/temp", new Reading("t2", 21.5), MqttQualityOfServiceLevel.AtLeastOnce);

        values.TryTake(out var message, Patience).Should().BeTrue();
        message!.Value.Should().Be(new Reading("t2", 21.5));
        message.Topic.Should().Be("plant/2/temp");
        message.Message.ContentType.Should().Be("application/json");
        var drop = await dropped.Task.WaitAsync(Patience);
        drop.Reason.Should().Be(MessageDropReason.Undecodable);
        drop.Topic.Should().Be("plant/1/temp");
    }
}
