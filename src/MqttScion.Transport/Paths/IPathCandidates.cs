namespace MqttScion.Transport;

/// <summary>The paths between which a <see cref="PathSelector{TPath}"/> chooses, and what is known of them.</summary>
/// <remarks>Asked on the loop only.</remarks>
internal interface IPathCandidates<TPath>
    where TPath : class
{
    /// <summary>The paths that may be used now and are not held back, the preferred first.</summary>
    IReadOnlyList<TPath> Usable { get; }

    /// <summary>True when both lead over the same interfaces; one may be a renewal of the other.</summary>
    bool IsSame(TPath one, TPath other);

    /// <summary>How much of one path would fail with the other: 0 for nothing.</summary>
    int Shared(TPath one, TPath other);

    /// <summary>The round-trip time of a path; null when it was never measured.</summary>
    TimeSpan? RttOf(TPath path);

    /// <summary>Nothing was acknowledged over the path: others come first for a while.</summary>
    void Suspect(TPath path, string why, TimeSpan now);
}
