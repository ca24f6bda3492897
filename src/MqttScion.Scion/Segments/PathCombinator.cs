using System.Numerics;

namespace MqttScion.Scion;

/// <summary>
/// Combines segments to forwarding paths: up, core and down, with shortcuts and peering links. A pure function, in the
/// order and with the choices of scionproto's <c>private/path/combinator</c>.
/// </summary>
internal static class PathCombinator
{
    /// <summary>The SCION packet size that each link must carry: taken where no segment announces one.</summary>
    public const int DefaultMtu = 1280;

    /// <summary>The most paths that are made; honest networks offer some dozens.</summary>
    public const int MaxPaths = 512;

    /// <summary>The most chains of segments that are looked at, the shortest first.</summary>
    public const int MaxChains = 8_192;

    /// <summary>
    /// All paths between two different ASes, the shortest first; without next hops, expired ones included. Where there
    /// are more than <see cref="MaxPaths"/>, or more than <see cref="MaxChains"/> ways to make them, the longest are
    /// left out.
    /// </summary>
    public static IReadOnlyList<ScionPath> Combine(IsdAs source, IsdAs destination, SegmentSet segments)
    {
        var paths = new List<ScionPath>();
        if (source == destination)
        {
            return paths;
        }

        // Equal paths have equal weights, so that each weight can be finished before the next one.
        var graph = new SegmentGraph(source, destination, segments);
        var (chains, chainCount) = (new List<SegmentChain>(), 0);
        for (var weights = graph.Weights; weights != 0 && paths.Count < MaxPaths; weights &= weights - 1)
        {
            chains.Clear();
            chains.AddRange(graph.Chains(BitOperations.TrailingZeroCount(weights)).Take(MaxChains - chainCount));
            chainCount += chains.Count;
            chains.Sort();
            var drafts = chains.Select(PathDraft.Of).OfType<PathDraft>();
            foreach (var draft in RemoveDuplicates(drafts, static draft => draft.Expiry, MaxPaths - paths.Count))
            {
                paths.Add(draft.Build());
            }
        }
        return paths;
    }

    /// <summary>
    /// Of paths over the same interfaces, keeps the one that expires last (the first of equals), at its own place.
    /// Stops when <paramref name="max"/> different paths were seen.
    /// </summary>
    internal static List<T> RemoveDuplicates<T>(
        IEnumerable<T> paths, Func<T, DateTimeOffset> expiryOf, int max = int.MaxValue)
        where T : class
    {
        var (kept, best) = (new List<T>(), new Dictionary<T, T>());
        foreach (var path in paths.TakeWhile(_ => best.Count < max))
        {
            if (!best.TryGetValue(path, out var other) || expiryOf(path) > expiryOf(other))
            {
                best[path] = path;
                kept.Add(path);
            }
        }
        kept.RemoveAll(path => !ReferenceEquals(best[path], path));
        return kept;
    }
}
