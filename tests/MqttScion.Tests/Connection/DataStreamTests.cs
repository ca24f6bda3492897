using MqttScion.Mqtt;
using MqttScion.Tests.Support;

namespace MqttScion.Tests.Connection;

/// <summary>A client's connection of several streams, in memory and virtual time.</summary>
public sealed class DataStreamTests
{
    private static readonly TimeSpan Kept = TimeSpan.FromMinutes(5);

    [Fact]
    public void Topics_are_spread_over_the_streams_and_each_keeps_to_one()
    {
        var server = new StreamedServer(dataStreams: 4).Connect();

        for (var i = 0; i < 400; i++)
        {
            _ = server.Publish($"t/{i % 40}", $"{i}", qos: i / 40 % 2);
        }

        server.Control.Packets().Should().BeEmpty();
        server.Streams.Should().HaveCount(5);
        var byStream = server.Data.Select(s => s.Packets().Cast<MqttPublishPacket>().ToList()).ToList();
        byStream.Should().OnlyContain(packets => packets.Count > 0);
        var streamsOfTopic = byStream
            .SelectMany((packets, stream) => packets.Select(p => (p.Message.Topic, stream))).Distinct();
        streamsOfTopic.Should().HaveCount(40);
        foreach (var packets in byStream)
        {
            packets.GroupBy(p => p.Message.Topic).Should().OnlyContain(topic =>
                topic.Select(Number).SequenceEqual(topic.Select(Number).Order()));
        }
    }

    [Fact]
    public void Control_stream_goes_before_the_others()
    {
        var server = new StreamedServer(dataStreams: 2).Connect();

        server.Streams.Select(s => s.IsPreferred).Should().Equal(true, false, false);
    }

    [Fact]
    public void Publish_QoS_2_and_one_with_an_alias_stay_on_the_control_stream()
    {
        var server = new StreamedServer(dataStreams: 4).Connect(p => p.Add(MqttPropertyId.TopicAliasMaximum, 5));

        _ = server.Publish("t", "x", qos: 2);
        _ = server.Publish(new MqttApplicationMessage { Topic = "t", TopicAlias = 3 });

        server.Control.Packets().Should().HaveCount(2);
        server.Data.Should().OnlyContain(s => s.Packets().Count == 0);
    }

    [Theory]
    [InlineData(0, true, false)]
    [InlineData(1, true, true)]
    [InlineData(2, true, true)]
    [InlineData(0, false, false)]
    [InlineData(1, false, false)]
    [InlineData(2, false, true)]
    public void Subscription_whose_messages_the_server_keeps_is_on_the_control_stream(
        int qos, bool isSessionKept, bool isOnControl)
    {
        var server = new StreamedServer(dataStreams: 4, isSessionKept ? Kept : TimeSpan.Zero).Connect();

        server.Hub.Hold(Messages.Filter("a/#", qos));
        server.Turn();

        server.Streams.Single(s => s.Packets().Count > 0).Should().Match<StreamedPackets>(
            s => s == server.Control == isOnControl);
    }

    [Fact]
    public async Task Messages_of_a_subscription_come_and_are_acknowledged_on_its_stream()
    {
        var server = new StreamedServer(dataStreams: 4).Connect();
        var messages = server.Hub.Messages(Messages.Filter("a", 1)).Collect();
        server.Turn();
        var stream = server.Data.Single(s => s.Packets() is [MqttSubscribePacket]);
        stream.Say(new MqttSubAckPacket(MqttPacketType.SubAck, 1, [1]));

        stream.SayPublish("a", packetId: 7, qos: 1);

        (await messages.NextAsync()).Topic.Should().Be("a");
        List<object> sent = [];
        await server.TurnUntilAsync(() => (sent = [.. sent, .. stream.Packets()]).Count > 0);
        sent.Should().Equal(new MqttAckPacket(MqttPacketType.PubAck, 7));
    }

