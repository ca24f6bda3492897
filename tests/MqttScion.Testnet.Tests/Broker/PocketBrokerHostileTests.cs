using System.IO.Pipelines;
using MqttScion.Mqtt;
using MqttScion.Mqtt.Tests;

namespace MqttScion.Testnet.Tests;

/// <summary>Clients that send what they must not. A broker that throws fails the test when it is disposed of.</summary>
public class PocketBrokerHostileTests
{
    /// <summary>Whole packets after CONNECT, and what the broker says to them at last.</summary>
    public static TheoryData<string, string, string> Violations => new()
    {
        { "[MQTT-3.1.0-2] second CONNECT", "100E" + "00044D515454" + "05020000" + "00" + "000163", "82" },
        { "CONNACK from a client", "2003" + "000000", "82" },
        { "SUBACK from a client", "9004" + "00010000", "82" },
        { "UNSUBACK from a client", "B004" + "00010000", "82" },
        { "PINGRESP from a client", "D000", "82" },
        { "§2.1.2 type 0", "0000", "81" },
        { "[MQTT-1.5.5-1] length of five bytes", "30FFFFFFFF01", "81" },
        { "[MQTT-3.3.1-4] QoS 3", "3606" + "000161" + "0001" + "00", "81" },
        { "[MQTT-3.3.1-2] DUP with QoS 0", "3804" + "000161" + "00", "82" },
        { "[MQTT-2.2.1-3] packet identifier 0", "3206" + "000161" + "0000" + "00", "82" },
        { "[MQTT-3.3.2-2] wildcard in a topic name", "3004" + "000123" + "00", "90" },
        { "[MQTT-1.5.4-1] topic is not UTF-8", "3004" + "0001C3" + "00", "81" },
        { "[MQTT-1.5.4-2] U+0000 in a topic", "3004" + "000100" + "00", "81" },
        { "§3.3.2.1 neither topic nor alias", "3003" + "0000" + "00", "82" },
        { "§3.3.2.3.4 unknown alias", "3006" + "0000" + "03230001", "82" },
        { "[MQTT-3.3.2-8] alias 0", "3007" + "000161" + "03230000", "94" },
        { "[MQTT-3.2.2-17] alias above the maximum", "3007" + "000161" + "0323000B", "94" },
        { "[MQTT-3.3.4-6] subscription identifier", "3006" + "000161" + "020B01", "82" },
        { "§2.2.2.2 property of another packet", "3009" + "000161" + "051100000001", "81" },
        { "§2.2.2.2 unknown property", "3005" + "000161" + "01" + "7F", "81" },
        { "§2.2.2.2 property twice", "3008" + "000161" + "0401000100", "82" },
        { "§3.3.2.3.2 format indicator 2", "3006" + "000161" + "020102", "82" },
        { "[MQTT-3.3.2-14] wildcard in a response topic", "3008" + "000161" + "0408000123", "82" },
        { "§2.2.2 properties longer than the packet", "3004" + "000161" + "09", "81" },
        { "[MQTT-2.1.3-1] flags of PUBACK", "4102" + "0001", "81" },
        { "[MQTT-3.6.1-1] flags of PUBREL", "6002" + "0001", "81" },
        { "§2.4 reason of PUBREL", "6203" + "0001" + "87", "82" },
        { "[MQTT-3.8.1-1] flags of SUBSCRIBE", "8007" + "000100" + "000161" + "00", "81" },
        { "[MQTT-3.8.3-2] SUBSCRIBE without filter", "8203" + "000100", "82" },
        { "[MQTT-3.8.3-5] reserved subscription options", "8207" + "000100" + "000161" + "40", "81" },
        { "§3.8.3.1 subscription of QoS 3", "8207" + "000100" + "000161" + "03", "82" },
        { "§3.8.3.1 retain handling 3", "8207" + "000100" + "000161" + "30", "82" },
        { "[MQTT-3.8.3-4] no local of a share", "8210" + "000100" + "000A" + "2473686172652F672F61" + "04", "82" },
        { "[MQTT-4.8.2-2] share without filter", "820F" + "000100" + "0009" + "2473686172652F672F" + "00", "8F" },
        { "[MQTT-4.7.1-1] wildcard within a level", "8208" + "000100" + "00022361" + "00", "8F" },
        { "[MQTT-4.7.3-1] empty filter", "8206" + "000100" + "0000" + "00", "8F" },
        { "§3.8.2.1.2 subscription identifier 0", "8209" + "0001" + "020B00" + "000161" + "00", "82" },
        { "[MQTT-3.10.1-1] flags of UNSUBSCRIBE", "A006" + "000100" + "000161", "81" },
        { "[MQTT-3.10.3-2] UNSUBSCRIBE without filter", "A203" + "000100", "82" },
        { "[MQTT-2.1.3-1] flags of PINGREQ", "C100", "81" },
        { "PINGREQ with a body", "C00100", "81" },
        { "[MQTT-3.14.1-1] flags of DISCONNECT", "E100", "81" },
        { "§2.4 reason of DISCONNECT", "E001" + "01", "82" },
        { "[MQTT-4.12.0-6] AUTH without a method", "F000", "82" },
        { "[MQTT-3.1.2-24] too large", "30FFFFFF7F", "95" },
    };

