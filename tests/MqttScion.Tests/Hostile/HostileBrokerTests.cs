using MqttScion.Mqtt;
using MqttScion.Tests.Support;

namespace MqttScion.Tests.Hostile;

/// <summary>
/// What the client answers to a broker that breaks the rules, what <c>ConnectionStates</c> says of it, and that it
/// comes back with its publishes. The bytes go through the proxy.
/// </summary>
public sealed class HostileBrokerTests(HostileWorld world) : IClassFixture<HostileWorld>
{
    private const MqttDisconnectReasonCode Malformed = MqttDisconnectReasonCode.MalformedPacket;
    private const MqttDisconnectReasonCode Protocol = MqttDisconnectReasonCode.ProtocolError;
    private const string PacketEnds = "§2.1.4";

    // A message that the client takes, on which it shows that it is well.
    private const string Probe = "320A" + "0004" + "696E2F70" + "03E7" + "00" + "78";
    private const ushort ProbeId = 0x03E7;

    // in/hold at QoS 1 and 2, which the client does not acknowledge.
    private const string Hold1 = "320C" + "0007" + "696E2F686F6C64" + "0005" + "00";
    private const string Hold2 = "340C" + "0007" + "696E2F686F6C64" + "0006" + "00";

    [Theory]
    // Flags of the fixed header, for each type.
    [InlineData("2103000000", Protocol, "MQTT-3.2.0-2")]
    [InlineData("4102000900", Malformed, "MQTT-2.1.3-1")]
    [InlineData("5102000900", Malformed, "MQTT-2.1.3-1")]
    [InlineData("60020009", Malformed, "MQTT-3.6.1-1")]
    [InlineData("71020009", Malformed, "MQTT-2.1.3-1")]
    [InlineData("910400090000", Malformed, "MQTT-2.1.3-1")]
    [InlineData("B10400090000", Malformed, "MQTT-2.1.3-1")]
    [InlineData("D100", Malformed, "MQTT-2.1.3-1")]
    [InlineData("E100", Malformed, "MQTT-3.14.1-1")]
    // Packets that a server must not send, and reserved ones.
    [InlineData("0000", Malformed, "§2.1.2")]
    [InlineData("100D00044D5154540502000A000000", Protocol, "§2.1.2")]
    [InlineData("820700010000016100", Protocol, "§2.1.2")]
    [InlineData("A206000100000161", Protocol, "§2.1.2")]
    [InlineData("C000", Protocol, "§2.1.2")]
    [InlineData("F000", Protocol, "MQTT-4.12.0-6")]
    // The connection.
    [InlineData("2003000000", Protocol, "MQTT-3.2.0-2")]
    [InlineData("2003008700", Protocol, "MQTT-3.2.0-2")]
    [InlineData("E00104", Protocol, "MQTT-3.14.2-1")]
    [InlineData("E00700051100000000", Protocol, "MQTT-3.14.2-2")]
    [InlineData("D00100", Malformed, PacketEnds)]
    // Lengths.
    [InlineData("30FFFFFFFF7F", Malformed, "§1.5.5")]
    [InlineData("30CC08", MqttDisconnectReasonCode.PacketTooLarge, "MQTT-3.1.2-24")]
    [InlineData("40FFFFFF7F", MqttDisconnectReasonCode.PacketTooLarge, "MQTT-3.1.2-24")]
    [InlineData("408200000900", Malformed, "MQTT-1.5.5-1")]
    // PUBLISH: QoS 3, topic, alias, identifier, properties.
    [InlineData("360400016100", Malformed, "MQTT-3.3.1-4")]
    [InlineData("30050002612B00", MqttDisconnectReasonCode.TopicNameInvalid, "MQTT-3.3.2-2")]
    [InlineData("300500022F2300", MqttDisconnectReasonCode.TopicNameInvalid, "MQTT-3.3.2-2")]
    [InlineData("300400010000", Malformed, "MQTT-1.5.4-2")]
    [InlineData("30050002C3C300", Malformed, "MQTT-1.5.4-1")]
    [InlineData("30060003EDA08000", Malformed, "MQTT-1.5.4-1")]
    [InlineData("3003000000", Protocol, "§3.3.2.1")]
    [InlineData("300700016103230000", MqttDisconnectReasonCode.TopicAliasInvalid, "MQTT-3.3.2-8")]
    [InlineData("300700016103230003", MqttDisconnectReasonCode.TopicAliasInvalid, "MQTT-3.1.2-26")]
    [InlineData("3006000003230001", Protocol, "§3.3.2.1")]
    [InlineData("320500016100" + "0000", Protocol, "MQTT-2.2.1-")]
    [InlineData("3006000161020B00", Protocol, "§2.2.2.2")]
    [InlineData("300800016104" + "01000100", Protocol, "§2.2.2.2")]
    [InlineData("300A000161062600000000", Malformed, PacketEnds)]
    [InlineData("30060001610211AA", Malformed, "§2.2.2.2")]
    [InlineData("30060001610207AA", Malformed, "§2.2.2.2")]
    [InlineData(Hold1 + Hold1, Protocol, "MQTT-2.2.1-4")]
    [InlineData(Hold2 + Hold2, Protocol, "MQTT-2.2.1-4")]
    // Acknowledgements of what is not, or of another kind; %1 and %2 are the publishes at QoS 1 and 2.
    [InlineData("40020009", Protocol, "§4.3")]
    [InlineData("40020000", Protocol, "MQTT-2.2.1-3")]
    [InlineData("4002%2", Protocol, "§4.3")]
    [InlineData("70020009", Protocol, "§4.3")]
    [InlineData("7002%1", Protocol, "§4.3")]
    [InlineData("7002%2", Protocol, "§4.3")]
    [InlineData("4003%101", Protocol, "§2.4")]
    [InlineData("90040009" + "0000", Protocol, "MQTT-3.9.3-1")]
    [InlineData("B0040009" + "0000", Protocol, "MQTT-3.9.3-1")]
    [InlineData("9004%10000", Protocol, "MQTT-3.9.3-1")]
    public async Task Broken_rule_is_answered_with_its_code_and_named(
        string hex, MqttDisconnectReasonCode code, string rule)
    {
        using var connection = await world.ConnectAsync();

        await connection.SendBytesAsync(Bytes(hex));

        await ExpectDisconnectAsync(connection, code);
        ExpectEnd(await world.CauseAsync(), code, rule);
        world.LetGo();
    }

