using System.Globalization;

namespace MqttScion.Scion;

/// <summary>Ready-made path policies and the way to chain them.</summary>
/// <remarks>
/// A policy that orders allows all paths and is stable: equals keep the order in which they came, and paths about which
/// the value is unknown come last. So <c>FewestHops().Then(LowestLatency())</c> orders by latency, and paths of equal
/// latency by hops. All are immutable, for any thread.
/// </remarks>
public static class PathPolicies
{
    /// <summary>Allows all paths in the order of the source.</summary>
    public static IPathPolicy Any() => new AnyPolicy();

    /// <summary>Prefers paths through fewer ASes.</summary>
    public static IPathPolicy FewestHops() => new OrderPolicy<int>(
        path => path.Hops.Count,
        path => string.Create(CultureInfo.InvariantCulture, $"hops {path.Hops.Count}"));

    /// <summary>Prefers paths with less announced latency, see <see cref="PathMetadata.TotalLatency"/>.</summary>
    public static IPathPolicy LowestLatency() => new OrderPolicy<(bool, TimeSpan)>(
        path => path.Metadata.TotalLatency is { } latency ? (false, latency) : (true, default),
        path => path.Metadata.TotalLatency is { } latency
            ? string.Create(CultureInfo.InvariantCulture, $"latency {latency.TotalMilliseconds:0.###} ms")
            : "latency unknown");

    /// <summary>Prefers paths with more announced bandwidth, see <see cref="PathMetadata.BottleneckKbps"/>.</summary>
    public static IPathPolicy HighestBandwidth() => new OrderPolicy<ulong>(
        path => ulong.MaxValue - (path.Metadata.BottleneckKbps ?? 0),
        path => path.Metadata.BottleneckKbps is { } kbps
            ? string.Create(CultureInfo.InvariantCulture, $"bandwidth {kbps} kbit/s")
            : "bandwidth unknown");

    /// <summary>Prefers paths that carry larger packets.</summary>
    public static IPathPolicy LargestMtu() => new OrderPolicy<long>(
        path => -(long)path.Mtu,
        path => string.Create(CultureInfo.InvariantCulture, $"MTU {path.Mtu} bytes"));

    /// <summary>
    /// Prefers paths with fewer interfaces in common with another, then those that pass through fewer of its ASes.
    /// </summary>
    public static IPathPolicy MostDisjointFrom(ScionPath other)
    {
        ArgumentNullException.ThrowIfNull(other);
        var interfaces = other.Interfaces.ToHashSet();
        var isdAses = other.Hops.Select(hop => hop.IsdAs).ToHashSet();
        return new OrderPolicy<(int, int)>(
            path => (SharedInterfaces(path), SharedAses(path)),
            path => string.Create(
                CultureInfo.InvariantCulture,
                $"shared interfaces {SharedInterfaces(path)}, shared transit ASes {SharedAses(path)}"));

        int SharedInterfaces(ScionPath path) => path.Interfaces.Count(interfaces.Contains);

        // The ends are shared by all paths between them.
        int SharedAses(ScionPath path) => path.Hops.Skip(1).SkipLast(1).Count(hop => isdAses.Contains(hop.IsdAs));
    }

    /// <summary>Denies paths that touch one of the ASes or interfaces.</summary>
    /// <param name="hops">Forms like <c>1</c>, <c>1-ff00:0:120</c>, <c>1-ff00:0:120#3</c> or
    /// <c>1-ff00:0:120#3,4</c>.</param>
    /// <exception cref="FormatException">A text has none of the forms.</exception>
    public static IPathPolicy Avoid(params string[] hops) => new AvoidPolicy(Array.ConvertAll(hops, PatternOf));

    /// <summary>Allows and denies by a one-line list, AS by AS, see <see cref="AclPolicy"/>.</summary>
    /// <exception cref="FormatException">The text is no list.</exception>
    public static IPathPolicy Acl(string acl) => AclPolicy.Parse(acl);

    /// <summary>Allows and denies by a list, interface by interface, see <see cref="InterfaceAclPolicy"/>.</summary>
    /// <exception cref="FormatException">The entries are no list.</exception>
    public static IPathPolicy InterfaceAcl(params string[] entries) => InterfaceAclPolicy.Parse(entries);

    /// <summary>Allows paths whose ASes fit a sequence, see <see cref="SequencePolicy"/>.</summary>
    /// <exception cref="FormatException">The text is no sequence.</exception>
    public static IPathPolicy Sequence(string sequence) => SequencePolicy.Parse(sequence);

    /// <summary>Allows paths by a JSON policy object, see <see cref="JsonPathPolicy"/>.</summary>
    /// <param name="json">The policy.</param>
    /// <param name="namedPolicies">The policies that it may extend: an object with a policy for each name.</param>
    /// <exception cref="FormatException">A text is no such object.</exception>
    public static IPathPolicy Json(string json, string? namedPolicies = null) =>
        JsonPathPolicy.Parse(json, namedPolicies);

    /// <summary>
    /// Applies one policy to what another returned; where the second orders, its order counts first, and equals keep
    /// the order of the first.
    /// </summary>
    public static IPathPolicy Then(this IPathPolicy first, IPathPolicy second)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        return new ChainPolicy(first, second);
    }

    private static HopPattern PatternOf(string text) =>
        HopPattern.TryParse(text, out var pattern)
            ? pattern
            : throw new FormatException($"{PolicyText.Quote(text)} is no {HopPattern.Forms}.");

    private sealed class AnyPolicy : IPathPolicy
    {
        public IReadOnlyList<ScionPath> Apply(IReadOnlyList<ScionPath> paths) => paths;

        public PathVerdict Explain(ScionPath path) => new(IsAllowed: true, "allowed: any path is");
    }
}
