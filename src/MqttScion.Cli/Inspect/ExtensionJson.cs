using System.Text.Json;
using MqttScion.Scion;

namespace MqttScion.Cli;

/// <summary>Writes the extension headers of a packet that has been read.</summary>
internal static class ExtensionJson
{
    /// <summary>Writes <c>hbh</c> and <c>e2e</c>, each only when it is there.</summary>
    public static void Write(Utf8JsonWriter writer, ScionPacketReader packet)
    {
        WriteOne(writer, "hbh", packet, packet.HopByHop, packet.HopByHopOptions);
        WriteOne(writer, "e2e", packet, packet.EndToEnd, packet.EndToEndOptions);
    }

    private static void WriteOne(
        Utf8JsonWriter writer,
        string name,
        ScionPacketReader packet,
        ReadOnlySpan<byte> extension,
        ExtensionOptions options)
    {
        if (extension.IsEmpty)
            return;
        writer.WriteStartObject(name);
        writer.WriteNumber("next_hdr", extension[0]);
        writer.WriteNumber("ext_len", extension[1]);
        writer.WriteNumber("actual_len", extension.Length);
        writer.WriteStartArray("tlvs");
        var count = 0;
        foreach (var option in options)
        {
            WriteOption(writer, packet, option);
            count++;
        }
        writer.WriteEndArray();
        writer.WriteNumber("options", count);
        writer.WriteEndObject();
    }

    private static void WriteOption(Utf8JsonWriter writer, ScionPacketReader packet, ExtensionOption option)
    {
        writer.WriteStartObject();
        writer.WriteNumber("type", option.Type);
        if (option.IsPadding)
            writer.WriteString("name", option.Type == ExtensionOption.Pad1 ? "pad1" : "padn");
        if (option.Type != ExtensionOption.Pad1)
        {
            writer.WriteNumber("len", option.Data.Length);
            writer.WriteString("data", Convert.ToHexStringLower(option.Data));
        }
        if (AuthenticatorOption.TryRead(option, out var authenticator))
            WriteAuthenticator(writer, packet, authenticator);
        writer.WriteEndObject();
    }

    private static void WriteAuthenticator(
        Utf8JsonWriter writer, ScionPacketReader packet, AuthenticatorOption authenticator)
    {
        writer.WriteString("name", "authenticator");
        writer.WriteNumber("spi", authenticator.Spi.Value);
        if (authenticator.Spi.IsDrkey)
        {
            writer.WriteStartObject("drkey");
            writer.WriteNumber("protocol", authenticator.Spi.DrkeyProtocol);
            writer.WriteBoolean("host_to_host", authenticator.Spi.IsHostToHost);
            writer.WriteBoolean("receiver_side", authenticator.Spi.IsReceiverSide);
            writer.WriteEndObject();
        }
        writer.WriteNumber("algorithm", authenticator.Algorithm);
        writer.WriteString("timestamp_sn", authenticator.TimestampSequence.ToString("x12", provider: null));
        writer.WriteString("auth", Convert.ToHexStringLower(authenticator.Mac));

        // What the MAC covers before the upper layer, for who wants to check it: inspect has no key.
        Span<byte> input = stackalloc byte[AuthenticatorOption.MaxMacInputLength];
        if (authenticator.TryWriteMacInput(packet, input, out var length))
            writer.WriteString("mac_input", Convert.ToHexStringLower(input[..length]));
    }
}
