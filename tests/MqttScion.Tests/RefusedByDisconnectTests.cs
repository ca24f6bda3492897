using System.Diagnostics.CodeAnalysis;
using MqttScion.Mqtt;
using MqttScion.Proxy.Tests.Support;
using MqttScion.Tests.Support;

namespace MqttScion.Tests;

/// <summary>A server that answers a publish with DISCONNECT, each time it is sent.</summary>
[SuppressMessage("Design", "CA1001", Justification = "xunit disposes it through IAsyncLifetime.")]
public sealed class RefusedByDisconnectTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = ScriptedConnection.Patience;

    private ScriptedBroker _broker = null!;
    private SameAsWorld _world = null!;

    public Task InitializeAsync()
    {
        _broker = new ScriptedBroker();
        _world = new SameAsWorld(_broker.Address);
        return Task.CompletedTask;
    }

    public async Task DisposeAsync()
    {
        await _world.DisposeAsync();
        _broker.Dispose();
    }

    [Fact]
    public async Task QoS_1_publish_that_is_refused_alone_again_and_again_fails_with_the_reason()
    {
        await using var client = Client();
        using var first = await ConnectAsync(client);
        var publishing = client.PublishAsync(Messages.Of("poison", "x", qos: 1)).AsTask();
        await RefuseAsync(first);
        for (var i = 0; i < 2; i++)
        {
            using var again = await _broker.AcceptAsync(isSessionPresent: true);
            await RefuseAsync(again);
        }

        var result = await publishing.WaitAsync(Patience);

        result.Should().BeEquivalentTo(
            new { ReasonCode = MqttClientPublishReasonCode.PacketTooLarge, IsLocal = true, IsSuccess = false });
        result.ReasonString.Should().Contain("PacketTooLarge").And.Contain("3 times");
        using var last = await _broker.AcceptAsync(isSessionPresent: true);
        var next = client.PublishAsync(Messages.Of("next", "x", qos: 1)).AsTask();
        var publish = await last.ReadAsync<MqttPublishPacket>();
        publish.Message.Topic.Should().Be("next");
        await last.SendAckAsync(MqttPacketType.PubAck, publish.PacketId);
        (await next.WaitAsync(Patience)).IsSuccess.Should().BeTrue();
    }

    [Fact]
    public async Task QoS_1_publish_that_was_cancelled_is_not_sent_again_after_such_a_disconnect()
    {
        await using var client = Client();
        var drops = client.DroppedMessages.Collect();
        using var first = await ConnectAsync(client);
        using var cancellation = new CancellationTokenSource();
        var publishing = client.PublishAsync(Messages.Of("poison", "x", qos: 1), cancellation.Token).AsTask();
        var behind = client.PublishAsync(Messages.Of("behind", "x", qos: 1)).AsTask();
        await first.ReadAsync<MqttPublishPacket>();
        await cancellation.CancelAsync();
        await FluentActions.Awaiting(() => publishing).Should().ThrowAsync<OperationCanceledException>();

        await RefuseAsync(first);

        using var again = await _broker.AcceptAsync(isSessionPresent: true);
        var publish = await again.ReadAsync<MqttPublishPacket>();
        publish.Message.Topic.Should().Be("behind");
        await again.SendAckAsync(MqttPacketType.PubAck, publish.PacketId);
        (await behind.WaitAsync(Patience)).IsSuccess.Should().BeTrue();
        (await drops.NextAsync()).Should().BeEquivalentTo(new { Topic = "poison", Reason = MessageDropReason.Refused });
    }

    [Fact]
    public async Task Loss_of_the_connection_names_the_publish_that_it_came_after()
    {
        await using var client = Client();
        var states = client.ConnectionStates.Collect();
        using var first = await ConnectAsync(client);
        var publishing = client.PublishAsync(Messages.Of("poison", "abc", qos: 2)).AsTask();

        await RefuseAsync(first);

        var lost = await states.NextAsync<ConnectionState, ConnectionState.Reconnecting>();
        lost.Cause.Message.Should().Contain("PacketTooLarge").And.Contain("'poison'").And.Contain("QoS 2")
            .And.Contain("3 bytes");
        publishing.IsCompleted.Should().BeFalse("the server may hold its identifier, so its flow goes on");
    }

    private static async Task RefuseAsync(ScriptedConnection connection)
    {
        await connection.ReadAsync<MqttPublishPacket>();
        await connection.SendAsync(new MqttDisconnectPacket(
            MqttPacketType.Disconnect, (byte)MqttDisconnectReasonCode.PacketTooLarge, null));
    }

    private ScionMqttClient Client() => _world.Client("c", o =>
    {
        (o.CleanStart, o.SessionExpiryInterval) = (false, TimeSpan.FromHours(1));
        o.ReconnectDelay = TimeSpan.FromMilliseconds(1);
        o.MaxReconnectDelay = TimeSpan.FromMilliseconds(10);
    });

    private async Task<ScriptedConnection> ConnectAsync(ScionMqttClient client)
    {
        var connecting = client.ConnectAsync();
        var connection = await _broker.AcceptAsync(isSessionPresent: false);
        await connecting.WaitAsync(Patience);
        return connection;
    }
}
