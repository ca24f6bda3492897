using System.Diagnostics.CodeAnalysis;
using MqttScion.Mqtt;

namespace MqttScion.Testnet.Tests;

/// <summary>Connections of one control stream and several data streams.</summary>
[SuppressMessage("Design", "CA1001", Justification = "xunit disposes it through IAsyncLifetime.")]
public sealed class PocketBrokerStreamTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private PocketBroker _broker = null!;

    public async Task InitializeAsync() => _broker = await PocketBroker.StartAsync();

    public async Task DisposeAsync() => await _broker.DisposeAsync();

    [Fact]
    public async Task Messages_of_a_subscription_leave_on_its_stream_with_its_packet_identifiers()
    {
        var client = await ConnectAsync(dataStreams: 2);
        await client.Data[0].SubscribeAsync("a/#", qos: 1);
        await client.Data[1].SubscribeAsync("b/#", qos: 1);
        await client.Control.SubscribeAsync("c/#", qos: 1);

        foreach (var topic in new[] { "c/1", "b/1", "a/1" })
        {
            _broker.Publish(RawMqttClient.Message(topic, qos: 1)).Should().Be(MqttClientPublishReasonCode.Success);
        }

        var expected = new[] { (client.Data[0], "a/1"), (client.Data[1], "b/1"), (client.Control, "c/1") };
        foreach (var (stream, topic) in expected)
        {
            var publish = await stream.HearAsync<MqttPublishPacket>();
            publish.Message.Topic.Should().Be(topic);
            publish.PacketId.Should().Be(1);
        }
    }

    [Fact]
    public async Task Answers_are_on_the_stream_of_what_they_answer()
    {
        var client = await ConnectAsync(dataStreams: 2);

        await client.Data[1].PublishAsync("t", qos: 1, packetId: 5);
        await client.Data[0].PublishAsync("t", qos: 2, packetId: 5);

        (await client.Data[1].HearAsync<MqttAckPacket>()).Should().Match<MqttAckPacket>(a =>
            a.Type == MqttPacketType.PubAck && a.PacketId == 5);
        (await client.Data[0].HearAsync<MqttAckPacket>()).Type.Should().Be(MqttPacketType.PubRec);
        await client.Data[1].SayAsync(new MqttAckPacket(MqttPacketType.PubRel, 5));
        (await client.Data[1].HearAsync<MqttAckPacket>()).ReasonCode.Should().Be(0x92, "it is open on another stream");
        await client.Data[0].SayAsync(new MqttAckPacket(MqttPacketType.PubRel, 5));
        (await client.Data[0].HearAsync<MqttAckPacket>()).ReasonCode.Should().Be(0);
    }

    [Fact]
    public async Task Data_that_comes_before_the_client_is_accepted_waits()
    {
        var client = new Client(_broker);
        var data = client.Open();
        await data.PublishAsync("t", qos: 1, packetId: 1);
        client.Serve();
        var heard = data.HearAnyAsync();
        heard.IsCompleted.Should().BeFalse();
        _broker.Statistics.Received.Should().Be(0);

        await client.ConnectAsync("c");

        (await heard).Should().BeOfType<MqttAckPacket>();
    }

    [Fact]
    public async Task Data_of_a_client_that_is_refused_is_never_read()
    {
        await using var broker = await PocketBroker.StartAsync(new PocketBrokerOptions
        {
            AuthorizeConnect = _ => MqttClientConnectResultCode.NotAuthorized,
        });
        var client = new Client(broker);
        var data = client.Open();
        await data.PublishAsync("t", qos: 1, packetId: 1);
        client.Serve();

        await client.Control.SayAsync(new MqttConnectPacket { ClientId = "c" });

        (await client.Control.HearAsync<MqttConnAckPacket>()).ReasonCode.Should().Be(
            MqttClientConnectResultCode.NotAuthorized);
        (await data.HearEndAsync()).Should().BeFalse();
        broker.Statistics.Received.Should().Be(0);
    }

    [Fact]
    public async Task Data_stream_that_the_client_finishes_is_answered_and_finished_and_forgotten()
    {
        var client = await ConnectAsync(dataStreams: 2);
        await client.Data[0].SubscribeAsync("t", qos: 1);
        await client.Data[0].PublishAsync("other", qos: 1, packetId: 1);

        await client.Data[0].FinishAsync();

        (await client.Data[0].HearAsync<MqttAckPacket>()).PacketId.Should().Be(1);
        (await client.Data[0].HearEndAsync()).Should().BeTrue();
        await client.Served[0].WaitAsync(Patience);
        _broker.Publish(RawMqttClient.Message("t", qos: 1)).Should().Be(
            MqttClientPublishReasonCode.NoMatchingSubscribers);
        await CheckAliveAsync(client.Control, client.Data[1]);
    }

    [Fact]
    public async Task What_is_in_flight_on_a_data_stream_ends_with_it()
    {
        var client = await ConnectAsync(dataStreams: 1);
        await client.Data[0].SubscribeAsync("t", qos: 1);
        _broker.Publish(RawMqttClient.Message("t", qos: 1));
        await client.Data[0].HearAsync<MqttPublishPacket>();

        _broker.DropDataStreams("c").Should().Be(1);

        (await client.Data[0].HearEndAsync()).Should().BeFalse();
        await client.Served[0].WaitAsync(Patience);
        await CheckAliveAsync(client.Control);
        var next = client.Open();
        await next.SubscribeAsync("t", qos: 1);
        _broker.Publish(RawMqttClient.Message("t", "new", qos: 1));
        (await next.HearAsync<MqttPublishPacket>()).Should().Match<MqttPublishPacket>(p =>
            p.PacketId == 1 && !p.Dup && p.Message.ConvertPayloadToString() == "new");
    }

    [Fact]
    public async Task Control_stream_that_ends_ends_the_data_streams()
    {
        var client = await ConnectAsync(dataStreams: 2);
        await client.Data[0].SubscribeAsync("t");

        await client.Control.FinishAsync();

        (await client.Control.HearEndAsync()).Should().BeTrue();
        (await client.Data[0].HearEndAsync()).Should().BeFalse();
        (await client.Data[1].HearEndAsync()).Should().BeFalse();
        await Task.WhenAll(client.Served).WaitAsync(Patience);
        _broker.ConnectedClients.Should().BeEmpty();
        var late = client.Open();
        (await late.HearEndAsync()).Should().BeFalse();
    }

    [Fact]
    public async Task Client_that_connects_anew_takes_the_data_streams_away_too()
    {
        var former = await ConnectAsync(dataStreams: 1);

        await ConnectAsync(dataStreams: 1);

        (await former.Control.HearAsync<MqttDisconnectPacket>()).ReasonCode.Should().Be(
            (byte)MqttDisconnectReasonCode.SessionTakenOver);
        (await former.Data[0].HearEndAsync()).Should().BeFalse();
    }

    [Theory]
    [InlineData("100E" + "00044D515454" + "05020000" + "00" + "000163", 0x82)]
    [InlineData("2003000000", 0x82)]
    [InlineData("C000", 0x82)]
    [InlineData("D000", 0x82)]
    [InlineData("E000", 0x82)]
    [InlineData("F000", 0x82)]
    [InlineData("9004" + "00010000", 0x82)]
    [InlineData("3606" + "000161" + "0001" + "00", 0x81)]
    public async Task Client_that_breaks_the_rules_of_a_data_stream_is_told_on_the_control_stream(string hex, byte code)
    {
        var client = await ConnectAsync(dataStreams: 2);

        await client.Data[0].SayHexAsync(hex);

        (await client.Control.HearAsync<MqttDisconnectPacket>()).ReasonCode.Should().Be(code);
        await client.Control.HearEndAsync();
        await client.Data[0].HearEndAsync();
        await client.Data[1].HearEndAsync();
    }

    [Fact]
    public async Task Data_streams_are_bounded_in_number()
    {
        await using var broker = await PocketBroker.StartAsync(new PocketBrokerOptions { MaximumDataStreams = 2 });
        var client = new Client(broker);
        client.Serve();
        await client.ConnectAsync("c");
        var (first, second) = (client.Open(), client.Open());
        await CheckAliveAsync(client.Control, first, second);

        var third = client.Open();

        (await third.HearEndAsync()).Should().BeFalse();
        await second.FinishAsync();
        await second.HearEndAsync();
        await client.Served[1].WaitAsync(Patience);
        await CheckAliveAsync(client.Control, client.Open());
    }

    [Fact]
    public async Task Stream_that_is_not_read_holds_no_other_up()
    {
        var client = await ConnectAsync(dataStreams: 2);
        await client.Data[0].SubscribeAsync("a");
        await client.Data[1].SubscribeAsync("b");
        for (var i = 0; i < 100; i++)
        {
            _broker.Publish(RawMqttClient.Message("a", new string('x', 32 * 1024))); // More than a pipe holds.
        }

        _broker.Publish(RawMqttClient.Message("b"));

        (await client.Data[1].HearAsync<MqttPublishPacket>()).Message.Topic.Should().Be("b");
        await CheckAliveAsync(client.Control);
        for (var i = 0; i < 100; i++)
        {
            (await client.Data[0].HearAsync<MqttPublishPacket>()).Message.Topic.Should().Be("a");
        }
    }

    [Fact]
    public async Task No_Local_knows_the_client_on_all_its_streams()
    {
        var client = await ConnectAsync(dataStreams: 2);
        await client.Data[0].SubscribeAsync("t", noLocal: true);

        await client.Data[1].PublishAsync("t", qos: 1, packetId: 1);

        (await client.Data[1].HearAsync<MqttAckPacket>()).ReasonCode.Should().Be(
            (byte)MqttClientPublishReasonCode.NoMatchingSubscribers);
    }

    private async Task<Client> ConnectAsync(int dataStreams)
    {
        var client = new Client(_broker);
        client.Serve();
        await client.ConnectAsync("c");
        for (var i = 0; i < dataStreams; i++)
        {
            client.Open();
        }
        return client;
    }

    private static async Task CheckAliveAsync(MemoryMqttStream control, params MemoryMqttStream[] data)
    {
        await control.SayAsync(MqttPacketType.PingReq);
        (await control.HearAnyAsync()).Should().Be(MqttPacketType.PingResp);
        foreach (var stream in data)
        {
            await stream.PublishAsync("alive", qos: 1, packetId: 99);
            (await stream.HearAsync<MqttAckPacket>()).PacketId.Should().Be(99);
        }
    }

    private sealed class Client(PocketBroker broker)
    {
        private readonly PocketBrokerConnection _connection = broker.OpenConnection();
        private readonly TaskCompletionSource _never = new();

        public MemoryMqttStream Control { get; } = new();

        public List<MemoryMqttStream> Data { get; } = [];

        /// <summary>What serves the data streams.</summary>
        public List<Task> Served { get; } = [];

        public void Serve() => _ = _connection.ServeControlStreamAsync(Control.BrokerSide);

        public MemoryMqttStream Open()
        {
            Data.Add(new MemoryMqttStream());
            Served.Add(_connection.ServeDataStreamAsync(Data[^1].BrokerSide, _never.Task));
            return Data[^1];
        }

        public async Task ConnectAsync(string clientId)
        {
            await Control.SayAsync(new MqttConnectPacket { ClientId = clientId });
            (await Control.HearAsync<MqttConnAckPacket>()).ReasonCode.Should().Be(MqttClientConnectResultCode.Success);
        }
    }
}
