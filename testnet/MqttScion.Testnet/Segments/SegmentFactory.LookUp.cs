using System.Diagnostics;
using MqttScion.Scion;
using Protobuf = MqttScion.Scion.Protobuf;

namespace MqttScion.Testnet;

/// <summary>Answers as the control service and the daemon of an AS do.</summary>
public sealed partial class SegmentFactory
{
    /// <summary>All paths between two ASes, the shortest first; without next hops, expired ones included.</summary>
    internal IReadOnlyList<ScionPath> Paths(IsdAs source, IsdAs destination)
    {
        var answer = Segments(source, destination);
        return PathCombinator.Combine(source, destination, new SegmentSet(
            [.. answer.UpSegments.Select(Decode)],
            [.. answer.CoreSegments.Select(Decode)],
            [.. answer.DownSegments.Select(Decode)]));
    }

    /// <summary>
    /// The segments of one kind between two ASes, as the control service of <paramref name="local"/> answers. An AS
    /// number of 0 stands for all core ASes of the ISD.
    /// </summary>
    /// <exception cref="ArgumentException">The control service would refuse to look for them.</exception>
    internal Protobuf.SegmentsResponse LookUp(IsdAs local, IsdAs source, IsdAs destination)
    {
        if (source.Isd == 0 || destination.Isd == 0 || destination == local)
        {
            throw new ArgumentException($"no segments lead from {source} to {destination}");
        }
        var answer = new Protobuf.SegmentsResponse();
        var (type, walks) = (IsCore(source), IsCore(destination)) switch
        {
            (true, true) when source.Isd == local.Isd => (Protobuf.SegmentType.Core, CoreWalks(source, destination)),
            (true, false) when source.Isd == destination.Isd && _topology.Contains(destination) =>
                (Protobuf.SegmentType.Down, WalksTo(destination).Where(walk => Matches(source, walk.Origin))),
            (false, true) when source == local && destination.Isd == local.Isd =>
                (Protobuf.SegmentType.Up, WalksTo(source).Where(walk => Matches(destination, walk.Origin))),
            (true, false) when source.Isd == destination.Isd => (Protobuf.SegmentType.Down, []),
            _ => throw new ArgumentException($"segments from {source} to {destination} are not looked for in {local}"),
        };
        var segments = new Protobuf.SegmentsResponse.Types.Segments { Segments_ = { walks.Select(Make) } };
        answer.Segments.Add((int)type, segments);
        return answer;
    }

    /// <summary>A core segment ends at the core AS near the source, so it is constructed from the far one.</summary>
    private IEnumerable<SegmentWalk> CoreWalks(IsdAs nearPattern, IsdAs farPattern) =>
        from far in Cores(farPattern)
        from near in Cores(nearPattern)
        where near != far
        from walk in WalksBetweenCores(far, near)
        select walk;

    private IEnumerable<IsdAs> Cores(IsdAs pattern) =>
        _topology.Ases.Where(each => each.IsCore && Matches(pattern, each.IsdAs)).Select(each => each.IsdAs);

    private bool IsCore(IsdAs isdAs) => isdAs.As == 0 || _topology.Contains(isdAs) && _topology.As(isdAs).IsCore;

    private static bool Matches(IsdAs pattern, IsdAs isdAs) =>
        pattern.Isd == isdAs.Isd && (pattern.As == 0 || pattern.As == isdAs.As);

    private PathSegment Decode(Protobuf.PathSegment message) =>
        SegmentDecoder.TryDecode(message, _time.GetUtcNow(), out var segment, out var error)
            ? segment
            : throw new UnreachableException($"A segment made here can't be read: {error}.");
}
