namespace MqttScion.Quic;

/// <summary>Packet number encoding and decoding (RFC 9000 §17.1, Appendix A.2 and A.3).</summary>
internal static class PacketNumber
{
    /// <summary>The longest encoding.</summary>
    public const int MaxLength = 4;

    /// <summary>
    /// How many bytes of <paramref name="number"/> go on the wire: enough for twice the span since the largest
    /// acknowledged packet, which is -1 when there is none.
    /// </summary>
    public static int EncodedLength(long number, long largestAcknowledged)
    {
        var unacknowledged = number - largestAcknowledged;
        return unacknowledged switch
        {
            < 1L << 7 => 1,
            < 1L << 15 => 2,
            < 1L << 23 => 3,
            _ => 4,
        };
    }

    /// <summary>Writes the low <paramref name="length"/> bytes.</summary>
    public static void Write(Span<byte> destination, long number, int length)
    {
        for (var index = 0; index < length; index++)
            destination[index] = (byte)(number >> (8 * (length - 1 - index)));
    }

    /// <summary>Reads the bytes of a truncated packet number.</summary>
    public static long ReadTruncated(ReadOnlySpan<byte> source)
    {
        long value = 0;
        foreach (var octet in source)
            value = (value << 8) | octet;
        return value;
    }

    /// <summary>
    /// Restores a packet number from its low <paramref name="length"/> bytes; <paramref name="largestReceived"/> is -1
    /// when there is none.
    /// </summary>
    public static long Decode(long largestReceived, long truncated, int length)
    {
        var expected = largestReceived + 1;
        var window = 1L << (8 * length);
        var half = window / 2;
        var candidate = (expected & ~(window - 1)) | truncated;
        if (candidate <= expected - half && candidate < (1L << 62) - window)
            return candidate + window;
        if (candidate > expected + half && candidate >= window)
            return candidate - window;
        return candidate;
    }
}
