namespace MqttScion.Scion;

/// <summary>Ready-made path policies and the way to chain them.</summary>
public static class PathPolicies
{
    /// <summary>Allows all paths in the order of the source.</summary>
    public static IPathPolicy Any() => new FunctionPolicy(paths => paths);

    /// <summary>Prefers paths through fewer ASes; equals keep their order.</summary>
    public static IPathPolicy FewestHops() => new FunctionPolicy(paths => [.. paths.OrderBy(p => p.Hops.Count)]);

    /// <summary>Denies paths that touch one of the ASes or interfaces.</summary>
    /// <param name="hops">Forms like <c>1</c>, <c>1-ff00:0:120</c>, <c>1-ff00:0:120#3</c> or
    /// <c>1-ff00:0:120#3,4</c>.</param>
    /// <exception cref="FormatException">A text has none of the forms.</exception>
    public static IPathPolicy Avoid(params string[] hops)
    {
        var patterns = Array.ConvertAll(hops, PatternOf);
        return new FunctionPolicy(paths =>
            [.. paths.Where(path => !path.Hops.Any(hop => patterns.Any(p => p.Matches(hop))))]);
    }

    /// <summary>Allows and denies by a one-line list, see <see cref="AclPolicy"/>.</summary>
    /// <exception cref="FormatException">The text is no list.</exception>
    public static IPathPolicy Acl(string acl) => AclPolicy.Parse(acl);

    /// <summary>Applies one policy to what another returned; where the second orders, its order counts first.</summary>
    public static IPathPolicy Then(this IPathPolicy first, IPathPolicy second)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        return new FunctionPolicy(paths => second.Apply(first.Apply(paths)));
    }

    private static HopPattern PatternOf(string text) =>
        HopPattern.TryParse(text, out var pattern)
            ? pattern
            : throw new FormatException($"'{text}' is no ISD, ISD-AS, ISD-AS#IF or ISD-AS#IN,OUT.");

    private sealed class FunctionPolicy(Func<IReadOnlyList<ScionPath>, IReadOnlyList<ScionPath>> apply) : IPathPolicy
    {
        public IReadOnlyList<ScionPath> Apply(IReadOnlyList<ScionPath> paths) => apply(paths);
    }
}
