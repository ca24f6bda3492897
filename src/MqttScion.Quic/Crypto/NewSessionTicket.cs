namespace MqttScion.Quic;

/// <summary>What we read of a NewSessionTicket message (RFC 8446 §4.6.1).</summary>
internal readonly ref struct NewSessionTicket
{
    private const int HeaderLength = 4;
    private const uint MaxLifetimeSeconds = 7 * 24 * 60 * 60;
    private const ushort EarlyData = 42;

    /// <summary>How long the ticket is good, at most 7 days.</summary>
    public TimeSpan Lifetime { get; private init; }

    /// <summary>The ticket itself, as it comes back.</summary>
    public ReadOnlySpan<byte> Ticket { get; private init; }

    /// <summary>How much early data it allows; null is none.</summary>
    public uint? MaxEarlyDataBytes { get; private init; }

    /// <summary>Reads a whole message with its header; false when it is malformed, which is for TLS to say.</summary>
    public static bool TryRead(ReadOnlySpan<byte> message, out NewSessionTicket ticket)
    {
        ticket = default;
        var reader = new ByteReader(message);
        if (!reader.TryReadBytes(HeaderLength, out _) || !reader.TryReadUInt32(out var lifetime) ||
            !reader.TryReadUInt32(out _) ||
            !reader.TryReadByte(out var nonceLength) || !reader.TryReadBytes(nonceLength, out _) ||
            !reader.TryReadUInt16(out var ticketLength) || !reader.TryReadBytes(ticketLength, out var bytes) ||
            !reader.TryReadUInt16(out _))
            return false;
        uint? early = null;
        while (reader.TryReadUInt16(out var type) && reader.TryReadUInt16(out var length) &&
            reader.TryReadBytes(length, out var value))
        {
            if (type == EarlyData && new ByteReader(value).TryReadUInt32(out var limit))
                early = limit;
        }

        ticket = new NewSessionTicket
        {
            Lifetime = TimeSpan.FromSeconds(Math.Min(lifetime, MaxLifetimeSeconds)),
            Ticket = bytes,
            MaxEarlyDataBytes = early,
        };
        return true;
    }
}
