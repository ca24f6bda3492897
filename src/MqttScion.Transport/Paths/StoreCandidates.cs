using MqttScion.Scion;

namespace MqttScion.Transport;

/// <summary>The paths of a store, for the side that dialed.</summary>
internal sealed class StoreCandidates(PathStore store, LoopConnection connection) : IPathCandidates<ScionPath>
{
    // A first hop that is dead takes all with it, and nobody tells.
    private const int FirstHopWeight = 8;

    /// <inheritdoc/>
    public IReadOnlyList<ScionPath> Usable => store.UpPaths;

    /// <inheritdoc/>
    public bool IsSame(ScionPath one, ScionPath other) => one.Equals(other);

    /// <inheritdoc/>
    public int Shared(ScionPath one, ScionPath other)
    {
        var shared = Equals(one.NextHop, other.NextHop) && one.Source == other.Source ? FirstHopWeight : 0;
        foreach (var end in one.Interfaces)
        {
            foreach (var otherEnd in other.Interfaces)
            {
                shared += end == otherEnd ? 1 : 0;
            }
        }
        return shared;
    }

    /// <inheritdoc/>
    public TimeSpan? RttOf(ScionPath path) =>
        connection.Paths.Find(path) is { } entry ? connection.Quic.PathRtt(entry.PathId) : null;

    /// <inheritdoc/>
    public void Suspect(ScionPath path, string why, TimeSpan now) => store.MarkUnanswered(path, why);
}
