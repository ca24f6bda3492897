namespace MqttScion.Tests.Chaos;

public sealed class WireRecordTests
{
    private const int Publish = WirePacket.Publish;
    private const int PubRec = WirePacket.PubRec;
    private const int PubRel = WirePacket.PubRel;
    private const int PubComp = WirePacket.PubComp;

    private readonly WireRecord _record = new();
    private int _connection;
    private int _time;

    [Fact]
    public void Publisher_that_goes_on_where_it_was_cut_has_no_fault()
    {
        Connect("a");
        ToBroker(Publish, id: 1, number: 11);
        ToBroker(Publish, id: 2, number: 13);
        FromBroker(PubRec, id: 1);
        ToBroker(PubRel, id: 1);
        Connect("a");
        ToBroker(PubRel, id: 1);
        ToBroker(Publish, id: 2, number: 13);
        ToBroker(Publish, id: 3, number: 15);
        FromBroker(PubComp, id: 1);
        FromBroker(PubRec, id: 2);
        ToBroker(PubRel, id: 2);

        _record.PublisherFaults("a").Should().BeEmpty();
    }

    [Fact]
    public void Publisher_that_releases_in_another_order_is_at_fault()
    {
        Connect("a");
        ToBroker(Publish, id: 1, number: 11);
        ToBroker(Publish, id: 2, number: 13);
        ToBroker(PubRel, id: 2);
        ToBroker(PubRel, id: 1);

        _record.PublisherFaults("a").Should().ContainSingle().Which.Should().StartWith("PUBREL: 11 left at 0.005");
    }

    [Theory]
    [InlineData(1, "PUBLISH of QoS 1")]
    [InlineData(2, "PUBLISH of QoS 2")]
    public void Publisher_that_sends_a_new_message_before_it_has_repeated_the_last_one_is_at_fault(
        int quality, string name)
    {
        Connect("a");
        ToBroker(Publish, id: 1, number: 11, quality);
        Connect("a");
        ToBroker(Publish, id: 2, number: 13, quality);
        ToBroker(Publish, id: 1, number: 11, quality);

        _record.PublisherFaults("a").Should().ContainSingle().Which.Should()
            .StartWith(name).And.Contain("before 11");
    }

    [Fact]
    public void Publisher_that_publishes_what_it_has_released_is_at_fault()
    {
        Connect("a");
        ToBroker(Publish, id: 1, number: 11);
        FromBroker(PubRec, id: 1);
        ToBroker(PubRel, id: 1);
        Connect("a");
        ToBroker(Publish, id: 1, number: 11);

        _record.PublisherFaults("a").Should().Contain("The publisher began the flow of 11 again.");
    }

    [Fact]
    public void Subscriber_that_delivers_what_came_when_it_came_has_no_fault()
    {
        Connect("s");
        FromBroker(Publish, id: 1, number: 11);
        FromBroker(Publish, id: 2, number: 19); // The broker lets it overtake.
        FromBroker(Publish, id: 3, number: 13);
        Connect("s"); // 13 was lost.
        FromBroker(Publish, id: 2, number: 19);
        FromBroker(Publish, id: 3, number: 13);
        FromBroker(PubRel, id: 3);
        FromBroker(Publish, id: 3, number: 13); // A second flow.

        _record.SubscriberFaults("s", quality: 2, [11, 19, 13]).Should().BeEmpty();
        _record.SubscriberFaults("s", quality: 2, [11, 19, 13, 13]).Should().BeEmpty();
    }

    [Theory]
    [InlineData(11, 13, 19)]
    [InlineData(13, 11, 19)]
    [InlineData(19, 11, 13)]
    public void Subscriber_that_delivers_in_another_order_than_was_sent_is_at_fault(long first, long second, long third)
    {
        Connect("s");
        FromBroker(Publish, id: 1, number: 11);
        FromBroker(Publish, id: 2, number: 19);
        FromBroker(Publish, id: 3, number: 13);

        _record.SubscriberFaults("s", quality: 2, [first, second, third]).Should().ContainSingle()
            .Which.Should().Contain("the broker did not send");
    }

    [Fact]
    public void Subscriber_that_delivers_a_repetition_of_QoS_2_is_at_fault()
    {
        Connect("s");
        FromBroker(Publish, id: 1, number: 11);
        Connect("s");
        FromBroker(Publish, id: 1, number: 11);

        _record.SubscriberFaults("s", quality: 2, [11, 11]).Should()
            .Equal("'s' delivered 11 2 times; the broker began its flow 1 times.");
    }

    [Fact]
    public void Former_connection_does_not_count_once_there_is_a_new_one()
    {
        Connect("s");
        var former = _connection;
        Connect("s");
        FromBroker(Publish, id: 1, number: 11);
        _connection = former;
        FromBroker(Publish, id: 2, number: 13);

        _record.SubscriberFaults("s", quality: 2, [11, 13]).Should().HaveCount(2)
            .And.ContainMatch("*the broker did not send 13 in that place.")
            .And.ContainMatch("*delivered 13 1 times; the broker began its flow 0 times.");
    }

    [Fact]
    public void Overtaking_of_the_broker_is_told_with_the_times()
    {
        Connect("a");
        ToBroker(Publish, id: 1, number: 11);
        ToBroker(Publish, id: 2, number: 13);
        Connect("s");
        FromBroker(Publish, id: 1, number: 13);
        FromBroker(Publish, id: 2, number: 11);

        _record.Overtakings("s", quality: 2, "a").Should().Equal(
            "The broker sent 11 (taken at 0.002) to 's' at 0.006, behind 13 (taken at 0.003, sent at 0.005).");
    }

    [Fact]
    public void Packets_are_read_as_MQTT_5_has_them()
    {
        // CONNECT with a Session Expiry Interval and the identifier "ab"; PUBLISH with an alias and without a topic.
        byte[] connect = [0, 4, .. "MQTT"u8, 5, 2, 0, 60, 5, 0x11, 0, 0, 0, 9, 0, 2, .. "ab"u8];
        byte[] publish = [0, 0, 0, 7, 3, 0x23, 0, 1, .. "4711"u8];

        WirePacket.Read(0x10, connect, default, 1, isToBroker: true)!.ClientId.Should().Be("ab");
        var packet = WirePacket.Read(0x3c, publish, default, 1, isToBroker: true)!;
        (packet.Quality, packet.PacketId, packet.Number).Should().Be((2, (ushort)7, 4711));
        WirePacket.Read(0x62, [0, 7], default, 1, isToBroker: true)!.Type.Should().Be(PubRel);
    }

    private void Connect(string clientId)
    {
        _connection++;
        Add(WirePacket.Connect, 0, 0, 0, isToBroker: true, clientId);
    }

    private void ToBroker(int type, ushort id, long number = 0, int quality = 2) =>
        Add(type, id, number, quality, isToBroker: true, clientId: null);

    private void FromBroker(int type, ushort id, long number = 0, int quality = 2) =>
        Add(type, id, number, quality, isToBroker: false, clientId: null);

    private void Add(int type, ushort id, long number, int quality, bool isToBroker, string? clientId) =>
        _record.Add(new WirePacket(
            TimeSpan.FromMilliseconds(++_time), _connection, isToBroker, type, quality, id, number, clientId));
}
