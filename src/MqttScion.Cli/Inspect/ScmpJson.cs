using System.Buffers.Binary;
using System.Text.Json;
using MqttScion.Scion;

namespace MqttScion.Cli;

/// <summary>Writes the SCMP message of a packet.</summary>
internal static class ScmpJson
{
    private const int HeaderLength = 4;

    /// <summary>Writes <c>scmp</c>, and <c>quote</c> or <c>payload</c>; false when the message is cut off.</summary>
    public static bool TryWrite(Utf8JsonWriter writer, ScionPacketReader packet, out ScionParseError error)
    {
        var bytes = packet.UpperLayer;
        if (!ScmpMessage.TryRead(bytes, out var message, out var data, out error))
            return false;
        writer.WriteStartObject("scmp");
        writer.WriteNumber("type", (int)message.Type);
        writer.WriteNumber("code", message.Code);
        writer.WriteString("name", message.ToString());
        var checksum = BinaryPrimitives.ReadUInt16BigEndian(bytes[ScmpMessage.ChecksumOffset..]);
        PacketJson.WriteChecksum(writer, packet, bytes, checksum);
        WriteBody(writer, message);
        writer.WriteNumber("body_len", message.Length - HeaderLength);
        writer.WriteEndObject();
        PacketJson.WriteBytes(writer, message.IsError ? "quote" : "payload", data);
        if (message.IsError)
            WriteQuotedPacket(writer, data);
        return true;
    }

    private static void WriteBody(Utf8JsonWriter writer, ScmpMessage message)
    {
        switch (message.Type)
        {
            case ScmpType.PacketTooBig:
                writer.WriteNumber("mtu", message.Mtu);
                break;
            case ScmpType.ParameterProblem:
                writer.WriteNumber("pointer", message.ParameterPointer);
                break;
            case ScmpType.ExternalInterfaceDown:
                writer.WriteString("ia", message.IsdAs.ToString());
                writer.WriteNumber("ifid", message.Interface);
                break;
            case ScmpType.InternalConnectivityDown:
                writer.WriteString("ia", message.IsdAs.ToString());
                writer.WriteNumber("ingress", message.Interface);
                writer.WriteNumber("egress", message.Egress);
                break;
            case ScmpType.EchoRequest or ScmpType.EchoReply:
                writer.WriteNumber("id", message.Identifier);
                writer.WriteNumber("seq", message.Sequence);
                break;
            case ScmpType.TracerouteRequest or ScmpType.TracerouteReply:
                writer.WriteNumber("id", message.Identifier);
                writer.WriteNumber("seq", message.Sequence);
                writer.WriteString("ia", message.IsdAs.ToString());
                writer.WriteNumber("interface", message.Interface);
                break;
        }
    }

    // What an error quotes may be cut off or be no packet at all: then there is only its hex.
    private static void WriteQuotedPacket(Utf8JsonWriter writer, ReadOnlySpan<byte> quote)
    {
        if (!ScionPacketReader.TryReadQuote(quote, out var packet, out _))
            return;
        writer.WriteStartObject("quoted_packet");
        PacketJson.WriteHeader(writer, packet);
        if (ScmpQuote.TryRead(quote, out var sender))
        {
            writer.WriteString("src", sender.Source.ToString());
            writer.WriteString("dst", sender.Destination.ToString());
        }
        writer.WriteEndObject();
    }
}
