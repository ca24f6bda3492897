namespace MqttScion.Scion;

/// <summary>
/// The <c>remote_isd_ases</c> of a JSON policy: the first rule that matches the AS in which a path ends decides, and
/// without one the path is denied.
/// </summary>
internal sealed class RemoteAsPolicy(RemoteAsRule[] rules) : IPathPolicy
{
    public IReadOnlyList<ScionPath> Apply(IReadOnlyList<ScionPath> paths) =>
        [.. paths.Where(path => RuleFor(path) is { IsRejecting: false })];

    public PathVerdict Explain(ScionPath path) => RuleFor(path) switch
    {
        { IsRejecting: false } rule =>
            new PathVerdict(IsAllowed: true, $"allowed by \"{rule.IsdAs}\": the path ends in {path.Destination}"),
        { } rule => new PathVerdict(IsAllowed: false, $"denied by \"{rule.IsdAs}\" at {path.Destination}"),
        null when path.IsLocal => new PathVerdict(IsAllowed: false, $"denied: the path stays inside {path.Source}"),
        null => new PathVerdict(IsAllowed: false, $"denied: no rule matches {path.Destination}"),
    };

    private RemoteAsRule? RuleFor(ScionPath path)
    {
        if (path.IsLocal)
        {
            return null;
        }
        foreach (var rule in rules)
        {
            if (rule.Matches(path.Destination))
            {
                return rule;
            }
        }
        return null;
    }
}
