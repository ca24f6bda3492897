namespace MqttScion.Scion;

/// <summary>The <c>local_isd_ases</c> of a JSON policy: allows paths that begin in one of the ASes.</summary>
/// <param name="isdAses">The ASes, without wildcards.</param>
internal sealed class LocalAsPolicy(HashSet<IsdAs> isdAses) : IPathPolicy
{
    public IReadOnlyList<ScionPath> Apply(IReadOnlyList<ScionPath> paths) => [.. paths.Where(Allows)];

    public PathVerdict Explain(ScionPath path) =>
        Allows(path) ? new PathVerdict(IsAllowed: true, $"allowed: {path.Source} is listed")
        : path.IsLocal ? new PathVerdict(IsAllowed: false, $"denied: the path stays inside {path.Source}")
        : new PathVerdict(IsAllowed: false, $"denied: {path.Source} is not listed");

    private bool Allows(ScionPath path) => !path.IsLocal && isdAses.Contains(path.Source);
}
