using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;
using MqttScion.Scion;

namespace MqttScion.Cli;

/// <summary>Writes a SCION packet as indented JSON, with the field names of the specification in snake case.</summary>
internal static class PacketJson
{
    private const int PreviewBytes = 64;

    private static readonly JsonWriterOptions Options = new() { Indented = true };

    /// <summary>Decodes a packet; false when it is malformed.</summary>
    /// <param name="packet">The packet from its common header on.</param>
    /// <param name="json">The JSON text.</param>
    /// <param name="problem">What is wrong, at which byte of the packet.</param>
    public static bool TryWrite(
        ReadOnlySpan<byte> packet,
        [NotNullWhen(true)] out string? json,
        [NotNullWhen(false)] out string? problem)
    {
        json = null;
        using var text = new MemoryStream();
        using (var writer = new Utf8JsonWriter(text, Options))
        {
            if (!TryWrite(writer, packet, out var error))
            {
                problem = error.Message;
                return false;
            }
        }
        problem = null;
        json = Encoding.UTF8.GetString(text.GetBuffer(), 0, (int)text.Length);
        return true;
    }

    /// <summary>Writes common header, addresses and path as properties of the current object.</summary>
    internal static void WriteHeader(Utf8JsonWriter writer, ScionPacketReader packet)
    {
        writer.WriteNumber("traffic_class", packet.TrafficClass);
        writer.WriteNumber("flow_id", packet.FlowId);
        writer.WriteNumber("next_hdr", packet.NextHeader);
        writer.WriteNumber("hdr_len", packet.HeaderLength / 4);
        writer.WriteNumber("payload_len", packet.PayloadLength);
        writer.WriteNumber("path_type", (int)packet.PathType);
        writer.WriteNumber("dst_type", packet.DestinationHost.TypeAndLength);
        writer.WriteNumber("src_type", packet.SourceHost.TypeAndLength);
        writer.WriteString("dst_ia", packet.DestinationIsdAs.ToString());
        writer.WriteString("src_ia", packet.SourceIsdAs.ToString());
        writer.WriteString("dst_host", packet.DestinationHost.ToString());
        writer.WriteString("src_host", packet.SourceHost.ToString());
        PathJson.Write(writer, packet);
    }

    /// <summary>Writes bytes as an object with their number and the first of them in hex.</summary>
    internal static void WriteBytes(Utf8JsonWriter writer, string name, ReadOnlySpan<byte> bytes)
    {
        writer.WriteStartObject(name);
        writer.WriteNumber("len", bytes.Length);
        var preview = bytes[..Math.Min(bytes.Length, PreviewBytes)];
        writer.WriteString("hex", Convert.ToHexStringLower(preview) + (preview.Length < bytes.Length ? "..." : ""));
        writer.WriteEndObject();
    }

    /// <summary>Writes a checksum field and whether it is right for the upper layer that holds it.</summary>
    internal static void WriteChecksum(
        Utf8JsonWriter writer, ScionPacketReader packet, ReadOnlySpan<byte> upperLayer, ushort checksum)
    {
        writer.WriteString("checksum", checksum.ToString("x4", provider: null));
        // In UDP, zero means that none was computed.
        if (packet.Protocol == L4Protocol.Udp && checksum == 0)
            writer.WriteNull("checksum_valid");
        else
            writer.WriteBoolean(
                "checksum_valid", ScionChecksum.IsValid(packet.AddressHeader, packet.Protocol, upperLayer));
    }

    private static bool TryWrite(Utf8JsonWriter writer, ReadOnlySpan<byte> bytes, out ScionParseError error)
    {
        if (!ScionPacketReader.TryRead(bytes, out var packet, out error))
            return false;
        writer.WriteStartObject();
        WriteHeader(writer, packet);
        ExtensionJson.Write(writer, packet);
        var isRead = packet.Protocol switch
        {
            L4Protocol.Udp => TryWriteUdp(writer, packet, out error),
            L4Protocol.Scmp => ScmpJson.TryWrite(writer, packet, out error),
            _ => WriteOther(writer, packet),
        };
        if (!isRead)
            error = error with { Offset = error.Offset + packet.UpperLayerOffset };
        writer.WriteEndObject();
        return isRead;
    }

    private static bool TryWriteUdp(Utf8JsonWriter writer, ScionPacketReader packet, out ScionParseError error)
    {
        var datagram = packet.UpperLayer;
        if (!ScionUdpHeader.TryRead(datagram, out var header, out var payloadLength, out error))
            return false;
        writer.WriteStartObject("udp");
        writer.WriteNumber("src", header.SourcePort);
        writer.WriteNumber("dst", header.DestinationPort);
        writer.WriteNumber("len", header.UdpLength);
        WriteChecksum(writer, packet, datagram[..(ScionUdpHeader.Length + payloadLength)], header.Checksum);
        writer.WriteEndObject();
        WriteBytes(writer, "payload", datagram.Slice(ScionUdpHeader.Length, payloadLength));
        return true;
    }

    private static bool WriteOther(Utf8JsonWriter writer, ScionPacketReader packet)
    {
        var name = packet.Protocol == L4Protocol.Bfd ? "bfd" : "other";
        WriteBytes(writer, name, packet.UpperLayer);
        return true;
    }
}
