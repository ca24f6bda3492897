namespace MqttScion.Scion;

/// <summary>
/// Recognizes a standard path in a packet that routers have handled: they move the pointers, change SegIDs and clear
/// alert flags.
/// </summary>
internal static class WirePath
{
    /// <summary>A hash of the interfaces alone, which all renewals of one encoding share.</summary>
    public static int HashOf(ReadOnlySpan<byte> path)
    {
        var hash = default(HashCode);
        if (PathHeader.TryRead(path, out var header, out _))
        {
            for (var i = 0; i < header.HopFieldCount; i++)
            {
                hash.AddBytes(InterfacesOf(header, path, i));
            }
        }
        return hash.ToHashCode();
    }

    /// <summary>True when both go over the same interfaces in the same segments, at whatever time they were made.
    /// </summary>
    public static bool HasSameInterfaces(ReadOnlySpan<byte> one, ReadOnlySpan<byte> other)
    {
        if (one.IsEmpty || other.IsEmpty)
        {
            return one.IsEmpty && other.IsEmpty;
        }
        if (!TryReadAlike(one, other, out var header))
        {
            return false;
        }
        for (var i = 0; i < header.HopFieldCount; i++)
        {
            if (!InterfacesOf(header, one, i).SequenceEqual(InterfacesOf(header, other, i)))
            {
                return false;
            }
        }
        return true;
    }

    /// <summary>True when both are the same path of the same making: timestamps, lifetimes and MACs are equal too.
    /// </summary>
    public static bool IsSame(ReadOnlySpan<byte> one, ReadOnlySpan<byte> other)
    {
        if (one.IsEmpty || other.IsEmpty)
        {
            return one.IsEmpty && other.IsEmpty;
        }
        if (!TryReadAlike(one, other, out var header))
        {
            return false;
        }
        for (var i = 0; i < header.InfoFieldCount; i++)
        {
            if (PathHeader.ReadInfoField(one, i).Timestamp != PathHeader.ReadInfoField(other, i).Timestamp)
            {
                return false;
            }
        }
        for (var i = 0; i < header.HopFieldCount; i++)
        {
            var offset = header.HopFieldOffset(i);
            var (from, to) = (offset + 1, offset + HopField.Length); // the flags, which routers clear, come first
            if (!one[from..to].SequenceEqual(other[from..to]))
            {
                return false;
            }
        }
        return true;
    }

    /// <summary>True when some hop field has the interface, at whichever side.</summary>
    public static bool Contains(ReadOnlySpan<byte> path, ulong interfaceId)
    {
        if (!PathHeader.TryRead(path, out var header, out _))
        {
            return false;
        }
        for (var i = 0; i < header.HopFieldCount; i++)
        {
            var hop = header.ReadHopField(path, i);
            if (hop.ConsIngress == interfaceId || hop.ConsEgress == interfaceId)
            {
                return true;
            }
        }
        return false;
    }

    private static bool TryReadAlike(ReadOnlySpan<byte> one, ReadOnlySpan<byte> other, out PathHeader header)
    {
        if (!PathHeader.TryRead(one, out header, out _)
            || !PathHeader.TryRead(other, out var second, out _)
            || header.At(hop: 0) != second.At(hop: 0))
        {
            return false;
        }
        for (var i = 0; i < header.InfoFieldCount; i++)
        {
            if (PathHeader.ReadInfoField(one, i).ConsDir != PathHeader.ReadInfoField(other, i).ConsDir)
            {
                return false;
            }
        }
        return true;
    }

    // ConsIngress and ConsEgress: four bytes after flags and ExpTime.
    private static ReadOnlySpan<byte> InterfacesOf(PathHeader header, ReadOnlySpan<byte> path, int hop) =>
        path.Slice(header.HopFieldOffset(hop) + 2, 4);
}