    [Fact]
    public async Task Stream_that_takes_nothing_holds_up_only_its_own_topics()
    {
        var server = new StreamedServer(dataStreams: 4).Connect();
        var (held, free) = server.TwoTopics();
        var stuck = server.StreamOf(held);
        stuck.IsStuck = true;
        for (var i = 0; i < 20; i++)
        {
            _ = server.Publish(held, new string('x', 32 * 1024)); // More than the stream's own room.
        }

        var publishing = server.Publish(free, "goes");

        var other = server.Data.Single(s => s != stuck && s.Packets().Count > 0);
        other.Say(new MqttAckPacket(MqttPacketType.PubAck, 1));
        (await publishing.WaitAsync(ScriptedConnection.Patience)).IsSuccess.Should().BeTrue();
        stuck.IsStuck = false;
        server.Turn();
        stuck.Packets().Should().HaveCount(20);
    }

    [Fact]
    public void Receive_Maximum_of_the_server_holds_for_all_streams_together()
    {
        var server = new StreamedServer(dataStreams: 4).Connect(p => p.Add(MqttPropertyId.ReceiveMaximum, 2));
        for (var i = 0; i < 20; i++)
        {
            _ = server.Publish($"t/{i}", "x");
        }

        var done = 0;
        while (Open().ToList() is { Count: > 0 } open)
        {
            open.Should().HaveCountLessThanOrEqualTo(2);
            foreach (var (stream, packet) in open)
            {
                done++;
                stream.Say(new MqttAckPacket(MqttPacketType.PubAck, packet.PacketId));
            }
        }

        done.Should().Be(20);

        IEnumerable<(StreamedPackets, MqttPublishPacket)> Open() =>
            server.Data.SelectMany(s => s.Packets().Cast<MqttPublishPacket>().Select(p => (s, p)));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Stream_that_the_server_ends_is_replaced_and_its_publishes_sent_again_in_order(bool isReset)
    {
        var server = new StreamedServer(dataStreams: 4).Connect();
        var stream = server.StreamOf("t");
        var answered = server.Publish("t", "0");
        stream.Say(new MqttAckPacket(MqttPacketType.PubAck, 1));
        (await answered.WaitAsync(ScriptedConnection.Patience)).IsSuccess.Should().BeTrue();
        var publishes = Enumerable.Range(1, 5).Select(i => server.Publish("t", $"{i}")).ToList();
        stream.Packets().Should().HaveCount(6);

        End(stream, isReset);
        publishes.Add(server.Publish("t", "6"));

        (isReset ? stream.IsAbandoned : stream.IsFinished).Should().BeTrue();
        server.Streams.Should().HaveCount(6);
        var packets = server.Streams[^1].Packets().Cast<MqttPublishPacket>().ToList();
        packets.Select(Number).Should().Equal(1, 2, 3, 4, 5, 6);
        packets.Should().OnlyContain(p => !p.Dup);
        foreach (var packet in packets)
        {
            server.Streams[^1].Say(new MqttAckPacket(MqttPacketType.PubAck, packet.PacketId));
        }
        (await Task.WhenAll(publishes).WaitAsync(ScriptedConnection.Patience)).Should().OnlyContain(r => r.IsSuccess);
        server.Control.Packets().Should().BeEmpty();
        server.IsClosed.Should().BeFalse();
    }

    [Fact]
    public void Stream_that_ended_without_ever_answering_is_replaced_by_the_control_stream()
    {
        var server = new StreamedServer(dataStreams: 4).Connect();
        var stream = server.StreamOf("t");
        _ = server.Publish("t", "1");

        stream.Abandon();

        server.Streams.Should().HaveCount(5);
        Number(server.Control.Take<MqttPublishPacket>()).Should().Be(1);
    }

    [Fact]
    public void Streams_are_not_replaced_for_ever()
    {
        var server = new StreamedServer(dataStreams: 1) { AllowedStreams = 1000 }.Connect();

        while (server.Publish("t", "x") is { IsCompleted: false } && server.Control.Packets().Count == 0)
        {
            server.Streams.Count.Should().BeLessThan(100);
            server.Streams[^1].Say(new MqttAckPacket(MqttPacketType.PubAck, 1));
            server.Streams[^1].Abandon();
        }

        server.IsClosed.Should().BeFalse();
    }

    [Fact]
    public void Subscriptions_of_a_stream_that_ends_are_made_anew()
    {
        var server = new StreamedServer(dataStreams: 1).Connect();
        var subscription = server.Hub.Hold(Messages.Filter("a", 1));
        server.Hub.Hold(Messages.Filter("b", 2));
        server.Turn();
        server.Control.Grant();
        server.Streams[1].Grant();

        server.Streams[1].Abandon();

        server.Streams[2].Grant().Filters.Single().Topic.Should().Be("a");
        server.Control.Packets().Should().BeEmpty();
        server.Streams[2].Packets().Should().BeEmpty();
        server.Hub.Release(subscription);
        server.Turn();
        server.Streams[2].Take<MqttUnsubscribePacket>().Filters.Should().Equal("a");
    }

    [Fact]
    public void Subscribe_under_way_when_its_stream_ends_is_sent_again()
    {
        var server = new StreamedServer(dataStreams: 1).Connect();
        var subscription = server.Hub.Hold(Messages.Filter("a", 0));
        server.Turn();
        server.Streams[1].Take<MqttSubscribePacket>();

        server.Streams[1].Abandon();

        subscription.Answer.IsCompleted.Should().BeFalse();
        server.Control.Grant();
        subscription.Answer.IsCompletedSuccessfully.Should().BeTrue();
    }

    [Fact]
    public void Server_that_allows_one_stream_gets_everything_on_it_in_order()
    {
        var server = new StreamedServer(dataStreams: 4) { AllowedStreams = 1 }.Connect();

        for (var i = 0; i < 40; i++)
        {
            _ = server.Publish($"t/{i % 7}", $"{i}", qos: i % 3);
        }
        server.Hub.Hold(Messages.Filter("a", 0));
        server.Turn();

        server.Application.DataStreamCount.Should().Be(0);
        var packets = server.Control.Packets();
        packets.OfType<MqttPublishPacket>().Select(Number).Should().Equal(Enumerable.Range(0, 40));
        packets.OfType<MqttSubscribePacket>().Should().HaveCount(1);
    }

    [Fact]
    public void Server_that_allows_fewer_streams_has_all_topics_on_those()
    {
        var server = new StreamedServer(dataStreams: 4) { AllowedStreams = 3 }.Connect();

        for (var i = 0; i < 40; i++)
        {
            _ = server.Publish($"t/{i}", $"{i}");
        }

        server.Application.DataStreamCount.Should().Be(2);
        server.Control.Packets().Should().BeEmpty();
        server.Data.Select(s => s.Packets().Count).Should().OnlyContain(count => count > 0);
    }

    [Fact]
    public async Task Connection_that_is_lost_leaves_data_streams_to_be_made_anew()
    {
        var server = new StreamedServer(dataStreams: 2, Kept).Connect();
        server.Hub.Hold(Messages.Filter("lost", 0));
        server.Hub.Hold(Messages.Filter("kept", 1));
        server.Turn();
        server.Data.Single(s => s.Packets() is [MqttSubscribePacket]).Say(
            new MqttSubAckPacket(MqttPacketType.SubAck, 1, [0]));
        server.Control.Grant();
        var least = server.Publish("t", "1");
        var once = server.Publish("t", "2", qos: 2);

        server.Reconnect(isSessionPresent: true);

        var again = server.Control.Take<MqttPublishPacket>();
        (again.Dup, Number(again)).Should().Be((true, 2));
        var packets = server.Data.SelectMany(s => s.Packets().Select(p => (Stream: s, Packet: p))).ToList();
        packets.Select(p => p.Packet).OfType<MqttSubscribePacket>().Single().Filters.Single().Topic.Should().Be("lost");
        var (stream, publish) = packets.Single(p => p.Packet is MqttPublishPacket);
        ((MqttPublishPacket)publish).Dup.Should().BeFalse();
        stream.Say(new MqttAckPacket(MqttPacketType.PubAck, ((MqttPublishPacket)publish).PacketId));
        server.Control.Say(new MqttAckPacket(MqttPacketType.PubRec, again.PacketId));
        server.Control.Say(new MqttAckPacket(MqttPacketType.PubComp, again.PacketId));
        (await least.WaitAsync(ScriptedConnection.Patience)).IsSuccess.Should().BeTrue();
        (await once.WaitAsync(ScriptedConnection.Patience)).IsSuccess.Should().BeTrue();
    }

    [Fact]
    public void Filter_whose_QoS_is_raised_to_2_moves_to_the_control_stream()
    {
        var server = new StreamedServer(dataStreams: 1).Connect();
        server.Hub.Hold(Messages.Filter("a", 1));
        server.Turn();
        server.Streams[1].Grant();

        var subscription = server.Hub.Hold(Messages.Filter("a", 2));
        server.Turn();
        server.Streams[1].Packets().Should().BeEmpty();
        server.Control.Grant();

        server.Streams[1].Take<MqttUnsubscribePacket>().Filters.Should().Equal("a");
        server.Hub.Release(subscription);
        server.Hub.Release(subscription);
        server.Turn();
        server.Control.Take<MqttUnsubscribePacket>().Filters.Should().Equal("a");
    }

    [Fact]
    public void Filter_that_the_session_of_another_process_may_hold_leaves_the_control_stream()
    {
        var server = new StreamedServer(dataStreams: 1, Kept, cleanStart: false);
        server.Hub.Hold(Messages.Filter("a", 0));
        server.Connect(isSessionPresent: true);
        server.Control.Packets().Should().BeEmpty();

        server.Streams[1].Grant();

        server.Control.Take<MqttUnsubscribePacket>().Filters.Should().Equal("a");
        server.Streams[1].Packets().Should().BeEmpty();
    }

    [Theory]
    [InlineData("100D00044D5154540502000A000000")]
    [InlineData("2003000000")]
    [InlineData("C000")]
    [InlineData("E000")]
    [InlineData("40020009")]
    public async Task Server_that_breaks_the_rules_of_a_data_stream_is_told_on_the_control_stream(string hex)
    {
        var server = new StreamedServer(dataStreams: 2).Connect();

        server.Streams[2].SayBytes(Convert.FromHexString(hex));

        server.Control.Take<MqttDisconnectPacket>().ReasonCode.Should().Be(
            (byte)MqttDisconnectReasonCode.ProtocolError);
        server.IsClosed.Should().BeTrue();
        var cause = await server.Application.Ended.WaitAsync(ScriptedConnection.Patience);
        cause.Should().BeOfType<MqttSessionEndedException>();
    }

    [Fact]
    public async Task Disconnect_waits_until_the_server_has_ended_the_data_streams()
    {
        var server = new StreamedServer(dataStreams: 2).Connect();
        var stream = server.StreamOf("t");
        stream.IsStuck = true;
        _ = server.Publish("t", "last", qos: 0);

        server.Application.Disconnect(MqttDisconnectReasonCode.NormalDisconnection);
        server.Turn();
        server.Data.Select(s => s.IsFinished).Should().BeEquivalentTo([true, false]);
        stream.IsStuck = false;
        server.Turn();
        stream.Packets().Should().HaveCount(1);
        server.Control.Packets().Should().BeEmpty();
        foreach (var data in server.Data)
        {
            data.IsFinished.Should().BeTrue();
            data.Finish();
        }

        server.Control.Take<MqttDisconnectPacket>();
        server.IsClosed.Should().BeTrue();
        (await server.Application.Ended.WaitAsync(ScriptedConnection.Patience)).Should().BeNull();
    }

    [Fact]
    public void Disconnect_does_not_wait_for_ever_for_the_data_streams()
    {
        var server = new StreamedServer(dataStreams: 2).Connect();
        server.Application.Disconnect(MqttDisconnectReasonCode.NormalDisconnection);
        server.Turn();
        server.Control.Packets().Should().BeEmpty();

        server.Advance(TimeSpan.FromSeconds(1));

        server.Control.Take<MqttDisconnectPacket>();
        server.IsClosed.Should().BeTrue();
    }

    private static int Number(MqttPublishPacket packet) =>
        int.Parse(System.Text.Encoding.UTF8.GetString(packet.Message.Payload.Span));

    private static void End(StreamedPackets stream, bool isReset)
    {
        if (isReset)
        {
            stream.Abandon();
        }
        else
        {
            stream.Finish();
        }
    }
}
