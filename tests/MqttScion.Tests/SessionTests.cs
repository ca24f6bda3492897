using MqttScion.Mqtt;
using MqttScion.Tests.Support;

namespace MqttScion.Tests;

/// <summary>What becomes of a session when its connection is lost, against a broker that a test scripts.</summary>
public sealed class SessionTests : ScriptedBrokerTests
{
    [Fact]
    public async Task Connect_starts_clean_once_and_a_reconnect_continues_the_session()
    {
        await using var client = Client();
        using var first = await ConnectAsync(client);
        first.Connect.CleanStart.Should().BeTrue();
        first.Connect.Properties!.Number(MqttPropertyId.SessionExpiryInterval).Should().Be(300);

        first.Dispose();

        using var second = await Broker.AcceptAsync(isSessionPresent: true);
        second.Connect.CleanStart.Should().BeFalse();
    }

    [Fact]
    public async Task Client_identifier_that_the_server_gave_is_used_again()
    {
        await using var client = Client(o => o.ClientId = "");
        using var first = await ConnectAsync(
            client, p => p.Add(MqttPropertyId.AssignedClientIdentifier, "given"));

        first.Dispose();

        using var second = await Broker.AcceptAsync(isSessionPresent: true);
        second.Connect.ClientId.Should().Be("given");
    }

    [Fact]
    public async Task Orderly_disconnect_ends_a_session_that_starts_clean()
    {
        await using var client = Client();
        using var connection = await ConnectAsync(client);

        var disconnecting = client.DisconnectAsync();

        var disconnect = await connection.ReadAsync<MqttDisconnectPacket>();
        disconnect.Properties!.Number(MqttPropertyId.SessionExpiryInterval).Should().Be(0);
        await disconnecting.WaitAsync(Patience);
    }

    [Fact]
    public async Task Orderly_disconnect_keeps_a_session_that_is_to_be_continued()
    {
        await using var client = Client(o => o.CleanStart = false);
        using var connection = await ConnectAsync(client);
        connection.Connect.CleanStart.Should().BeFalse();

        var disconnecting = client.DisconnectAsync();

        (await connection.ReadAsync<MqttDisconnectPacket>()).Properties.Should().BeNull();
        await disconnecting.WaitAsync(Patience);
    }

    [Fact]
    public async Task Filters_are_subscribed_anew_before_what_waits_is_published()
    {
        await using var client = Client();
        using var messages = client.Messages("replies").Subscribe(_ => { });
        var first = await ConnectAsync(client);
        await first.GrantAsync();
        first.Dispose();
        var second = await Broker.AcceptAsync();
        await second.ReadAsync<MqttConnectPacket>();
        var publishing = client.PublishAsync(Messages.Of("requests", qos: 1)).AsTask();

        await second.SendAsync(new MqttConnAckPacket(false, 0, new MqttProperties()));

        await second.GrantAsync();
        await second.SendAckAsync(
            MqttPacketType.PubAck, (await second.ReadAsync<MqttPublishPacket>()).PacketId);
        await publishing.WaitAsync(Patience);
        second.Dispose();
    }

    [Fact]
    public async Task Publish_QoS_2_completes_at_PUBCOMP()
    {
        await using var client = Client();
        using var connection = await ConnectAsync(client);

        var publishing = client.PublishAsync(Messages.Of("t", "x", qos: 2)).AsTask();
        var id = (await connection.ReadAsync<MqttPublishPacket>()).PacketId;
        await connection.SendAckAsync(MqttPacketType.PubRec, id);
        await connection.ReadAckAsync(MqttPacketType.PubRel, id);
        publishing.IsCompleted.Should().BeFalse();
        await connection.SendAckAsync(MqttPacketType.PubComp, id);

        (await publishing.WaitAsync(Patience)).IsSuccess.Should().BeTrue();
    }

