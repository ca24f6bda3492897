namespace MqttScion.Quic;

/// <summary>
/// The one ticket that a ClientHello offers, with early data behind it (RFC 8446 §4.2.10 and §4.2.11).
/// </summary>
internal readonly ref struct OfferedTicket
{
    private const int HeaderLength = 4;
    private const int VersionAndRandomLength = 2 + 32;
    private const ushort EarlyDataExtension = 42;
    private const ushort PreSharedKeyExtension = 41;
    private const ushort KeyShareExtension = 51;
    private const ushort GroupSecp256R1 = 0x0017;
    private const ushort GroupX25519 = 0x001d;

    /// <summary>The ticket.</summary>
    public ReadOnlySpan<byte> Identity { get; private init; }

    /// <summary>What proves that the client knows the ticket's secret; another one in each ClientHello.</summary>
    public ReadOnlySpan<byte> Binder { get; private init; }

    /// <summary>
    /// Reads a whole ClientHello with its header; false when it offers no early data or several tickets, has no key
    /// share of ours (a HelloRetryRequest rejects early data) or is malformed.
    /// </summary>
    public static bool TryRead(ReadOnlySpan<byte> hello, out OfferedTicket ticket)
    {
        ticket = default;
        var reader = new ByteReader(hello);
        if (!reader.TryReadBytes(HeaderLength + VersionAndRandomLength, out _) ||
            !reader.TryReadByte(out var sessionLength) || !reader.TryReadBytes(sessionLength, out _) ||
            !reader.TryReadUInt16(out var suitesLength) || !reader.TryReadBytes(suitesLength, out _) ||
            !reader.TryReadByte(out var compressionLength) || !reader.TryReadBytes(compressionLength, out _) ||
            !reader.TryReadUInt16(out _))
            return false;
        var (hasEarlyData, hasShare) = (false, false);
        ReadOnlySpan<byte> keys = default;
        while (reader.TryReadUInt16(out var type) && reader.TryReadUInt16(out var length) &&
            reader.TryReadBytes(length, out var value))
        {
            hasEarlyData |= type == EarlyDataExtension;
            hasShare |= type == KeyShareExtension && HasOurGroup(value);
            if (type == PreSharedKeyExtension)
                keys = value;
        }

        return hasEarlyData && hasShare && TryReadKeys(keys, out ticket);
    }

    private static bool HasOurGroup(ReadOnlySpan<byte> shares)
    {
        var reader = new ByteReader(shares);
        if (!reader.TryReadUInt16(out _))
            return false;
        while (reader.TryReadUInt16(out var group) && reader.TryReadUInt16(out var length) &&
            reader.TryReadBytes(length, out _))
        {
            if (group is GroupSecp256R1 or GroupX25519)
                return true;
        }

        return false;
    }

    private static bool TryReadKeys(ReadOnlySpan<byte> keys, out OfferedTicket ticket)
    {
        ticket = default;
        var reader = new ByteReader(keys);
        if (!reader.TryReadUInt16(out var identitiesLength) ||
            !reader.TryReadBytes(identitiesLength, out var identities) || !reader.TryReadUInt16(out _) ||
            !reader.TryReadByte(out var binderLength) || !reader.TryReadBytes(binderLength, out var binder) ||
            !reader.IsAtEnd)
            return false;
        // A library may pass over tickets that it can't use and take early data with a later one, of whomever.
        var only = new ByteReader(identities);
        if (!only.TryReadUInt16(out var length) || !only.TryReadBytes(length, out var identity) ||
            !only.TryReadUInt32(out _) || !only.IsAtEnd)
            return false;
        ticket = new OfferedTicket { Identity = identity, Binder = binder };
        return true;
    }
}
