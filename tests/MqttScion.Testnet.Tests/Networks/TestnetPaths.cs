using MqttScion.Scion;

namespace MqttScion.Testnet.Tests;

/// <summary>Paths of a running network, as a host in the AS learns them.</summary>
internal static class TestnetPaths
{
    internal static async Task<IReadOnlyList<ScionPath>> PathsAsync(
        this EmulatedNetwork network, IsdAs from, IsdAs to, TimeProvider? time = null)
    {
        using var source = new EndhostApiPathSource(new() { Url = network.EndhostApiUrl(from) }, time);
        return await source.GetPathsAsync(to);
    }

    internal static EmulatedHost HostIn(this EmulatedNetwork network, IsdAs isdAs) =>
        new(isdAs, network.HostAddressOf(isdAs));

    /// <summary>The path with the alert flags set for the router that owns each of its interfaces in turn.</summary>
    internal static IEnumerable<(PathInterface Interface, byte[] Path)> WithAlerts(this ScionPath path)
    {
        var next = 0;
        var original = path.DataplanePath.ToArray();
        PathHeader.TryRead(original, out var header, out _).Should().BeTrue();
        for (var i = 0; i < header.HopFieldCount; i++)
        {
            var isConsDir = PathHeader.ReadInfoField(original, header.InfoFieldOfHop(i)).ConsDir;
            var hop = header.ReadHopField(original, i);
            var (ingress, egress) = isConsDir
                ? (hop.ConsIngress, hop.ConsEgress)
                : (hop.ConsEgress, hop.ConsIngress);
            foreach (var (id, isIngress) in new[] { (ingress, true), (egress, false) })
            {
                // Where segments meet below the core, hop fields name interfaces that the path leaves out.
                if (id == 0 || next == path.Interfaces.Count || path.Interfaces[next].Id != id)
                    continue;
                var isConsIngress = isIngress == isConsDir;
                var alerted = original.ToArray();
                (hop with { IngressAlert = isConsIngress, EgressAlert = !isConsIngress })
                    .Write(alerted.AsSpan(header.HopFieldOffset(i)));
                yield return (path.Interfaces[next++], alerted);
            }
        }
        next.Should().Be(path.Interfaces.Count, $"each interface of {path} is in a hop field");
    }
}
