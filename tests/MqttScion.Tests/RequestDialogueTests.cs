using MqttScion.Mqtt;
using MqttScion.Tests.Support;

namespace MqttScion.Tests;

/// <summary>What a request looks like to a server, packet by packet.</summary>
public sealed class RequestDialogueTests : ScriptedBrokerTests
{
    [Fact]
    public async Task Response_topic_is_subscribed_once_at_QoS_0_before_the_requests()
    {
        await using var client = Client();
        using var connection = await ConnectAsync(client);

        var first = client.RequestAsync(Messages.Of("a")).AsTask();
        var subscribe = await connection.GrantAsync();
        var request = (await connection.ReadAsync<MqttPublishPacket>()).Message;
        await RespondAsync(connection, request, "one");
        (await first.WaitAsync(Patience)).ConvertPayloadToString().Should().Be("one");
        var second = client.RequestAsync(Messages.Of("a"), TimeSpan.FromSeconds(2.5)).AsTask();
        var next = (await connection.ReadAsync<MqttPublishPacket>()).Message;
        await RespondAsync(connection, next, "two");
        await second.WaitAsync(Patience);

        var filter = subscribe.Filters.Should().ContainSingle().Subject;
        filter.QualityOfServiceLevel.Should().Be(MqttQualityOfServiceLevel.AtMostOnce);
        filter.Topic.Should().MatchRegex("^mqttscion/responses/[0-9a-f]{32}$");
        request.ResponseTopic.Should().Be(filter.Topic);
        next.ResponseTopic.Should().Be(filter.Topic);
        next.CorrelationData.Should().HaveCount(16).And.NotEqual(request.CorrelationData);
        request.MessageExpiryInterval.Should().Be(10);
        next.MessageExpiryInterval.Should().Be(3);
    }

    [Fact]
    public async Task Response_topic_is_where_the_server_proposes()
    {
        await using var client = Client();
        using var connection = await ConnectAsync(
            client, p => p.Add(MqttPropertyId.ResponseInformation, "replies/7"));

        _ = client.RequestAsync(Messages.Of("a")).AsTask();

        connection.Connect.Properties!.Number(MqttPropertyId.RequestResponseInformation).Should().Be(1);
        (await connection.GrantAsync()).Filters[0].Topic.Should().StartWith("replies/7/");
    }

    [Fact]
    public async Task Response_topic_is_where_the_options_say()
    {
        await using var client = Client(o => o.ResponseTopicPrefix = "site/answers");
        using var connection = await ConnectAsync(client);

        _ = client.RequestAsync(Messages.Of("a")).AsTask();

        connection.Connect.Properties!.Has(MqttPropertyId.RequestResponseInformation).Should().BeFalse();
        (await connection.GrantAsync()).Filters[0].Topic.Should().StartWith("site/answers/");
    }

    [Fact]
    public async Task Refused_response_topic_fails_the_request_and_is_tried_again_with_the_next()
    {
        await using var client = Client();
        using var connection = await ConnectAsync(client);
        var refused = client.RequestAsync(Messages.Of("a")).AsTask();
        var subscribe = await connection.ReadAsync<MqttSubscribePacket>();
        await connection.SendAsync(new MqttSubAckPacket(MqttPacketType.SubAck, subscribe.PacketId, [0x87]));
        await FluentActions.Awaiting(() => refused.WaitAsync(Patience))
            .Should().ThrowAsync<MqttSubscribeRefusedException>();

        var accepted = client.RequestAsync(Messages.Of("a")).AsTask();
        await connection.GrantAsync();
        var request = (await connection.ReadAsync<MqttPublishPacket>()).Message;
        await RespondAsync(connection, request, "now");

        (await accepted.WaitAsync(Patience)).ConvertPayloadToString().Should().Be("now");
    }

    [Fact]
    public async Task Responses_with_foreign_correlation_data_are_reported_and_end_nothing()
    {
        await using var client = Client();
        using var connection = await ConnectAsync(client);
        var dropped = client.DroppedMessages.Collect();
        var asking = client.RequestAsync(Messages.Of("a")).AsTask();
        await connection.GrantAsync();
        var request = (await connection.ReadAsync<MqttPublishPacket>()).Message;

        foreach (var foreign in new[] { null, [], new byte[16], new byte[17] })
        {
            await connection.SendAsync(new MqttPublishPacket(new MqttApplicationMessage
            {
                Topic = request.ResponseTopic!,
                CorrelationData = foreign,
            }));
            (await dropped.NextAsync()).Reason.Should().Be(MessageDropReason.UnexpectedResponse);
        }
        asking.IsCompleted.Should().BeFalse();
        await RespondAsync(connection, request, "true");

        (await asking.WaitAsync(Patience)).ConvertPayloadToString().Should().Be("true");
    }

    [Fact]
    public async Task Server_that_knows_no_subscriber_ends_the_wait()
    {
        await using var client = Client();
        using var connection = await ConnectAsync(client);
        var asking = client.RequestAsync(Messages.Of("a", qos: 1)).AsTask();
        await connection.GrantAsync();
        var packetId = (await connection.ReadAsync<MqttPublishPacket>()).PacketId;

        await connection.SendAckAsync(MqttPacketType.PubAck, packetId, code: 0x10);

        (await FluentActions.Awaiting(() => asking.WaitAsync(Patience))
            .Should().ThrowAsync<MqttRequestFailedException>()).WithMessage("*no subscriber*");
    }

    [Fact]
    public async Task Response_that_overtakes_the_PUBACK_ends_the_wait()
    {
        await using var client = Client();
        using var connection = await ConnectAsync(client);
        var asking = client.RequestAsync(Messages.Of("a", qos: 1)).AsTask();
        await connection.GrantAsync();
        var request = (await connection.ReadAsync<MqttPublishPacket>()).Message;

        await RespondAsync(connection, request, "first");

        (await asking.WaitAsync(Patience)).ConvertPayloadToString().Should().Be("first");
    }

    private static Task RespondAsync(ScriptedConnection connection, MqttApplicationMessage request, string payload) =>
        connection.SendAsync(new MqttPublishPacket(new MqttApplicationMessage
        {
            Topic = request.ResponseTopic!,
            CorrelationData = request.CorrelationData,
            Payload = System.Text.Encoding.UTF8.GetBytes(payload),
        }));
}
