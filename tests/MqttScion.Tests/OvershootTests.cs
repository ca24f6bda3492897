using System.Diagnostics.CodeAnalysis;
using MqttScion.Mqtt;
using MqttScion.Proxy.Tests.Support;
using MqttScion.Testnet;
using MqttScion.Tests.Support;

namespace MqttScion.Tests;

/// <summary>Servers that send more than our Receive Maximum while nobody acknowledges.</summary>
[SuppressMessage("Design", "CA1001", Justification = "xunit disposes it through IAsyncLifetime.")]
public sealed class OvershootTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = ScriptedConnection.Patience;

    private PocketBroker _broker = null!;
    private SameAsWorld _world = null!;

    public async Task InitializeAsync()
    {
        _broker = await PocketBroker.StartAsync(new PocketBrokerOptions { ReceiveMaximumExcess = 60_000 });
        _world = new SameAsWorld(_broker.EndPoint.ToString());
    }

    public async Task DisposeAsync()
    {
        await _world.DisposeAsync();
        await _broker.DisposeAsync();
    }

    [Fact]
    public async Task Stuck_handler_gets_the_answers_that_it_waits_for_behind_messages_beyond_the_Receive_Maximum()
    {
        await using var client = _world.Client("c", o => o.ReceiveMaximum = 1);
        await client.ConnectAsync();
        var response = new TaskCompletionSource();
        using var responses = client.Messages("response").Subscribe(_ => response.TrySetResult());
        var all = new TaskCompletionSource();
        var done = new TaskCompletionSource();
        await using var subscription = await client.SubscribeAsync(Messages.Filter("t", 1), async (_, token) =>
        {
            await all.Task;
            await client.PublishAsync(Messages.Of("response", qos: 1), token);
            await response.Task;
            done.TrySetResult();
        });

        for (var i = 0; i < 500; i++)
        {
            _broker.Publish(Messages.Of("t", $"{i}", qos: 1));
        }
        all.SetResult();

        await done.Task.WaitAsync(Patience);
    }

    [Theory]
    [InlineData(3000, 0)]
    [InlineData(40, 1 << 20)]
    public async Task Server_far_beyond_the_Receive_Maximum_is_left_in_bounded_time_when_nothing_is_acknowledged(
        int count, int payloadBytes)
    {
        await using var client = _world.Client("c", o =>
        {
            o.ReceiveMaximum = 1;
            o.KeepAlivePeriod = TimeSpan.FromSeconds(1);
            o.PingResponseTimeout = TimeSpan.FromSeconds(1);
        });
        await client.ConnectAsync();
        var states = client.ConnectionStates.Collect();
        var block = new TaskCompletionSource();
        await using var subscription = await client.SubscribeAsync(
            Messages.Filter("t", 1), async (_, _) => await block.Task);

        for (var i = 0; i < count; i++)
        {
            _broker.Publish(new MqttApplicationMessage
            {
                Topic = "t",
                Payload = new byte[payloadBytes],
                QualityOfServiceLevel = MqttQualityOfServiceLevel.AtLeastOnce,
            });
        }

        (await states.NextAsync<ConnectionState, ConnectionState.Reconnecting>()).Cause
            .Should().BeOfType<MqttSessionEndedException>()
            .Which.ReasonCode.Should().Be(MqttDisconnectReasonCode.ReceiveMaximumExceeded);
        block.SetResult();
    }
}
