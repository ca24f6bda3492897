using System.Buffers.Binary;
using System.Text.Json;
using MqttScion.Scion;

namespace MqttScion.Cli;

/// <summary>Writes the extension headers of a packet that has been read.</summary>
internal static class ExtensionJson
{
    private const int HeaderLength = 2;
    private const byte Pad1 = 0;
    private const byte PadN = 1;
    private const byte Authenticator = 2;

    // SPI 4, algorithm 1, reserved 1, timestamp or sequence number 6; the authenticator is the rest.
    private const int AuthenticatorFixedLength = 12;

    /// <summary>Writes <c>hbh</c> and <c>e2e</c>, each only when it is there.</summary>
    public static void Write(Utf8JsonWriter writer, ScionPacketReader packet)
    {
        WriteOne(writer, "hbh", packet.HopByHop);
        WriteOne(writer, "e2e", packet.EndToEnd);
    }

    private static void WriteOne(Utf8JsonWriter writer, string name, ReadOnlySpan<byte> extension)
    {
        if (extension.IsEmpty)
            return;
        writer.WriteStartObject(name);
        writer.WriteNumber("next_hdr", extension[0]);
        writer.WriteNumber("ext_len", extension[1]);
        writer.WriteNumber("actual_len", extension.Length);
        writer.WriteStartArray("tlvs");
        var count = 0;
        for (var offset = HeaderLength; offset < extension.Length; count++)
        {
            var type = extension[offset];
            var length = type == Pad1 ? 1 : HeaderLength + extension[offset + 1];
            WriteOption(writer, type, type == Pad1 ? default : extension.Slice(offset + 2, length - 2));
            offset += length;
        }
        writer.WriteEndArray();
        writer.WriteNumber("options", count);
        writer.WriteEndObject();
    }

    private static void WriteOption(Utf8JsonWriter writer, byte type, ReadOnlySpan<byte> data)
    {
        writer.WriteStartObject();
        writer.WriteNumber("type", type);
        if (type is Pad1 or PadN)
        {
            writer.WriteString("name", type == Pad1 ? "pad1" : "padn");
        }
        if (type != Pad1)
        {
            writer.WriteNumber("len", data.Length);
            writer.WriteString("data", Convert.ToHexStringLower(data));
        }
        if (type == Authenticator && data.Length >= AuthenticatorFixedLength)
        {
            writer.WriteString("name", "authenticator");
            writer.WriteNumber("spi", BinaryPrimitives.ReadUInt32BigEndian(data));
            writer.WriteNumber("algorithm", data[4]);
            writer.WriteString("timestamp_sn", Convert.ToHexStringLower(data[6..AuthenticatorFixedLength]));
            writer.WriteString("auth", Convert.ToHexStringLower(data[AuthenticatorFixedLength..]));
        }
        writer.WriteEndObject();
    }
}