    [Fact]
    public async Task Unfinished_publishes_go_on_where_they_were_when_the_session_is_present()
    {
        await using var client = Client();
        var first = await ConnectAsync(client);
        var once = client.PublishAsync(Messages.Of("t", "released", qos: 2)).AsTask();
        var released = (await first.ReadAsync<MqttPublishPacket>()).PacketId;
        await first.SendAckAsync(MqttPacketType.PubRec, released);
        await first.ReadAckAsync(MqttPacketType.PubRel, released);
        var sent = client.PublishAsync(Messages.Of("t", "sent", qos: 2)).AsTask();
        var unacknowledged = client.PublishAsync(Messages.Of("t", "least", qos: 1)).AsTask();
        var sentId = (await first.ReadAsync<MqttPublishPacket>()).PacketId;
        var leastId = (await first.ReadAsync<MqttPublishPacket>()).PacketId;

        first.Dispose();
        using var second = await Broker.AcceptAsync(isSessionPresent: true);

        await second.ReadAckAsync(MqttPacketType.PubRel, released);
        (await second.ReadAsync<MqttPublishPacket>()).Should().Match<MqttPublishPacket>(
            p => p.PacketId == sentId && p.Dup && p.QoS == MqttQualityOfServiceLevel.ExactlyOnce);
        (await second.ReadAsync<MqttPublishPacket>()).Should().Match<MqttPublishPacket>(
            p => p.PacketId == leastId && p.Dup);
        await second.SendAckAsync(MqttPacketType.PubComp, released);
        await second.SendAckAsync(MqttPacketType.PubAck, leastId);
        await second.SendAckAsync(MqttPacketType.PubRec, sentId);
        await second.ReadAckAsync(MqttPacketType.PubRel, sentId);
        await second.SendAckAsync(MqttPacketType.PubComp, sentId);
        foreach (var publish in new[] { once, sent, unacknowledged })
        {
            (await publish.WaitAsync(Patience)).IsSuccess.Should().BeTrue();
        }
    }

    [Fact]
    public async Task Without_the_session_what_was_released_is_not_sent_again_and_the_rest_is_published_anew()
    {
        await using var client = Client();
        var first = await ConnectAsync(client);
        var once = client.PublishAsync(Messages.Of("t", "released", qos: 2)).AsTask();
        var released = (await first.ReadAsync<MqttPublishPacket>()).PacketId;
        await first.SendAckAsync(MqttPacketType.PubRec, released);
        await first.ReadAckAsync(MqttPacketType.PubRel, released);
        var least = client.PublishAsync(Messages.Of("t", "least", qos: 1)).AsTask();
        await first.ReadAsync<MqttPublishPacket>();

        first.Dispose();
        using var second = await Broker.AcceptAsync(isSessionPresent: false);

        var result = await once.WaitAsync(Patience);
        result.IsSuccess.Should().BeFalse();
        result.ReasonString.Should().Contain("may have been delivered");
        var again = await second.ReadAsync<MqttPublishPacket>();
        again.Message.ConvertPayloadToString().Should().Be("least");
        again.Dup.Should().BeFalse();
        await second.SendAckAsync(MqttPacketType.PubAck, again.PacketId);
        (await least.WaitAsync(Patience)).IsSuccess.Should().BeTrue();
    }

    [Fact]
    public async Task Session_present_resubscribes_only_what_changed_while_away()
    {
        await using var client = Client();
        var first = await ConnectAsync(client);
        using var kept = client.Messages("kept").Subscribe(_ => { });
        await first.GrantAsync();
        var dropped = client.Messages("dropped").Subscribe(_ => { });
        await first.GrantAsync();
        var states = client.ConnectionStates.Collect();

        first.Dispose();
        await states.NextAsync<ConnectionState, ConnectionState.Reconnecting>();
        dropped.Dispose();
        using var added = client.Messages("added").Subscribe(_ => { });
        using var second = await Broker.AcceptAsync(isSessionPresent: true);

        (await second.ReadAsync<MqttUnsubscribePacket>()).Filters.Should().Equal("dropped");
        (await second.ReadAsync<MqttSubscribePacket>()).Filters.Single().Topic.Should().Be("added");
        await client.PublishAsync(Messages.Of("marker"));
        (await second.ReadAsync<MqttPublishPacket>()).Message.Topic.Should().Be("marker");
    }

