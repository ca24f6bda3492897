namespace MqttScion.Scion;

/// <summary>Asks the router at one interface of a path to look into the packet: that is how a traceroute finds it.
/// </summary>
internal static class RouterAlert
{
    /// <summary>Sets the alert flag for an interface.</summary>
    /// <remarks>
    /// Flags are in construction direction, the interface in the order of travel. A path enters no AS by the first hop
    /// field of a segment, nor leaves one by the last, unless the two segments meet at a peering link: at other
    /// crossovers (shortcuts too) these sides of the two hop fields are not travelled.
    /// </remarks>
    /// <param name="path">A standard path at its first hop.</param>
    /// <param name="index">The position in <see cref="ScionPath.Interfaces"/>.</param>
    /// <param name="interfaceId">The interface there.</param>
    /// <returns>False when the path's bytes do not have that interface there.</returns>
    public static bool TrySet(Span<byte> path, int index, ushort interfaceId)
    {
        if (!PathHeader.TryRead(path, out var header, out _))
        {
            return false;
        }
        var position = 0;
        for (var hop = 0; hop < header.HopFieldCount; hop++)
        {
            if (IsEntered(header, path, hop) && position++ == index)
            {
                return TrySet(path, header, hop, isEntry: true, interfaceId);
            }
            if (IsLeft(header, path, hop) && position++ == index)
            {
                return TrySet(path, header, hop, isEntry: false, interfaceId);
            }
        }
        return false;
    }

    private static bool IsEntered(PathHeader header, ReadOnlySpan<byte> path, int hop) =>
        hop > 0 && (IsSameSegment(header, hop - 1, hop) || IsPeering(header, path, hop));

    private static bool IsLeft(PathHeader header, ReadOnlySpan<byte> path, int hop) =>
        hop + 1 < header.HopFieldCount && (IsSameSegment(header, hop, hop + 1) || IsPeering(header, path, hop));

    private static bool IsSameSegment(PathHeader header, int hop, int next) =>
        header.InfoFieldOfHop(hop) == header.InfoFieldOfHop(next);

    private static bool IsPeering(PathHeader header, ReadOnlySpan<byte> path, int hop) =>
        PathHeader.ReadInfoField(path, header.InfoFieldOfHop(hop)).IsPeering;

    private static bool TrySet(Span<byte> path, PathHeader header, int hop, bool isEntry, ushort interfaceId)
    {
        var field = header.ReadHopField(path, hop);
        var isIngress = isEntry == PathHeader.ReadInfoField(path, header.InfoFieldOfHop(hop)).ConsDir;
        if ((isIngress ? field.ConsIngress : field.ConsEgress) != interfaceId)
        {
            return false;
        }
        var alerted = isIngress ? field with { IngressAlert = true } : field with { EgressAlert = true };
        alerted.Write(path[header.HopFieldOffset(hop)..]);
        return true;
    }
}
