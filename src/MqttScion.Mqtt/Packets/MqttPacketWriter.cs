using System.Buffers;
using System.Diagnostics;

namespace MqttScion.Mqtt;

/// <summary>Packets to bytes. Each packet is measured first and then written into room of exactly its size.</summary>
/// <remarks>What is written must be well formed: the session and the broker check what users give them.</remarks>
internal sealed class MqttPacketWriter
{
    /// <summary>Reused for each packet, so that writing allocates nothing in the steady state.</summary>
    private readonly MqttProperties _scratch = new();

    /// <summary>The properties that a PUBLISH will be written with. Valid until the next call.</summary>
    public MqttProperties PropertiesOf(in MqttPublishPacket packet)
    {
        _scratch.Clear();
        MqttMessageProperties.Fill(_scratch, packet);
        return _scratch;
    }

    /// <summary>The length in bytes of a whole PUBLISH. Above 268,435,460 it can't be written.</summary>
    public long LengthOf(in MqttPublishPacket packet) => LengthOf(packet, PropertiesOf(packet));

    /// <summary>The same with the properties at hand.</summary>
    public static long LengthOf(in MqttPublishPacket packet, MqttProperties properties) =>
        PacketLength(PublishBodyLength(packet, properties));

    public void Write(IBufferWriter<byte> output, in MqttPublishPacket packet)
    {
        var properties = PropertiesOf(packet);
        var flags = (packet.Dup ? 8 : 0) | (int)packet.QoS << 1 | (packet.Retain ? 1 : 0);
        var writer = Open(output, MqttPacketType.Publish, flags, PublishBodyLength(packet, properties));
        writer.WriteString(TopicOf(packet));
        if (packet.QoS != MqttQualityOfServiceLevel.AtMostOnce)
        {
            writer.WriteUInt16(packet.PacketId);
        }
        properties.Write(ref writer);
        writer.WriteBytes(packet.Message.Payload.Span);
        output.Advance(writer.Length);
    }

    public void Write(IBufferWriter<byte> output, MqttConnectPacket packet)
    {
        var willProperties = new MqttProperties();
        if (packet.Will is { } message)
        {
            MqttMessageProperties.Fill(willProperties, message, message.MessageExpiryInterval);
            if (packet.WillDelaySeconds != 0)
            {
                willProperties.Add(MqttPropertyId.WillDelayInterval, packet.WillDelaySeconds);
            }
        }
        var properties = OrEmpty(packet.Properties);
        var length = 10L + properties.EncodedLength + MqttSpanWriter.StringLength(packet.ClientId)
            + (packet.Will is { } w
                ? willProperties.EncodedLength + MqttSpanWriter.StringLength(w.Topic) + 2 + w.Payload.Length
                : 0)
            + (packet.UserName is { } name ? MqttSpanWriter.StringLength(name) : 0)
            + (packet.Password is { } password ? 2 + password.Length : 0);
        var writer = Open(output, MqttPacketType.Connect, flags: 0, length);
        writer.WriteString("MQTT");
        writer.WriteByte(MqttPacketReader.ProtocolVersion);
        writer.WriteByte(ConnectFlags(packet));
        writer.WriteUInt16(packet.KeepAliveSeconds);
        properties.Write(ref writer);
        writer.WriteString(packet.ClientId);
        if (packet.Will is { } will)
        {
            willProperties.Write(ref writer);
            writer.WriteString(will.Topic);
            writer.WriteBinary(will.Payload.Span);
        }
        if (packet.UserName is { } userName)
        {
            writer.WriteString(userName);
        }
        if (packet.Password is { } secret)
        {
            writer.WriteBinary(secret);
        }
        output.Advance(writer.Length);
    }

    public void Write(IBufferWriter<byte> output, in MqttConnAckPacket packet)
    {
        var properties = OrEmpty(packet.Properties);
        var writer = Open(output, MqttPacketType.ConnAck, flags: 0, 2 + properties.EncodedLength);
        writer.WriteByte(packet.IsSessionPresent ? (byte)1 : (byte)0);
        writer.WriteByte((byte)packet.ReasonCode);
        properties.Write(ref writer);
        output.Advance(writer.Length);
    }

    /// <summary>Writes PUBACK, PUBREC, PUBREL or PUBCOMP in the shortest form.</summary>
    public void Write(IBufferWriter<byte> output, in MqttAckPacket packet)
    {
        var properties = OrEmpty(packet.Properties);
        var length = !properties.IsEmpty ? 3 + properties.EncodedLength : packet.ReasonCode != 0 ? 3 : 2;
        var writer = Open(output, packet.Type, packet.Type == MqttPacketType.PubRel ? 2 : 0, length);
        writer.WriteUInt16(packet.PacketId);
        if (length > 2)
        {
            writer.WriteByte(packet.ReasonCode);
        }
        if (length > 3)
        {
            properties.Write(ref writer);
        }
        output.Advance(writer.Length);
    }

