using System.Diagnostics.CodeAnalysis;

namespace MqttScion.Cli;

/// <summary>Reads the bytes of a packet out of raw bytes or hex text.</summary>
internal static class PacketInput
{
    /// <summary>The longest packet, in bytes.</summary>
    public const int MaxPacketBytes = 65535;

    /// <summary>The longest hex text, in bytes: room for <c>0x</c> and separators with each byte.</summary>
    public const int MaxTextBytes = 8 * MaxPacketBytes;

    /// <summary>Decodes an input.</summary>
    /// <param name="input">What was read; null when it was longer than <see cref="MaxTextBytes"/>.</param>
    /// <param name="packet">The packet's bytes.</param>
    /// <param name="problem">What is wrong.</param>
    public static bool TryDecode(byte[]? input, out byte[] packet, [NotNullWhen(false)] out string? problem)
    {
        packet = [];
        problem = null;
        if (input is not null && IsText(input))
            problem = DecodeHex(input, out packet);
        else
            packet = input ?? [];
        if (input is null || packet.Length > MaxPacketBytes)
            problem = $"a packet has at most {MaxPacketBytes} bytes, the input has more";
        return problem is null;
    }

    // A packet of the only version begins with a byte below 0x10 and holds zero bytes: it is never printable text.
    private static bool IsText(ReadOnlySpan<byte> input)
    {
        var isBlank = true;
        foreach (var b in input)
        {
            if (b is < 0x20 or > 0x7e && !IsSpace(b))
                return false;
            isBlank &= IsSpace(b);
        }
        return !isBlank;
    }

    private static bool IsSpace(byte b) => b is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n';

    private static string? DecodeHex(ReadOnlySpan<byte> text, out byte[] packet)
    {
        packet = [];
        var digits = new List<byte>(text.Length);
        var startsWord = true;
        for (var i = 0; i < text.Length; i++)
        {
            if (IsSpace(text[i]))
            {
                startsWord = true;
                continue;
            }
            if (startsWord && text[i] == '0' && i + 1 < text.Length && text[i + 1] is (byte)'x' or (byte)'X')
            {
                i++;
            }
            else if (char.IsAsciiHexDigit((char)text[i]))
            {
                digits.Add(text[i]);
            }
            else
            {
                return $"at character {i}: '{(char)text[i]}' is not a hex digit";
            }
            startsWord = false;
        }
        if (digits.Count % 2 != 0)
            return $"the hex text has an odd number of digits, {digits.Count}";
        packet = new byte[digits.Count / 2];
        for (var i = 0; i < packet.Length; i++)
            packet[i] = (byte)(Digit(digits[2 * i]) << 4 | Digit(digits[2 * i + 1]));
        return null;
    }

    private static int Digit(byte c) => c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10;
}
