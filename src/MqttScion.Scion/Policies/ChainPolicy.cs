namespace MqttScion.Scion;

/// <summary>Applies one policy to what another returned.</summary>
internal sealed class ChainPolicy(IPathPolicy first, IPathPolicy second) : IPathPolicy
{
    public IReadOnlyList<ScionPath> Apply(IReadOnlyList<ScionPath> paths) => second.Apply(first.Apply(paths));

    public PathVerdict Explain(ScionPath path)
    {
        var one = first.Explain(path);
        if (!one.IsAllowed)
        {
            return one;
        }
        var two = second.Explain(path);
        return two.IsAllowed ? new PathVerdict(IsAllowed: true, $"{one.Why}; {two.Why}") : two;
    }
}
