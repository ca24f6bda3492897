using System.Diagnostics.CodeAnalysis;

namespace MqttScion.Mqtt;

/// <summary>A message as bytes for a store: the PUBLISH packet that would carry it, with packet identifier 1.</summary>
public static class MqttStoredMessage
{
    /// <summary>The bytes of a message, which must keep the rules of <see cref="MqttPublishRules"/>.</summary>
    public static byte[] ToBytes(MqttApplicationMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);
        var output = new MqttByteQueue();
        new MqttPacketWriter().Write(output, new MqttPublishPacket(message) { PacketId = 1 });
        var bytes = output.Written.ToArray();
        output.Clear();
        return bytes;
    }

    /// <summary>Reads a message back; false when the bytes are not those of one.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out MqttApplicationMessage? message)
    {
        message = null;
        if (MqttFrame.TryRead(bytes, int.MaxValue, out var frame, out var lengthBytes, out _) != MqttFrameStatus.Packet
            || lengthBytes != bytes.Length
            || frame.Type != MqttPacketType.Publish
            || !MqttPacketReader.TryReadPublish(frame, out var packet, out _))
        {
            return false;
        }
        message = packet.Message;
        return true;
    }
}
