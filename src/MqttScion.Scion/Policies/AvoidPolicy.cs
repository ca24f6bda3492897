namespace MqttScion.Scion;

/// <summary>Denies paths that touch one of some ASes or interfaces.</summary>
/// <param name="patterns">What is to be avoided.</param>
internal sealed class AvoidPolicy(HopPattern[] patterns) : IPathPolicy
{
    public IReadOnlyList<ScionPath> Apply(IReadOnlyList<ScionPath> paths) =>
        [.. paths.Where(path => !path.Hops.Any(hop => PatternFor(hop) is not null))];

    public PathVerdict Explain(ScionPath path)
    {
        foreach (var hop in path.Hops)
        {
            if (PatternFor(hop) is { } pattern)
            {
                return new PathVerdict(IsAllowed: false, $"denied by avoiding \"{pattern}\" at {hop}");
            }
        }
        return new PathVerdict(IsAllowed: true, "allowed: nothing on it is to be avoided");
    }

    private HopPattern? PatternFor(PathHop hop)
    {
        foreach (var pattern in patterns)
        {
            if (pattern.Matches(hop))
            {
                return pattern;
            }
        }
        return null;
    }
}