    /// <summary>First packets, and the code in CONNACK.</summary>
    public static TheoryData<string, string, string> Openings => new()
    {
        { "[MQTT-3.1.0-1] not CONNECT", "C000", "82" },
        { "[MQTT-3.1.2-1] other protocol", "100E" + "00044D515458" + "05020000" + "00" + "000163", "84" },
        { "[MQTT-3.1.2-2] MQTT 3.1.1", "100D" + "00044D515454" + "04020000" + "000163", "84" },
        { "[MQTT-3.1.2-3] reserved flag", "100E" + "00044D515454" + "05030000" + "00" + "000163", "81" },
        { "[MQTT-3.1.2-11] will flags without will", "100E" + "00044D515454" + "05220000" + "00" + "000163", "81" },
        { "[MQTT-3.1.2-12] will of QoS 3", "1015" + "00044D515454" + "051E0000" + "00" + "000163" + "00000177000178",
            "81" },
        { "[MQTT-3.1.3-11] wildcard in the will topic", "1015" + "00044D515454" + "05060000" + "00" + "000163"
            + "00000123000178", "90" },
        { "§3.1.2.11.3 Receive Maximum 0", "1011" + "00044D515454" + "05020000" + "03210000" + "000163", "82" },
        { "§3.1.2.11.4 Maximum Packet Size 0", "1013" + "00044D515454" + "05020000" + "052700000000" + "000163",
            "82" },
        { "§3.1.2.11.2 expiry twice", "1018" + "00044D515454" + "05020000" + "0A11000000011100000001" + "000163",
            "82" },
        { "§3.1.2.11.10 data without method", "1012" + "00044D515454" + "05020000" + "0416000178" + "000163", "82" },
        { "[MQTT-1.5.4-1] identifier is not UTF-8", "100E" + "00044D515454" + "05020000" + "00" + "0001FF", "81" },
        { "bytes left over", "100F" + "00044D515454" + "05020000" + "00" + "000163" + "00", "81" },
        { "user name is missing", "100E" + "00044D515454" + "05820000" + "00" + "000163", "81" },
    };

    [Theory]
    [MemberData(nameof(Violations))]
    public async Task Violation_is_answered_with_its_reason_code(string rule, string hex, string code)
    {
        await using var broker = await PocketBroker.StartAsync();
        using var client = await RawMqttClient.ConnectAsync(broker, "c");

        await client.SayHexAsync(hex);

        (await client.HearLineAsync()).Should().Be($"DISCONNECT {code}", rule);
        (await client.HearLineAsync()).Should().Be("END");
    }

    [Theory]
    [MemberData(nameof(Openings))]
    public async Task Wrong_opening_is_answered_with_its_reason_code(string rule, string hex, string code)
    {
        await using var broker = await PocketBroker.StartAsync();
        using var client = await RawMqttClient.OpenAsync(broker.EndPoint);

        await client.SayHexAsync(hex);

        (await client.HearLineAsync()).Should().Be($"CONNACK {code}", rule);
        (await client.HearLineAsync()).Should().Be("END");
    }

    [Fact]
    public async Task Every_truncation_of_every_packet_is_survived()
    {
        await using var broker = await PocketBroker.StartAsync();
        foreach (var packet in RichPackets())
        {
            for (var length = 0; length < packet.Length - 2; length++)
            {
                // As a packet that says that it is so short, and as one whose rest does not come.
                byte[] shorter = [packet[0], (byte)length, .. packet.AsSpan(2, length)];
                await SayAndLeaveAsync(broker, isConnected: packet[0] != 0x10, shorter);
                await SayAndLeaveAsync(broker, isConnected: packet[0] != 0x10, packet[..(2 + length)]);
            }
        }

        broker.ConnectedClients.Should().BeEmpty();
    }

    [Fact]
    public async Task Flipped_bits_are_survived()
    {
        await using var broker = await PocketBroker.StartAsync();
        var random = new Random(11);
        foreach (var packet in RichPackets().SelectMany(p => Enumerable.Repeat(p, 40)))
        {
            var broken = packet.ToArray();
            for (var flips = random.Next(1, 4); flips > 0; flips--)
            {
                broken[random.Next(broken.Length)] ^= (byte)(1 << random.Next(8));
            }
            await SayAndLeaveAsync(broker, isConnected: packet[0] != 0x10, broken);
        }

        broker.ConnectedClients.Should().BeEmpty();
    }

