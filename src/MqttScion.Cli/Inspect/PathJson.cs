using System.Buffers.Binary;
using System.Text.Json;
using MqttScion.Scion;

namespace MqttScion.Cli;

/// <summary>Writes the path of a SCION header that has been read.</summary>
internal static class PathJson
{
    /// <summary>Writes the property <c>path</c>; nothing for an empty path.</summary>
    public static void Write(Utf8JsonWriter writer, PathType type, ReadOnlySpan<byte> path)
    {
        if (type == PathType.Empty)
            return;
        writer.WriteStartObject("path");
        switch (type)
        {
            case PathType.Scion:
                WriteStandard(writer, path);
                break;
            case PathType.OneHop:
                WriteOneHop(writer, path);
                break;
            case PathType.Epic:
                writer.WriteNumber("timestamp", BinaryPrimitives.ReadUInt32BigEndian(path));
                writer.WriteNumber("counter", BinaryPrimitives.ReadUInt32BigEndian(path[4..]));
                writer.WriteString("phvf", Convert.ToHexStringLower(path[8..12]));
                writer.WriteString("lhvf", Convert.ToHexStringLower(path[12..16]));
                WriteStandard(writer, path[EpicFields.Length..]);
                break;
        }
        writer.WriteEndObject();
    }

    private static void WriteStandard(Utf8JsonWriter writer, ReadOnlySpan<byte> path)
    {
        // The packet's reader has checked the path: it is read again for its meta header only.
        PathHeader.TryRead(path, out var header, out _);
        writer.WriteNumber("curr_inf", header.CurrentInfoField);
        writer.WriteNumber("curr_hf", header.CurrentHopField);
        writer.WriteStartArray("seg_len");
        for (var i = 0; i < PathHeader.MaxSegments; i++)
            writer.WriteNumberValue(header.SegmentLength(i));
        writer.WriteEndArray();
        writer.WriteStartArray("infos");
        for (var i = 0; i < header.InfoFieldCount; i++)
            WriteInfoField(writer, PathHeader.ReadInfoField(path, i));
        writer.WriteEndArray();
        writer.WriteStartArray("hops");
        for (var i = 0; i < header.HopFieldCount; i++)
        {
            var info = PathHeader.ReadInfoField(path, header.InfoFieldOfHop(i));
            WriteHopField(writer, header.ReadHopField(path, i), info.Timestamp);
        }
        writer.WriteEndArray();
    }

    private static void WriteOneHop(Utf8JsonWriter writer, ReadOnlySpan<byte> path)
    {
        var info = InfoField.Read(path);
        writer.WriteStartArray("infos");
        WriteInfoField(writer, info);
        writer.WriteEndArray();
        writer.WriteStartArray("hops");
        WriteHopField(writer, HopField.Read(path[InfoField.Length..]), info.Timestamp);
        WriteHopField(writer, HopField.Read(path[(InfoField.Length + HopField.Length)..]), info.Timestamp);
        writer.WriteEndArray();
    }

    private static void WriteInfoField(Utf8JsonWriter writer, InfoField info)
    {
        writer.WriteStartObject();
        writer.WriteBoolean("peer", info.IsPeering);
        writer.WriteBoolean("consdir", info.ConsDir);
        writer.WriteNumber("segid", info.SegId);
        writer.WriteNumber("ts", info.Timestamp);
        writer.WriteEndObject();
    }

    private static void WriteHopField(Utf8JsonWriter writer, HopField hop, uint timestamp)
    {
        writer.WriteStartObject();
        writer.WriteBoolean("ingress_alert", hop.IngressAlert);
        writer.WriteBoolean("egress_alert", hop.EgressAlert);
        writer.WriteNumber("exp", hop.ExpTime);
        writer.WriteNumber("in", hop.ConsIngress);
        writer.WriteNumber("eg", hop.ConsEgress);
        writer.WriteString("mac", hop.Mac.ToString("x12", provider: null));
        writer.WriteString("expires", hop.Expiry(timestamp));
        writer.WriteEndObject();
    }
}
