namespace MqttScion.Mqtt.Tests;

/// <summary>What the session answers to a server that breaks the rules. In flight are: publish 1 (QoS 1), subscribe 2,
/// publish 3 (QoS 2), unsubscribe 4; received and not acknowledged: 5 (QoS 1) and 6 (QoS 2).</summary>
public class MisbehavingServerTests
{
    private const MqttDisconnectReasonCode Malformed = MqttDisconnectReasonCode.MalformedPacket;
    private const MqttDisconnectReasonCode Protocol = MqttDisconnectReasonCode.ProtocolError;

    public static TheoryData<byte> ServerPacketTypes => [0x20, 0x30, 0x40, 0x50, 0x62, 0x70, 0x90, 0xb0, 0xe0, 0xf0];

    [Theory]
    // Packets that only a client sends, and reserved ones.
    [InlineData("0000", Malformed)]
    [InlineData("100D00044D5154540502000A000000", Protocol)]
    [InlineData("8207000100" + "000161" + "00", Protocol)]
    [InlineData("A206000100" + "000161", Protocol)]
    [InlineData("C000", Protocol)]
    [InlineData("F000", Protocol)]
    // Connection.
    [InlineData("2003000000", Protocol)]
    [InlineData("2003008700", Protocol)]
    [InlineData("E00104", Protocol)]
    [InlineData("E00700" + "05" + "1100000000", Protocol)]
    [InlineData("D00100", Malformed)]
    // Sizes.
    [InlineData("30FFFFFFFF7F", Malformed)]
    [InlineData("30E907", MqttDisconnectReasonCode.PacketTooLarge)]
    [InlineData("40FFFFFF7F", MqttDisconnectReasonCode.PacketTooLarge)]
    // PUBLISH.
    [InlineData("3604000161" + "00", Malformed)]
    [InlineData("30050002" + "612B" + "00", MqttDisconnectReasonCode.TopicNameInvalid)]
    [InlineData("30050002" + "2F23" + "00", MqttDisconnectReasonCode.TopicNameInvalid)]
    [InlineData("30050002" + "C3C3" + "00", Malformed)]
    [InlineData("30040001" + "00" + "00", Malformed)]
    [InlineData("3003000000", Protocol)]
    [InlineData("3007000161" + "03230000", MqttDisconnectReasonCode.TopicAliasInvalid)]
    [InlineData("3007000161" + "03230003", MqttDisconnectReasonCode.TopicAliasInvalid)]
    [InlineData("30060000" + "03230001", Protocol)]
    [InlineData("3206000161" + "0005" + "00", Protocol)]
    [InlineData("3406000161" + "0005" + "00", Protocol)]
    [InlineData("3A06000161" + "0005" + "00", Protocol)]
    [InlineData("3C06000161" + "0006" + "00", Protocol)]
    [InlineData("3206000161" + "0007" + "00" + "3206000161" + "0008" + "00",
        MqttDisconnectReasonCode.ReceiveMaximumExceeded)]
    // Acknowledgements of what is not, or is something else.
    [InlineData("40020000", Protocol)]
    [InlineData("40020009", Protocol)]
    [InlineData("40020002", Protocol)]
    [InlineData("40020003", Protocol)]
    [InlineData("40020001" + "40020001", Protocol)]
    [InlineData("70020009", Protocol)]
    [InlineData("70020003", Protocol)]
    [InlineData("70020001", Protocol)]
    [InlineData("50020003" + "5003000387", Protocol)]
    [InlineData("4003000101", Protocol)]
    [InlineData("4105000100" + "0000", Malformed)]
    [InlineData("9004000200" + "03", Protocol)]
    [InlineData("9005000200" + "0000", Protocol)]
    [InlineData("9003000200", Protocol)]
    [InlineData("9004000100" + "00", Protocol)]
    [InlineData("9004000400" + "00", Protocol)]
    [InlineData("B004000200" + "00", Protocol)]
    [InlineData("B003000400", Protocol)]
    [InlineData("9004000200" + "00" + "9004000200" + "00", Protocol)]
    public void Broken_rule_ends_the_session_with_its_reason_code(string hex, MqttDisconnectReasonCode code)
    {
        var server = InTheMiddle();

        server.SayHex(hex);

        server.CheckFailed(
            code == Malformed ? MqttSessionEndCause.MalformedPacket : MqttSessionEndCause.ProtocolError, code, " ");
        server.Session.TakeInflight().Publishes.Should().NotBeEmpty();
    }

    [Theory]
    // Harmless: for no subscription, unknown identifiers while recovering, empty or many user properties.
    [InlineData("3009000161" + "052600000000")]
    [InlineData("30050002" + "7A7A" + "00")]
    [InlineData("50020009")]
    [InlineData("62020009")]
    [InlineData("50020003" + "50020003")]
    [InlineData("D000D000")]
    public void Strange_but_legal_packets_are_taken(string hex)
    {
        var server = InTheMiddle();

        server.SayHex(hex);

        server.Session.State.Should().Be(MqttSessionState.Connected);
    }