    [Fact]
    public async Task Topic_of_many_levels_is_matched_and_a_filter_of_too_many_is_refused()
    {
        await using var broker = await PocketBroker.StartAsync();
        using var client = await RawMqttClient.ConnectAsync(broker, "c");
        var slashes = new string('/', 60_000);

        (await client.SubscribeAsync(slashes)).Should().Equal(0x8f);
        (await client.SubscribeAsync("a/#")).Should().Equal(1);
        await client.PublishAsync($"a{slashes}", "x");

        (await client.HearTextAsync()).Should().Be($"a{slashes}=x");
    }

    [Fact]
    public async Task Client_that_does_not_read_its_answers_is_not_read_from()
    {
        await using var broker = await PocketBroker.StartAsync();
        var (toBroker, toClient) = (new Pipe(), new Pipe());
        var serving = broker.ServeAsync(new PipePair(toBroker.Reader, toClient.Writer));
        await toBroker.Writer.WriteAsync(AnyPacket.Write(new MqttConnectPacket { ClientId = "c" }));
        byte[] pings = [.. Enumerable.Repeat<byte[]>([0xC0, 0], 2048).SelectMany(p => p)];

        var feeding = FeedAsync();
        await Task.WhenAny(feeding, Task.Delay(TimeSpan.FromSeconds(2)));

        feeding.IsCompleted.Should().BeFalse("4 MiB of answers are more than the broker keeps for a client");
        await toClient.Reader.CompleteAsync();
        await broker.DisposeAsync();
        await serving;
        await feeding;

        async Task FeedAsync()
        {
            for (var i = 0; i < 1024 && !(await toBroker.Writer.WriteAsync(pings)).IsCompleted; i++)
            {
            }
        }
    }

    [Fact]
    public async Task Retained_messages_are_bounded_in_number()
    {
        await using var broker = await PocketBroker.StartAsync(
            new PocketBrokerOptions { MaximumRetainedMessages = 2 });

        MqttClientPublishReasonCode[] codes =
        [
            .. new[] { "1", "2", "3", "2" }.Select(
                topic => broker.Publish(RawMqttClient.Message(topic, "x", retain: true))),
        ];

        codes.Should().Equal(MqttClientPublishReasonCode.NoMatchingSubscribers,
            MqttClientPublishReasonCode.NoMatchingSubscribers, MqttClientPublishReasonCode.QuotaExceeded,
            MqttClientPublishReasonCode.NoMatchingSubscribers);
    }

    private sealed record PipePair(PipeReader Input, PipeWriter Output) : IDuplexPipe;

    private static async Task SayAndLeaveAsync(PocketBroker broker, bool isConnected, byte[] bytes)
    {
        using var client = isConnected
            ? await RawMqttClient.ConnectAsync(broker, "c")
            : await RawMqttClient.OpenAsync(broker.EndPoint);
        await client.SayBytesAsync(bytes);
        await client.VanishAsync();
    }

    /// <summary>A packet of each type with all that it may hold; shorter than 128 bytes.</summary>
    private static IEnumerable<byte[]> RichPackets()
    {
        var message = new MqttApplicationMessage
        {
            Topic = "a/b",
            Payload = new byte[] { 1, 2 },
            QualityOfServiceLevel = MqttQualityOfServiceLevel.ExactlyOnce,
            ContentType = "t",
            ResponseTopic = "r",
            CorrelationData = [3],
            MessageExpiryInterval = 5,
            PayloadFormatIndicator = MqttPayloadFormatIndicator.Unspecified,
            UserProperties = [new MqttUserProperty("k", "v")],
        };
        var properties = new MqttProperties();
        properties.Add([new MqttUserProperty("k", "v")]);
        yield return AnyPacket.Write(new MqttConnectPacket
        {
            ClientId = "c",
            UserName = "u",
            Password = [1],
            Will = message,
            WillDelaySeconds = 1,
            Properties = properties,
        });
        yield return AnyPacket.Write(new MqttPublishPacket(message) { PacketId = 7, TopicAlias = 1 });
        foreach (var type in (MqttPacketType[])
            [MqttPacketType.PubAck, MqttPacketType.PubRec, MqttPacketType.PubRel, MqttPacketType.PubComp])
        {
            yield return AnyPacket.Write(new MqttAckPacket(type, 7, 0, properties));
        }
        yield return AnyPacket.Write(new MqttSubscribePacket(7, ["a/+", "$share/g/b"], properties));
        yield return AnyPacket.Write(new MqttUnsubscribePacket(7, ["a/+", "b"], properties));
        yield return AnyPacket.Write(new MqttDisconnectPacket(MqttPacketType.Disconnect, 4, properties));
        yield return AnyPacket.Write(new MqttDisconnectPacket(MqttPacketType.Auth, 0x18, properties));
    }
}
