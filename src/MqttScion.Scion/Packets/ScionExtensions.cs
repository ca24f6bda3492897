namespace MqttScion.Scion;

/// <summary>The extension headers between the SCION header and the upper layer.</summary>
/// <param name="Protocol">The protocol number of what follows them.</param>
/// <param name="HopByHopLength">The length of the hop-by-hop extension in bytes, 0 when absent.</param>
/// <param name="EndToEndLength">The length of the end-to-end extension in bytes, 0 when absent.</param>
internal readonly record struct ScionExtensions(byte Protocol, int HopByHopLength, int EndToEndLength)
{
    private const int OptionHeaderLength = 2;

    internal static bool TryRead(
        byte nextHeader, ReadOnlySpan<byte> payload, out ScionExtensions extensions, out ScionParseError error)
    {
        extensions = new ScionExtensions(nextHeader, 0, 0);
        error = default;
        if (extensions.Protocol == (byte)L4Protocol.HopByHop)
        {
            if (!TryReadOne(payload, out var length, out error))
                return false;
            extensions = new ScionExtensions(payload[0], length, 0);
        }
        if (extensions.Protocol == (byte)L4Protocol.EndToEnd)
        {
            var offset = extensions.HopByHopLength;
            if (!TryReadOne(payload[offset..], out var length, out error))
            {
                error = error.Shift(offset);
                return false;
            }
            extensions = new ScionExtensions(payload[offset], offset, length);
        }
        if (extensions.Protocol is not ((byte)L4Protocol.HopByHop or (byte)L4Protocol.EndToEnd))
            return true;

        // Hop-by-hop comes first and each at most once.
        error = new ScionParseError(ScionParseErrorKind.ExtensionOrder, 0, 0, extensions.Protocol);
        return false;
    }

    private static bool TryReadOne(ReadOnlySpan<byte> payload, out int length, out ScionParseError error)
    {
        error = default;
        length = payload.Length < OptionHeaderLength ? OptionHeaderLength : (payload[1] + 1) * 4;
        if (payload.Length < length)
        {
            error = new ScionParseError(ScionParseErrorKind.Truncated, 0, length, payload.Length);
            return false;
        }
        for (var offset = OptionHeaderLength; offset < length;)
        {
            // Option type 0, Pad1, is the only one without a length.
            var optionLength = payload[offset] == 0 ? 1
                : offset + 1 < length ? OptionHeaderLength + payload[offset + 1]
                : OptionHeaderLength;
            if (offset + optionLength > length)
            {
                error = new ScionParseError(ScionParseErrorKind.ExtensionOption, offset, optionLength, length - offset);
                return false;
            }
            offset += optionLength;
        }
        return true;
    }
}
