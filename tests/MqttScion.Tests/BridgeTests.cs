using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using MqttScion.Mqtt;
using MqttScion.Proxy.Tests.Support;
using MqttScion.Testnet;
using MqttScion.Tests.Support;

namespace MqttScion.Tests;

/// <summary>Messages of one client published by another.</summary>
[SuppressMessage("Design", "CA1001", Justification = "xunit disposes it through IAsyncLifetime.")]
public sealed class BridgeTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = ScriptedConnection.Patience;

    private PocketBroker _from = null!;
    private PocketBroker _to = null!;
    private SameAsWorld _fromWorld = null!;
    private SameAsWorld _toWorld = null!;

    public async Task InitializeAsync()
    {
        _from = await PocketBroker.StartAsync();
        _to = await PocketBroker.StartAsync(new PocketBrokerOptions
        {
            AuthorizePublish = (_, message) => message.ConvertPayloadToString() == "refused"
                ? MqttClientPublishReasonCode.NotAuthorized : MqttClientPublishReasonCode.Success,
        });
        _fromWorld = new SameAsWorld(_from.EndPoint.ToString());
        _toWorld = new SameAsWorld(_to.EndPoint.ToString());
    }

    public async Task DisposeAsync()
    {
        await _fromWorld.DisposeAsync();
        await _toWorld.DisposeAsync();
        await _from.DisposeAsync();
        await _to.DisposeAsync();
    }

    [Fact]
    public async Task What_the_other_server_has_not_acknowledged_is_still_the_sources_when_the_process_dies()
    {
        await using var source = await SourceAsync();
        await using var target = await TargetAsync();
        using var bridge = source.Messages(Messages.Filter("t", 1)).Publish(target, maxInFlight: 16)
            .Subscribe(_ => { }, _ => { });
        await SubscribedAsync();
        _to.Freeze();
        for (var i = 1; i <= 39; i++)
        {
            _from.Publish(Messages.Of("t", Jobs.Text(i), qos: 1));
        }
        await Jobs.ConditionAsync(() => _from.Statistics.Delivered >= 40);

        await using var heir = await SourceAsync(); // Takes the session over, as if the process had died.
        await using var reader = new DeliveryReader(heir.ReadMessagesAsync(Messages.Filter("t", 1)));

        (await reader.TextsAsync(39)).Should().Equal(Enumerable.Range(1, 39).Select(Jobs.Text));
        _to.Thaw();
    }

    [Fact]
    public async Task Copies_are_acknowledged_in_order_and_one_that_is_refused_is_reported()
    {
        await using var source = await SourceAsync();
        await using var target = await TargetAsync();
        var drops = source.DroppedMessages.Collect();
        var results = new ConcurrentQueue<bool>();
        using var bridge = source.Messages(Messages.Filter("t", 1)).Publish(target, maxInFlight: 2)
            .Subscribe(result => results.Enqueue(result.IsSuccess), _ => { });
        await SubscribedAsync();

        foreach (var text in new[] { "1", "refused", "3" })
        {
            _from.Publish(Messages.Of("t", text, qos: 1));
        }

        await Jobs.ConditionAsync(() => results.Count == 4);
        results.Should().Equal(true, true, false, true);
        (await drops.NextAsync()).Reason.Should().Be(MessageDropReason.ObserverFailed);
        bridge.Dispose();
        await source.DisconnectAsync();
        await using var heir = await SourceAsync();
        await using var reader = new DeliveryReader(heir.ReadMessagesAsync(Messages.Filter("t", 1)));
        _from.Publish(Messages.Of("t", "last", qos: 1));
        (await reader.TextsAsync(1)).Should().Equal("last");
    }

    private async Task SubscribedAsync()
    {
        await Jobs.ConditionAsync(() => _from.Publish(Messages.Of("t", "0", qos: 1))
            != MqttClientPublishReasonCode.NoMatchingSubscribers);
        await Jobs.ConditionAsync(() => _to.Statistics.Received >= 1);
    }

    private Task<ScionMqttClient> SourceAsync() => ConnectedAsync(_fromWorld, "source");

    private Task<ScionMqttClient> TargetAsync() => ConnectedAsync(_toWorld, "target");

    private static async Task<ScionMqttClient> ConnectedAsync(SameAsWorld world, string id)
    {
        var client = world.Client(id, o =>
        {
            o.CleanStart = false;
            o.SessionExpiryInterval = TimeSpan.FromHours(1);
        });
        await client.ConnectAsync().WaitAsync(Patience);
        return client;
    }
}