    [Theory]
    [MemberData(nameof(ServerPacketTypes))]
    public void Property_that_is_not_allowed_is_malformed_and_a_second_one_a_protocol_error(byte header)
    {
        var scope = ScopeOf(header);
        for (byte id = 0; id < 128; id++)
        {
            var kind = MqttPropertyTable.KindOf((MqttPropertyId)id);
            var isAllowed = kind != MqttPropertyKind.Unknown
                && (MqttPropertyTable.ScopeOf((MqttPropertyId)id) & scope) != 0;
            byte[] property = [id, .. ValueOf(kind)];
            FaultOf(header, property).Should().Be(isAllowed ? null : Malformed, $"property {id} in {scope}");
            var mayRepeat = (MqttPropertyId)id == MqttPropertyId.UserProperty
                || ((MqttPropertyId)id == MqttPropertyId.SubscriptionIdentifier && header == 0x30);
            if (isAllowed && !mayRepeat)
            {
                FaultOf(header, [.. property, .. property]).Should().Be(Protocol, $"property {id} twice in {scope}");
            }
        }
    }

    [Fact]
    public void Packet_cut_short_anywhere_is_answered_or_taken_but_never_throws()
    {
        foreach (var bytes in PacketSamples.All().Select(AnyPacket.Write).Where(b => b.Length < 1000))
        {
            _ = MqttFrame.TryRead(bytes, int.MaxValue, out var frame, out _, out _);
            for (var length = 0; length < frame.Body.Length; length++)
            {
                var server = InTheMiddle();
                byte[] header = length < 128
                    ? [bytes[0], (byte)length]
                    : [bytes[0], (byte)(length % 128 | 128), (byte)(length / 128)];
                server.Session.Receive(header, server.Now);
                server.Session.Receive(frame.Body[..length], server.Now);
                if (server.Session.End is { Cause: not MqttSessionEndCause.DisconnectedByServer } end)
                {
                    server.CheckFailed(end.Cause, end.ReasonCode, " ");
                }
            }
        }
    }

    [Fact]
    public void Server_that_never_ends_a_packet_is_noticed()
    {
        var server = InTheMiddle();
        server.SayHex("30FF06" + "0001");
        server.Advance(TimeSpan.FromSeconds(25));
        server.CheckFailed(
            MqttSessionEndCause.PingTimeout, MqttDisconnectReasonCode.KeepAliveTimeout, "after PINGREQ");
    }

    private static ScriptedServer InTheMiddle()
    {
        var server = ScriptedServer.Connected(
            options: new() { MaximumPacketSize = 1000, TopicAliasMaximum = 2, ReceiveMaximum = 3 });
        server.Publish("t", qos: 1);
        server.Session.Subscribe(["a"], null, server.Now);
        server.Publish("t", qos: 2);
        server.Session.Unsubscribe(["a"], server.Now);
        server.SayPublish("in", packetId: 5, qos: 1);
        server.SayPublish("in", packetId: 6, qos: 2);
        server.Events();
        server.Sent();
        return server;
    }

    private static MqttPropertyScope ScopeOf(byte header) => (MqttPacketType)(header >> 4) switch
    {
        MqttPacketType.ConnAck => MqttPropertyScope.ConnAck,
        MqttPacketType.Publish => MqttPropertyScope.Publish,
        MqttPacketType.SubAck or MqttPacketType.UnsubAck => MqttPropertyScope.SubAcks,
        MqttPacketType.Disconnect => MqttPropertyScope.Disconnect,
        MqttPacketType.Auth => MqttPropertyScope.Auth,
        _ => MqttPropertyScope.PubAcks,
    };

    private static byte[] ValueOf(MqttPropertyKind kind) => kind switch
    {
        MqttPropertyKind.Bool or MqttPropertyKind.NonZeroVarInt => [1],
        MqttPropertyKind.UInt16 or MqttPropertyKind.NonZeroUInt16 => [0, 1],
        MqttPropertyKind.UInt32 or MqttPropertyKind.NonZeroUInt32 => [0, 0, 0, 1],
        MqttPropertyKind.Text => [0, 1, (byte)'a'],
        MqttPropertyKind.Binary => [0, 1, 255],
        MqttPropertyKind.TextPair => [0, 0, 0, 0],
        _ => [0],
    };

    /// <summary>The fault of a packet of this type that is right but for its properties; null when there is
    /// none.</summary>
    private static MqttDisconnectReasonCode? FaultOf(byte header, byte[] properties)
    {
        // Authentication Data needs its method beside it.
        byte[] method = header is 0x20 or 0xf0 && properties[0] == 22 ? [21, 0, 1, (byte)'s'] : [];
        byte[] start = (header >> 4) switch
        {
            2 => [0, 0],
            3 => [0, 1, (byte)'a'],
            9 or 11 => [0, 1],
            14 => [0],
            15 => [0x18],
            _ => [0, 1, 0],
        };
        byte[] end = header is 0x90 or 0xb0 ? [0] : [];
        byte[] body = [.. start, (byte)(method.Length + properties.Length), .. method, .. properties, .. end];
        return AnyPacket.TryRead(new MqttFrame(header, body), out _, out var fault) ? null : fault.ReasonCode;
    }
}