    [Theory]
    [InlineData("300900016105260000" + "0000", 0)]
    [InlineData("30050002" + "7A7A" + "00", 0)]
    [InlineData("30070002" + "7A7A" + "00" + "3A3A", 0)]
    [InlineData("62020009", 7)]
    [InlineData("50020009", 6)]
    [InlineData("5002%1", 6)]
    [InlineData("D000D000", 0)]
    public async Task Strange_but_legal_packet_is_answered_and_the_connection_lives(string hex, int answer)
    {
        using var connection = await world.ConnectAsync();

        await connection.SendBytesAsync(Bytes(hex));

        if (answer > 0)
        {
            var ack = await connection.ReadAsync<MqttAckPacket>();
            ack.Type.Should().Be((MqttPacketType)answer);
            ack.ReasonCode.Should().Be((byte)MqttClientPublishReasonCode.PacketIdentifierNotFound);
        }
        await ExpectWellAsync(connection);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Message_for_no_subscription_is_reported_and_acknowledged(int qos)
    {
        using var connection = await world.ConnectAsync();
        while (world.Dropped.TryRead(out _))
        {
            // Of the tests before.
        }

        await connection.SendPublishAsync("nobody", packetId: 77, qos);

        (await world.Dropped.NextAsync()).Should().Match<MessageDropped>(
            d => d.Reason == MessageDropReason.NoSubscription && d.Topic == "nobody");
        if (qos > 0)
        {
            await connection.ReadAckAsync(qos == 1 ? MqttPacketType.PubAck : MqttPacketType.PubRec, 77);
        }
        await ExpectWellAsync(connection);
    }

    [Theory]
    [InlineData("2003000000")]
    [InlineData("32100004696E2F7003E706" + "0100" + "08000172" + "78")]
    [InlineData("4006000900" + "021F00")]
    [InlineData("5004000900" + "00")]
    [InlineData("6204000900" + "00")]
    [InlineData("7004000900" + "00")]
    [InlineData("90040009" + "0000")]
    [InlineData("B0040009" + "0000")]
    [InlineData("D000")]
    [InlineData("E0088B" + "06" + "1F0003627965")]
    [InlineData("F00718" + "05" + "15000264" + "64")]
    public async Task Packet_that_the_end_of_the_stream_cuts_is_no_packet(string hex)
    {
        var bytes = Bytes(hex);
        var isConnAck = bytes.Span[0] >> 4 == (int)MqttPacketType.ConnAck;
        for (var length = 1; length < bytes.Length; length++)
        {
            using var connection = isConnAck
                ? await world.AcceptAsync()
                : await world.ConnectAsync();
            world.ForgetStates();

            await connection.SendBytesAsync(bytes[..length]);
            connection.Dispose();

            (await world.CauseAsync()).Should().BeOfType<QuicConnectionException>($"cut after {length} bytes")
                .Which.Close.ErrorCode.Should().Be(ProxyErrorCodes.BrokerConnectionLost);
        }
    }

    [Theory]
    // The lengths of the body at which the packet is a whole one; of the others it lacks something.
    [InlineData("320D0004696E2F7003E702" + "0101" + "7878", "11,12,13")]
    [InlineData("5004000900" + "00", "2,3,4")]
    [InlineData("6204000900" + "00", "2,3,4")]
    public async Task Packet_whose_length_says_too_little_is_malformed(string hex, string whole)
    {
        var bytes = Bytes(hex);
        var legal = whole.Split(',').Select(int.Parse).ToHashSet();
        for (var length = 0; length < bytes.Length - 2; length++)
        {
            using var connection = await world.ConnectAsync();
            byte[] cut = [bytes.Span[0], (byte)length, .. bytes.Span[2..(2 + length)]];

            await connection.SendBytesAsync(cut);

            if (legal.Contains(length))
            {
                await connection.ReadAsync<MqttAckPacket>();
                await ExpectWellAsync(connection);
                continue;
            }
            await ExpectDisconnectAsync(connection, Malformed);
            ExpectEnd(await world.CauseAsync(), Malformed, PacketEnds);
        }
    }

    [Theory]
    [InlineData("D000", Protocol, "MQTT-3.2.0-1")]
    [InlineData("300500027A7A00", Protocol, "MQTT-3.2.0-1")]
    [InlineData("E00182", Protocol, "MQTT-3.2.0-1")]
    [InlineData("2003020000", Malformed, "MQTT-3.2.2-1")]
    [InlineData("20020000", Malformed, PacketEnds)]
    [InlineData("2003000100", Protocol, "§2.4")]
    [InlineData("2006000003210000", Protocol, "§2.2.2.2")]
    [InlineData("2009000006" + "220001" + "220001", Protocol, "§2.2.2.2")]
    [InlineData("20050000022402", Protocol, "§2.2.2.2")]
    public async Task Broken_rule_instead_of_a_CONNACK_fails_the_attempt(
        string hex, MqttDisconnectReasonCode code, string rule)
    {
        using var connection = await world.AcceptAsync();
        world.ForgetStates();

        await connection.SendBytesAsync(Bytes(hex));

        await ExpectDisconnectAsync(connection, code);
        ExpectEnd(await world.CauseAsync(), code, rule);
    }

    [Theory]
    [MemberData(nameof(CodesOfServers))]
    public async Task DISCONNECT_is_quoted_and_the_client_comes_back(MqttDisconnectReasonCode code)
    {
        using var connection = await world.ConnectAsync();

        await connection.SendBytesAsync(new byte[] { 0xE0, 0x01, (byte)code });

        var ended = (await world.CauseAsync()).Should().BeOfType<MqttSessionEndedException>().Which;
        ended.End.Cause.Should().Be(MqttSessionEndCause.DisconnectedByServer);
        ended.ReasonCode.Should().Be(code);
        ended.Message.Should().Contain($"{code}").And.Contain($"0x{(int)code:x2}");
    }

    /// <summary>Those that a server may send and that are no refusal of the client's credentials.</summary>
    public static TheoryData<MqttDisconnectReasonCode> CodesOfServers => [.. Enum.GetValues<MqttDisconnectReasonCode>()
        .Except([
            MqttDisconnectReasonCode.DisconnectWithWillMessage, MqttDisconnectReasonCode.NotAuthorized,
            MqttDisconnectReasonCode.BadAuthenticationMethod])];

    private static async Task ExpectDisconnectAsync(ScriptedConnection connection, MqttDisconnectReasonCode code) =>
        (await connection.ReadAsync<MqttDisconnectPacket>()).ReasonCode.Should().Be((byte)code);

    private static void ExpectEnd(Exception cause, MqttDisconnectReasonCode code, string rule)
    {
        var ended = cause.Should().BeOfType<MqttSessionEndedException>().Which;
        ended.End.Cause.Should().Be(
            code == Malformed ? MqttSessionEndCause.MalformedPacket : MqttSessionEndCause.ProtocolError);
        ended.ReasonCode.Should().Be(code);
        ended.Message.Should().MatchRegex(@"\[MQTT-\d|§\d").And.Contain(rule);
    }

    private static async Task ExpectWellAsync(ScriptedConnection connection)
    {
        await connection.SendBytesAsync(Convert.FromHexString(Probe));
        await connection.ReadAckAsync(MqttPacketType.PubAck, ProbeId);
    }

    private ReadOnlyMemory<byte> Bytes(string hex) => Convert.FromHexString(
        hex.Replace("%1", $"{world.Pending.First:X4}").Replace("%2", $"{world.Pending.Second:X4}"));
}
