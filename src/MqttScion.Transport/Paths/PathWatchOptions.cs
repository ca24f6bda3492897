using MqttScion.Scion;

namespace MqttScion.Transport;

/// <summary>What a <see cref="PathWatch"/> watches.</summary>
/// <param name="Store">The paths of the loop's connection, which are probed.</param>
/// <param name="Stores">All stores of the client: an interface that is down concerns paths to everywhere.</param>
/// <param name="Probing">How to probe the paths that are not in use; null for not at all.</param>
/// <param name="UsesStun">True to ask border routers for the address under which they see the loop's socket.</param>
internal sealed record PathWatchOptions(
    PathStore Store,
    IReadOnlyCollection<PathStore> Stores,
    PathProberOptions? Probing,
    bool UsesStun);
