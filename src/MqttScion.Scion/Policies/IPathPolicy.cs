namespace MqttScion.Scion;

/// <summary>A decision without memory: which paths may be used, in which order of preference.</summary>
/// <remarks>A pure function: same paths in, same paths out, from any thread.</remarks>
public interface IPathPolicy
{
    /// <summary>Returns the allowed paths, the preferred first; never a path that was not given.</summary>
    IReadOnlyList<ScionPath> Apply(IReadOnlyList<ScionPath> paths);

    /// <summary>Tells for one path, as if it were the only one, whether it is allowed and which rule decides.</summary>
    PathVerdict Explain(ScionPath path) => Apply([path]).Count > 0
        ? new PathVerdict(IsAllowed: true, "allowed")
        : new PathVerdict(IsAllowed: false, "denied by the policy");
}
