using MqttScion.Scion;
using Protobuf = MqttScion.Scion.Protobuf;

namespace MqttScion.Testnet;

/// <summary>Announces what the topology tells of the links.</summary>
public sealed partial class SegmentFactory
{
    /// <summary>
    /// What an AS announces in its entry: of the links by which paths leave it there (the egress and peers) all that
    /// the topology tells, and the way inside from its other interfaces to the egress.
    /// </summary>
    /// <remarks>
    /// The emulated network adds no delay inside an AS, and carries there what the fastest link brings. Each link joins
    /// two routers directly; that is announced of those of which something else is told.
    /// </remarks>
    private Protobuf.StaticInfoExtension? StaticInfoOf(IsdAs isdAs, ushort egressId)
    {
        var told = _topology.LinksOf(isdAs).Where(each => each.Link is not { Delay: null, BandwidthKbps: null });
        if (!told.Any())
            return null;
        var info = new Protobuf.StaticInfoExtension { Latency = new(), Bandwidth = new() };
        foreach (var (link, end, _) in told)
        {
            if (end.Id != egressId && link.Type != TopologyLinkType.Peer)
                continue;
            if (link.Delay is { } delay)
                info.Latency.Inter.Add(end.Id, (uint)delay.TotalMicroseconds);
            if (link.BandwidthKbps is { } kbps)
                info.Bandwidth.Inter.Add(end.Id, (ulong)kbps);
            info.LinkType.Add(end.Id, Protobuf.LinkType.Direct);
        }
        if (egressId != 0)
            AddInside(info, isdAs, egressId);
        return info;
    }

    private void AddInside(Protobuf.StaticInfoExtension info, IsdAs isdAs, ushort egressId)
    {
        var links = _topology.LinksOf(isdAs);
        var hasLatency = links.Any(each => each.Link.Delay is not null);
        var fastestKbps = links.Max(each => each.Link.BandwidthKbps);
        foreach (var id in links.Select(each => each.Local.Id).Where(id => id != egressId))
        {
            if (hasLatency)
                info.Latency.Intra.Add(id, 0);
            if (fastestKbps is { } kbps)
                info.Bandwidth.Intra.Add(id, (ulong)kbps);
        }
    }
}
