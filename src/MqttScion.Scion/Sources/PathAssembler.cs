using System.Diagnostics.CodeAnalysis;
using System.Net;

namespace MqttScion.Scion;

/// <summary>
/// Makes a path from parts that came ready-made from outside, and refuses parts that contradict each other.
/// </summary>
/// <remarks>
/// Never throws on what comes from outside. Authenticators are not verified: only routers can do that.
/// </remarks>
internal static class PathAssembler
{
    /// <summary>Checks the parts and makes the path; see the constructor of <see cref="ScionPath"/>.</summary>
    /// <param name="raw">The standard dataplane path at its first hop.</param>
    /// <param name="interfaces">The interfaces announced for it.</param>
    /// <param name="mtu">The announced MTU in bytes.</param>
    /// <param name="expiry">
    /// The announced expiry; null or one later than that of the hop fields gives way to the hop fields.
    /// </param>
    /// <param name="nextHop">The border router to send to.</param>
    /// <param name="path">The path.</param>
    /// <param name="error">What is wrong with the parts.</param>
    public static bool TryMake(
        ReadOnlyMemory<byte> raw,
        IReadOnlyList<PathInterface> interfaces,
        uint mtu,
        DateTimeOffset? expiry,
        IPEndPoint nextHop,
        [NotNullWhen(true)] out ScionPath? path,
        [NotNullWhen(false)] out string? error)
    {
        path = null;
        error = FaultOf(interfaces)
            ?? (mtu is 0 or > ushort.MaxValue ? $"mtu {mtu}; expected 1 to {ushort.MaxValue}" : null);
        if (error is not null)
        {
            return false;
        }
        if (!PathHeader.TryRead(raw.Span, out var header, out var parseError))
        {
            error = $"the dataplane path is not well-formed: {parseError.Message}";
            return false;
        }
        if (header.HopFieldCount == 0 || !header.IsFirstHop || !header.IsConsistent)
        {
            error = $"the dataplane path has {header.HopFieldCount} hop fields and is at info field "
                + $"{header.CurrentInfoField}, hop field {header.CurrentHopField}; expected it at its first";
            return false;
        }
        var announced = interfaces.Select(each => each.Id);
        var crossed = Crossed(header, raw.Span);
        if (!crossed.SequenceEqual(announced))
        {
            error = $"the dataplane path crosses the interfaces {string.Join(' ', crossed)}; announced are "
                + string.Join(' ', announced);
            return false;
        }
        var last = Expiry(header, raw.Span);
        path = new ScionPath(raw, interfaces, (int)mtu, expiry < last ? expiry.Value : last, nextHop);
        return true;
    }

    private static string? FaultOf(IReadOnlyList<PathInterface> interfaces)
    {
        if (interfaces.Count is 0 or > 2 * PathHeader.MaxHopFields || interfaces.Count % 2 != 0)
        {
            return $"{interfaces.Count} interfaces; expected pairs, at most {PathHeader.MaxHopFields}";
        }
        for (var i = 0; i < interfaces.Count; i++)
        {
            if (interfaces[i].IsdAs.IsWildcard || interfaces[i].Id == 0)
            {
                return $"interface {i} is {interfaces[i]}, which has a wildcard";
            }
            if (i > 0 && i % 2 == 0 && interfaces[i].IsdAs != interfaces[i - 1].IsdAs)
            {
                return $"interface {i} is {interfaces[i]} after {interfaces[i - 1]}; expected one of the same AS";
            }
        }
        var loop = interfaces.CountBy(each => each.IsdAs).FirstOrDefault(group => group.Value > 2);
        return loop.Value > 0 ? $"it visits {loop.Key} twice" : null;
    }

    /// <summary>The interfaces that a packet crosses, in the order of travel, as the hop fields tell.</summary>
    private static List<ushort> Crossed(PathHeader header, ReadOnlySpan<byte> raw)
    {
        var crossed = new List<ushort>();
        var count = header.HopFieldCount;
        for (var i = 0; i < count; i++)
        {
            var segment = header.InfoFieldOfHop(i);
            var info = PathHeader.ReadInfoField(raw, segment);
            var hop = header.ReadHopField(raw, i);
            var (ingress, egress) = info.ConsDir
                ? (hop.ConsIngress, hop.ConsEgress)
                : (hop.ConsEgress, hop.ConsIngress);

            // Between segments a packet stays in one AS, unless they are joined by a peering link.
            var entersSegment = i == 0 || header.InfoFieldOfHop(i - 1) != segment;
            var leavesSegment = i == count - 1 || header.InfoFieldOfHop(i + 1) != segment;
            if (i > 0 && (!entersSegment || info.IsPeering))
            {
                crossed.Add(ingress);
            }
            if (i < count - 1 && (!leavesSegment || info.IsPeering))
            {
                crossed.Add(egress);
            }
        }
        return crossed;
    }

    private static DateTimeOffset Expiry(PathHeader header, ReadOnlySpan<byte> raw)
    {
        var first = DateTimeOffset.MaxValue;
        for (var i = 0; i < header.HopFieldCount; i++)
        {
            var timestamp = PathHeader.ReadInfoField(raw, header.InfoFieldOfHop(i)).Timestamp;
            var expiry = header.ReadHopField(raw, i).Expiry(timestamp);
            first = expiry < first ? expiry : first;
        }
        return first;
    }
}
