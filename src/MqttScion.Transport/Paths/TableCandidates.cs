namespace MqttScion.Transport;

/// <summary>The paths on which packets came, for the side that answers.</summary>
internal sealed class TableCandidates(LoopConnection connection) : IPathCandidates<PathEntry>
{
    /// <inheritdoc/>
    public IReadOnlyList<PathEntry> Usable => connection.Paths.Undoubted;

    /// <inheritdoc/>
    public bool IsSame(PathEntry one, PathEntry other) => one == other;

    /// <summary>The peer chose them, and few enough to ask all.</summary>
    public int Shared(PathEntry one, PathEntry other) => 0;

    /// <inheritdoc/>
    public TimeSpan? RttOf(PathEntry path) => connection.Quic.PathRtt(path.PathId);

    /// <inheritdoc/>
    public void Suspect(PathEntry path, string why, TimeSpan now) => path.DoubtedAt = now;
}
