namespace MqttScion.Mqtt.Tests;

public class MalformedPacketTests
{
    [Theory]
    // Fixed header.
    [InlineData("0000", MqttDisconnectReasonCode.MalformedPacket, "§2.1.2")]
    [InlineData("30FFFFFFFF", MqttDisconnectReasonCode.MalformedPacket, "§1.5.5")]
    [InlineData("3080808000", MqttDisconnectReasonCode.MalformedPacket, "[MQTT-1.5.5-1]")]
    [InlineData("C100", MqttDisconnectReasonCode.MalformedPacket, "[MQTT-2.1.3-1]")]
    [InlineData("D001AA", MqttDisconnectReasonCode.MalformedPacket, "left over")]
    [InlineData("41020001", MqttDisconnectReasonCode.MalformedPacket, "[MQTT-2.1.3-1]")]
    [InlineData("60020001", MqttDisconnectReasonCode.MalformedPacket, "[MQTT-3.6.1-1]")]
    // CONNECT.
    [InlineData("100D00044D5154540502000000000161" + "00", MqttDisconnectReasonCode.MalformedPacket, "inside a field")]
    [InlineData("100D00044D5154540503000A000000", MqttDisconnectReasonCode.MalformedPacket, "[MQTT-3.1.2-3]")]
    [InlineData("100D00044D515454051E000A000000", MqttDisconnectReasonCode.MalformedPacket, "[MQTT-3.1.2-12]")]
    [InlineData("100D00044D515454050A000A000000", MqttDisconnectReasonCode.MalformedPacket, "[MQTT-3.1.2-11]")]
    [InlineData("100D00044D5154540402000A000000", (MqttDisconnectReasonCode)0x84, "[MQTT-3.1.2-2]")]
    [InlineData("100D00044D5154580502000A000000", (MqttDisconnectReasonCode)0x84, "[MQTT-3.1.2-2]")]
    [InlineData("101000044D5154540502000A032100000000", MqttDisconnectReasonCode.ProtocolError, "ReceiveMaximum is 0")]
    [InlineData("101200044D5154540502000A0527000000000000", MqttDisconnectReasonCode.ProtocolError, "PacketSize is 0")]
    [InlineData("101300044D5154540502000A06210001210001" + "0000", MqttDisconnectReasonCode.ProtocolError, "twice")]
    [InlineData("100F00044D5154540502000A0217020000", MqttDisconnectReasonCode.ProtocolError, "0 or 1")]
    [InlineData("101200044D5154540502000A0516000201020000", MqttDisconnectReasonCode.ProtocolError, "Method")]
    // CONNACK.
    [InlineData("2003020000", MqttDisconnectReasonCode.MalformedPacket, "[MQTT-3.2.2-1]")]
    [InlineData("2003018700", MqttDisconnectReasonCode.ProtocolError, "[MQTT-3.2.2-6]")]
    [InlineData("2003000100", MqttDisconnectReasonCode.ProtocolError, "§2.4")]
    [InlineData("200500000224" + "02", MqttDisconnectReasonCode.ProtocolError, "MaximumQoS is 2")]
    // PUBLISH.
    [InlineData("3604000161" + "00", MqttDisconnectReasonCode.MalformedPacket, "[MQTT-3.3.1-4]")]
    [InlineData("3804000161" + "00", MqttDisconnectReasonCode.ProtocolError, "[MQTT-3.3.1-2]")]
    [InlineData("3206000161000000", MqttDisconnectReasonCode.ProtocolError, "[MQTT-2.2.1-3]")]
    [InlineData("3003000000", MqttDisconnectReasonCode.ProtocolError, "§3.3.2.1")]
    [InlineData("30040001" + "2B" + "00", MqttDisconnectReasonCode.TopicNameInvalid, "[MQTT-3.3.2-2]")]
    [InlineData("30040001" + "00" + "00", MqttDisconnectReasonCode.MalformedPacket, "[MQTT-1.5.4-2]")]
    [InlineData("30060003" + "EDA080" + "00", MqttDisconnectReasonCode.MalformedPacket, "[MQTT-1.5.4-1]")]
    [InlineData("30050002" + "C080" + "00", MqttDisconnectReasonCode.MalformedPacket, "[MQTT-1.5.4-1]")]
    [InlineData("30040001" + "FF" + "00", MqttDisconnectReasonCode.MalformedPacket, "[MQTT-1.5.4-1]")]
    [InlineData("3007000161" + "03230000", MqttDisconnectReasonCode.TopicAliasInvalid, "[MQTT-3.3.2-8]")]
    [InlineData("3006000161" + "020B00", MqttDisconnectReasonCode.ProtocolError, "SubscriptionIdentifier is 0")]
    [InlineData("3008000161" + "0401000100", MqttDisconnectReasonCode.ProtocolError, "twice")]
    [InlineData("3007000161" + "03210001", MqttDisconnectReasonCode.MalformedPacket, "not allowed")]
    [InlineData("3006000161" + "022A01", MqttDisconnectReasonCode.MalformedPacket, "not allowed")]
    [InlineData("3006000161" + "027F01", MqttDisconnectReasonCode.MalformedPacket, "not allowed")]
    [InlineData("3008000161" + "04080001" + "23", MqttDisconnectReasonCode.ProtocolError, "[MQTT-3.3.2-14]")]
    [InlineData("3004000161" + "05", MqttDisconnectReasonCode.MalformedPacket, "inside a field")]
    // Acknowledgements.
    [InlineData("40020000", MqttDisconnectReasonCode.ProtocolError, "[MQTT-2.2.1-3]")]
    [InlineData("4003000192", MqttDisconnectReasonCode.ProtocolError, "§2.4")]
    [InlineData("6203000197", MqttDisconnectReasonCode.ProtocolError, "§2.4")]
    // SUBSCRIBE and UNSUBSCRIBE.
    [InlineData("8007000100000161" + "01", MqttDisconnectReasonCode.MalformedPacket, "[MQTT-3.8.1-1]")]
    [InlineData("8203000100", MqttDisconnectReasonCode.ProtocolError, "[MQTT-3.8.3-2]")]
    [InlineData("8207000100" + "000161" + "03", MqttDisconnectReasonCode.ProtocolError, "QoS 3")]
    [InlineData("8207000100" + "000161" + "30", MqttDisconnectReasonCode.ProtocolError, "Retain Handling 3")]
    [InlineData("8207000100" + "000161" + "40", MqttDisconnectReasonCode.MalformedPacket, "[MQTT-3.8.3-5]")]
    [InlineData("8208000100" + "00022361" + "00", MqttDisconnectReasonCode.TopicFilterInvalid, "[MQTT-4.7.1-1]")]
    [InlineData("8210000100" + "000A" + "2473686172652F672F61" + "04", MqttDisconnectReasonCode.ProtocolError,
        "[MQTT-3.8.3-4]")]
    [InlineData("820B000104" + "0B010B02" + "000161" + "00", MqttDisconnectReasonCode.ProtocolError, "twice")]
    [InlineData("A006000100" + "000161", MqttDisconnectReasonCode.MalformedPacket, "[MQTT-3.10.1-1]")]
    [InlineData("A203000100", MqttDisconnectReasonCode.ProtocolError, "[MQTT-3.10.3-2]")]
    [InlineData("900400010003", MqttDisconnectReasonCode.ProtocolError, "§2.4")]
    [InlineData("B00400010002", MqttDisconnectReasonCode.ProtocolError, "§2.4")]
    // DISCONNECT and AUTH.
    [InlineData("E100", MqttDisconnectReasonCode.MalformedPacket, "[MQTT-3.14.1-1]")]
    [InlineData("E00101", MqttDisconnectReasonCode.ProtocolError, "§2.4")]
    [InlineData("F100", MqttDisconnectReasonCode.MalformedPacket, "[MQTT-3.15.1-1]")]
    [InlineData("F00118", MqttDisconnectReasonCode.MalformedPacket, "§3.15.2.2.1")]
    public void Packet_that_breaks_a_rule_is_refused_with_its_code(
        string hex, MqttDisconnectReasonCode code, string reasonPart)
    {
        var bytes = Convert.FromHexString(hex);
        var status = MqttFrame.TryRead(bytes, int.MaxValue, out var frame, out _, out var fault);
        if (status != MqttFrameStatus.Refused)
        {
            status.Should().Be(MqttFrameStatus.Packet, "the test data must be a whole packet");
            AnyPacket.TryRead(frame, out _, out fault).Should().BeFalse();
        }

        fault.ReasonCode.Should().Be(code, fault.Reason);
        fault.Reason.Should().Contain(reasonPart);
    }

    [Fact]
    public void Packet_with_too_many_properties_is_refused()
    {
        var body = new List<byte> { 0, 1, (byte)'a' };
        var properties = Enumerable.Repeat(new byte[] { 0x26, 0, 0, 0, 0 }, 5000).SelectMany(p => p).ToArray();
        body.AddRange([(byte)(properties.Length % 128 | 0x80), (byte)(properties.Length / 128 % 128 | 0x80),
            (byte)(properties.Length / 16384)]);
        body.AddRange(properties);

        MqttPacketReader.TryReadPublish(new MqttFrame(0x30, body.ToArray()), out _, out var fault).Should().BeFalse();

        fault.ReasonCode.Should().Be(MqttDisconnectReasonCode.QuotaExceeded);
    }
}
