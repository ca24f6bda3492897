namespace MqttScion.Scion.Tests;

/// <summary>Carries a dataplane path through a network by the rules of border routers, with their MAC checks.</summary>
internal sealed class RouterWalk(RandomTopology topology)
{
    /// <summary>Where the walk ended, the interfaces crossed and the path as the last AS sees it.</summary>
    public (IsdAs End, List<PathInterface> Interfaces, byte[] Path) Walk(IsdAs source, ReadOnlySpan<byte> dataplanePath)
    {
        var path = dataplanePath.ToArray();
        var interfaces = new List<PathInterface>();
        for (var (isdAs, ingress) = (source, (ushort)0); ;)
        {
            PathHeader.TryRead(path, out var header, out var error).Should().BeTrue(error.Message);
            header.IsConsistent.Should().BeTrue();
            var (info, hop) = Arrive(isdAs, ingress, header, path);
            if (header.IsLastHop)
            {
                return (isdAs, interfaces, path);
            }
            if (header.IsCrossover && !IsPeeringHop(header, info))
            {
                header.TryIncrement(out header).Should().BeTrue();
                header.Write(path);
                (info, hop) = Arrive(isdAs, ingress: 0, header, path);
                header.IsLastHop.Should().BeFalse("a crossover leads on");
            }

            var near = new PathInterface(isdAs, info.ConsDir ? hop.ConsEgress : hop.ConsIngress);
            var far = topology.FarEnd(near);
            far.Should().NotBeNull("{0} must be an interface of the network", near);
            if (info.ConsDir && !IsPeeringHop(header, info))
            {
                Update(path, header, info, hop);
            }
            header.TryIncrement(out header).Should().BeTrue();
            header.Write(path);
            interfaces.AddRange([near, far!.Value]);
            (isdAs, ingress) = (far.Value.IsdAs, far.Value.Id);
        }
    }

    private static (InfoField Info, HopField Hop) Arrive(IsdAs isdAs, ushort ingress, PathHeader header, byte[] path)
    {
        var info = PathHeader.ReadInfoField(path, header.CurrentInfoField);
        var hop = header.ReadHopField(path, header.CurrentHopField);
        if (!info.IsPeering)
        {
            header.SegmentLength(header.CurrentInfoField).Should().BeGreaterThan(1, "only peers make segments of one");
        }
        if (ingress != 0)
        {
            ingress.Should().Be(info.ConsDir ? hop.ConsIngress : hop.ConsEgress);
            if (!info.ConsDir && !IsPeeringHop(header, info))
            {
                info = Update(path, header, info, hop);
            }
        }
        hop.Mac.Should().Be(
            RandomTopology.Mac(isdAs, info.SegId, info.Timestamp, hop), "the router of {0} verifies it", isdAs);
        return (info, hop);
    }

    private static InfoField Update(byte[] path, PathHeader header, InfoField info, HopField hop)
    {
        info = info with { SegId = (ushort)(info.SegId ^ hop.SegIdUpdate) };
        info.Write(path.AsSpan(PathHeader.InfoFieldOffset(header.CurrentInfoField)));
        return info;
    }

    private static bool IsPeeringHop(PathHeader header, InfoField info)
    {
        var first = header.SegmentLength(0);
        if (info.IsPeering)
        {
            header.InfoFieldCount.Should().Be(2, "a peering link joins two segments");
        }
        return info.IsPeering && (header.CurrentHopField == first - 1 || header.CurrentHopField == first);
    }
}
