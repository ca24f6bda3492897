namespace MqttScion.Scion;

/// <summary>Allows all paths, those with the smallest key first; equals keep their order.</summary>
/// <param name="key">What is compared.</param>
/// <param name="describe">Says what is compared, such as <c>latency 12 ms</c>.</param>
internal sealed class OrderPolicy<TKey>(Func<ScionPath, TKey> key, Func<ScionPath, string> describe) : IPathPolicy
{
    // OrderBy is stable.
    public IReadOnlyList<ScionPath> Apply(IReadOnlyList<ScionPath> paths) => [.. paths.OrderBy(key)];

    public PathVerdict Explain(ScionPath path) => new(IsAllowed: true, describe(path));
}