    public void Write(IBufferWriter<byte> output, in MqttSubscribePacket packet)
    {
        var properties = OrEmpty(packet.Properties);
        var writer = Open(output, MqttPacketType.Subscribe, flags: 2,
            2L + properties.EncodedLength + packet.Filters.Sum(f => 1L + MqttSpanWriter.StringLength(f.Topic)));
        writer.WriteUInt16(packet.PacketId);
        properties.Write(ref writer);
        foreach (var filter in packet.Filters)
        {
            writer.WriteString(filter.Topic);
            writer.WriteByte((byte)((int)filter.RetainHandling << 4 | (filter.RetainAsPublished ? 8 : 0)
                | (filter.NoLocal ? 4 : 0) | (int)filter.QualityOfServiceLevel));
        }
        output.Advance(writer.Length);
    }

    public void Write(IBufferWriter<byte> output, in MqttUnsubscribePacket packet)
    {
        var properties = OrEmpty(packet.Properties);
        var writer = Open(output, MqttPacketType.Unsubscribe, flags: 2,
            2L + properties.EncodedLength + packet.Filters.Sum(f => (long)MqttSpanWriter.StringLength(f)));
        writer.WriteUInt16(packet.PacketId);
        properties.Write(ref writer);
        foreach (var filter in packet.Filters)
        {
            writer.WriteString(filter);
        }
        output.Advance(writer.Length);
    }

    /// <summary>Writes SUBACK or UNSUBACK.</summary>
    public void Write(IBufferWriter<byte> output, in MqttSubAckPacket packet)
    {
        var properties = OrEmpty(packet.Properties);
        var writer = Open(output, packet.Type, flags: 0, 2 + properties.EncodedLength + packet.ReasonCodes.Length);
        writer.WriteUInt16(packet.PacketId);
        properties.Write(ref writer);
        writer.WriteBytes(packet.ReasonCodes);
        output.Advance(writer.Length);
    }

    /// <summary>Writes DISCONNECT or AUTH in the shortest form.</summary>
    public void Write(IBufferWriter<byte> output, in MqttDisconnectPacket packet)
    {
        var properties = OrEmpty(packet.Properties);
        var isAuth = packet.Type == MqttPacketType.Auth;
        var length = !properties.IsEmpty || (isAuth && packet.ReasonCode != 0) ? 1 + properties.EncodedLength
            : packet.ReasonCode != 0 ? 1 : 0;
        var writer = Open(output, packet.Type, flags: 0, length);
        if (length > 0)
        {
            writer.WriteByte(packet.ReasonCode);
        }
        if (length > 1)
        {
            properties.Write(ref writer);
        }
        output.Advance(writer.Length);
    }

    /// <summary>Writes PINGREQ or PINGRESP.</summary>
    public static void WritePing(IBufferWriter<byte> output, MqttPacketType type) =>
        output.Advance(Open(output, type, flags: 0, bodyLength: 0).Length);

    public static long PacketLength(long bodyLength) =>
        1 + MqttSpanWriter.VarIntLength((uint)Math.Min(bodyLength, MqttFrame.MaxRemainingLength)) + bodyLength;

    private static long PublishBodyLength(in MqttPublishPacket packet, MqttProperties properties) =>
        (long)MqttSpanWriter.StringLength(TopicOf(packet))
            + (packet.QoS == MqttQualityOfServiceLevel.AtMostOnce ? 0 : 2)
            + properties.EncodedLength + packet.Message.Payload.Length;

    private static string TopicOf(in MqttPublishPacket packet) => packet.IsTopicOmitted ? "" : packet.Message.Topic;

    private static byte ConnectFlags(MqttConnectPacket packet) => (byte)(
        (packet.UserName is null ? 0 : 0x80)
        | (packet.Password is null ? 0 : 0x40)
        | (packet.Will is { } will ? (will.Retain ? 0x20 : 0) | (int)will.QualityOfServiceLevel << 3 | 0x04 : 0)
        | (packet.CleanStart ? 0x02 : 0));

    private static MqttSpanWriter Open(IBufferWriter<byte> output, MqttPacketType type, int flags, long bodyLength)
    {
        Debug.Assert(bodyLength <= MqttFrame.MaxRemainingLength, "The packet was not measured before.");
        var length = (int)PacketLength(bodyLength);
        var writer = new MqttSpanWriter(output.GetSpan(length)[..length]);
        writer.WriteByte((byte)((int)type << 4 | flags));
        writer.WriteVarInt((uint)bodyLength);
        return writer;
    }

    private MqttProperties OrEmpty(MqttProperties? properties)
    {
        _scratch.Clear();
        return properties ?? _scratch;
    }
}