    [Fact]
    public async Task Session_that_is_gone_is_subscribed_again()
    {
        await using var client = Client();
        var first = await ConnectAsync(client);
        using var kept = client.Messages("kept").Subscribe(_ => { });
        await first.GrantAsync();

        first.Dispose();
        using var second = await Broker.AcceptAsync(isSessionPresent: false);

        (await second.ReadAsync<MqttSubscribePacket>()).Filters.Single().Topic.Should().Be("kept");
    }

    [Fact]
    public async Task Session_of_another_process_is_subscribed_again_and_its_identifiers_mislead_nobody()
    {
        await using var client = Client(o => o.CleanStart = false);
        var a = client.Messages("a").Collect();
        var b = client.Messages("b").Collect();
        var connecting = client.ConnectAsync();
        using var connection = await Broker.AcceptAsync(isSessionPresent: true);
        await connecting.WaitAsync(Patience);

        // The earlier process had given the first identifier to the filter "b".
        await connection.SendAsync(new MqttPublishPacket(Messages.Of("b", "old"))
        {
            SubscriptionIdentifiers = [Subscription.GenerationCount],
        });

        (await b.NextAsync()).ConvertPayloadToString().Should().Be("old");
        a.Count.Should().Be(0);
        (await connection.GrantAsync()).Filters.Single().Topic.Should().Be("a");
    }

    [Fact]
    public async Task Message_QoS_2_comes_once_although_the_connection_is_lost_before_PUBREC()
    {
        await using var client = Client();
        var first = await ConnectAsync(client);
        using var gate = new SemaphoreSlim(0);
        var entered = new SemaphoreSlim(0);
        var seen = new List<string>();
        using var observer = client.Messages(Messages.Filter("t", 2)).Subscribe(m =>
        {
            entered.Release();
            gate.Wait(Patience).Should().BeTrue();
            seen.Add(m.ConvertPayloadToString());
        });
        await first.GrantAsync();
        await first.SendPublishAsync("t", packetId: 7, qos: 2, payload: "once");
        (await entered.WaitAsync(Patience)).Should().BeTrue();

        first.Dispose();
        var second = await Broker.AcceptAsync(isSessionPresent: true);
        await second.SendPublishAsync("t", packetId: 7, qos: 2, dup: true, payload: "once");
        gate.Release(2);

        await second.ReadAckAsync(MqttPacketType.PubRec, 7);
        second.Dispose();
        // PUBREC got lost as well: now the session itself knows the duplicate.
        using var third = await Broker.AcceptAsync(isSessionPresent: true);
        await third.SendPublishAsync("t", packetId: 7, qos: 2, dup: true, payload: "once");
        await third.ReadAckAsync(MqttPacketType.PubRec, 7);
        await third.SendAckAsync(MqttPacketType.PubRel, 7);
        (await third.ReadAckAsync(MqttPacketType.PubComp, 7)).ReasonCode.Should().Be(0);
        await third.SendPublishAsync("t", packetId: 7, qos: 2, payload: "next");
        await third.ReadAckAsync(MqttPacketType.PubRec, 7);
        seen.Should().Equal("once", "next");
    }

