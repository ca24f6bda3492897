namespace MqttScion.Scion;

/// <summary>Turns a received path into the path of the answer.</summary>
public static class PathReversal
{
    /// <summary>Reverses a standard path, or an empty one, into <paramref name="destination"/>.</summary>
    /// <remarks>
    /// SegIDs, MACs and flags other than C stay as received: at the destination they are the right start values for
    /// the way back. The two spans must not overlap.
    /// </remarks>
    /// <returns>False when the path has no hop, breaks a rule or does not fit.</returns>
    public static bool TryReverse(ReadOnlySpan<byte> path, Span<byte> destination) =>
        path.IsEmpty || TryReverseStandard(path, destination);

    /// <summary>Reverses a path of any reversible type: empty, standard, or EPIC, which becomes standard.</summary>
    /// <param name="type">The type of <paramref name="path"/>.</param>
    /// <param name="path">The path as received.</param>
    /// <param name="destination">Room for as many bytes as the path has.</param>
    /// <param name="reversedType">The type of the reversed path.</param>
    /// <param name="length">The length of the reversed path in bytes.</param>
    public static bool TryReverse(
        PathType type, ReadOnlySpan<byte> path, Span<byte> destination, out PathType reversedType, out int length)
    {
        (reversedType, length) = (PathType.Empty, 0);
        if (type == PathType.Empty)
            return path.IsEmpty;
        if (type is not (PathType.Scion or PathType.Epic))
            return false;
        if (type == PathType.Epic)
            path = path.Length < EpicFields.Length ? default : path[EpicFields.Length..];
        (reversedType, length) = (PathType.Scion, path.Length);
        return TryReverseStandard(path, destination);
    }

    private static bool TryReverseStandard(ReadOnlySpan<byte> path, Span<byte> destination)
    {
        if (destination.Length < path.Length || !PathHeader.TryRead(path, out var header, out _)
            || !header.IsConsistent)
        {
            return false;
        }
        header.Reverse().Write(destination);
        var infoFields = header.InfoFieldCount;
        for (var i = 0; i < infoFields; i++)
        {
            var reversed = destination.Slice(PathHeader.InfoFieldOffset(i), InfoField.Length);
            path.Slice(PathHeader.InfoFieldOffset(infoFields - 1 - i), InfoField.Length).CopyTo(reversed);
            reversed[0] ^= InfoField.ConsDirFlag;
        }
        var hopFields = header.HopFieldCount;
        for (var i = 0; i < hopFields; i++)
        {
            path.Slice(header.HopFieldOffset(hopFields - 1 - i), HopField.Length)
                .CopyTo(destination[header.HopFieldOffset(i)..]);
        }
        return true;
    }
}
