namespace MqttScion.Scion;

/// <summary>The extension headers between the SCION header and the upper layer.</summary>
/// <param name="Protocol">The protocol number of what follows them.</param>
/// <param name="HopByHopLength">The length of the hop-by-hop extension in bytes, 0 when absent.</param>
/// <param name="EndToEndLength">The length of the end-to-end extension in bytes, 0 when absent.</param>
internal readonly record struct ScionExtensions(byte Protocol, int HopByHopLength, int EndToEndLength)
{
    /// <summary>The bytes of an extension header before its options: NextHdr and ExtLen.</summary>
    internal const int HeaderLength = 2;

    /// <summary>The longest extension header in bytes: ExtLen counts in units of 4, from 1 to 256.</summary>
    internal const int MaxLength = 1024;

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

        // Hop-by-hop comes first and each at most once. What is wrong stands in the first byte of the last of them.
        var last = extensions.EndToEndLength > 0 ? extensions.HopByHopLength : 0;
        error = new ScionParseError(ScionParseErrorKind.ExtensionOrder, last, 0, extensions.Protocol);
        return false;
    }

    private static bool TryReadOne(ReadOnlySpan<byte> payload, out int length, out ScionParseError error)
    {
        error = default;
        length = payload.Length < HeaderLength ? HeaderLength : (payload[1] + 1) * 4;
        if (payload.Length < length)
        {
            error = new ScionParseError(ScionParseErrorKind.Truncated, 0, length, payload.Length);
            return false;
        }
        for (var offset = HeaderLength; offset < length;)
        {
            var optionLength = payload[offset] == ExtensionOption.Pad1 ? 1
                : offset + 1 < length ? ExtensionOption.HeaderLength + payload[offset + 1]
                : ExtensionOption.HeaderLength;
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