    [Fact]
    public async Task Message_QoS_2_that_was_handed_over_while_away_is_answered_and_not_handed_over_again()
    {
        await using var client = Client();
        var first = await ConnectAsync(client);
        using var gate = new SemaphoreSlim(0);
        var entered = new SemaphoreSlim(0);
        var count = 0;
        var states = client.ConnectionStates.Collect();
        using var observer = client.Messages(Messages.Filter("t", 2)).Subscribe(_ =>
        {
            entered.Release();
            gate.Wait(Patience).Should().BeTrue();
            count++;
        });
        await first.GrantAsync();
        await first.SendPublishAsync("t", packetId: 9, qos: 2);
        (await entered.WaitAsync(Patience)).Should().BeTrue();

        first.Dispose();
        await states.NextAsync<ConnectionState, ConnectionState.Reconnecting>();
        gate.Release(5);
        using var second = await Broker.AcceptAsync(isSessionPresent: true);
        await second.SendPublishAsync("t", packetId: 9, qos: 2, dup: true);

        await second.ReadAckAsync(MqttPacketType.PubRec, 9);
        count.Should().Be(1);
    }

    [Fact]
    public async Task Acknowledgements_leave_in_order_of_arrival_whatever_the_order_of_the_reader()
    {
        await using var client = Client();
        using var connection = await ConnectAsync(client);
        await using var reader = new DeliveryReader(client.ReadMessagesAsync(Messages.Filter("t", 2)));
        var first = reader.NextAsync();
        await connection.GrantAsync();
        await connection.SendPublishAsync("t", packetId: 1, qos: 1);
        await connection.SendPublishAsync("t", packetId: 2, qos: 2);
        await connection.SendPublishAsync("t", packetId: 3, qos: 1);
        var deliveries = new[] { await first, await reader.NextAsync(), await reader.NextAsync() };

        deliveries[2].Acknowledge();
        deliveries[1].Reject(MqttClientPublishReasonCode.QuotaExceeded);
        deliveries[0].Acknowledge();

        (await connection.ReadAckAsync(MqttPacketType.PubAck, 1)).ReasonCode.Should().Be(0);
        (await connection.ReadAckAsync(MqttPacketType.PubRec, 2)).ReasonCode.Should().Be(0x97);
        (await connection.ReadAckAsync(MqttPacketType.PubAck, 3)).ReasonCode.Should().Be(0);
    }

    [Fact]
    public async Task Acknowledgement_of_a_lost_connection_goes_to_the_message_when_it_comes_again_and_to_no_other()
    {
        await using var client = Client();
        var first = await ConnectAsync(client);
        await using var reader = new DeliveryReader(client.ReadMessagesAsync(Messages.Filter("t", 1)));
        var reading = reader.NextAsync();
        await first.GrantAsync();
        await first.SendPublishAsync("t", packetId: 1, qos: 1, payload: "again");
        await first.SendPublishAsync("t", packetId: 2, qos: 1, payload: "gone");
        var (again, gone) = (await reading, await reader.NextAsync());
        first.Dispose();
        using var second = await Broker.AcceptAsync(isSessionPresent: true);

        again.Acknowledge();
        gone.Acknowledge();
        await second.SendPublishAsync("t", packetId: 2, qos: 1, payload: "another");
        await second.SendPublishAsync("t", packetId: 1, qos: 1, dup: true, payload: "again");
        var another = await reader.NextAsync();
        another.Message.ConvertPayloadToString().Should().Be("another");
        another.Reject();

        (await second.ReadAckAsync(MqttPacketType.PubAck, 2)).ReasonCode.Should().Be(0x80);
        (await second.ReadAckAsync(MqttPacketType.PubAck, 1)).ReasonCode.Should().Be(0);
    }

    [Fact]
    public async Task Servers_with_sessions_of_their_own_are_started_clean_when_changed()
    {
        using var otherBroker = new ScriptedBroker();
        await using var otherProxy = World.StartProxy(otherBroker.Address);
        await using var client = Client(o =>
        {
            o.ServersShareSessions = false;
            o.ServerSelection = ServerSelection.RoundRobin;
            o.Servers.Add(otherProxy.LocalEndPoint.ToString());
        });
        var first = await ConnectAsync(client);

        first.Dispose();
        using var other = await otherBroker.AcceptAsync(isSessionPresent: false);

        other.Connect.CleanStart.Should().BeTrue();
    }
}
