using System.Net;
using MqttScion.Scion;

namespace MqttScion.Tests.Support;

/// <summary>The paths of another source, with the first hop over a relay.</summary>
internal sealed class RelayedPathSource(IPathSource inner, IPEndPoint relay) : IPathSource
{
    public Task<IReadOnlyList<LocalAs>> GetLocalAsync(CancellationToken cancellationToken = default) =>
        inner.GetLocalAsync(cancellationToken);

    public async Task<IReadOnlyList<ScionPath>> GetPathsAsync(
        IsdAs destination,
        IsdAs? source = null,
        CancellationToken cancellationToken = default) =>
        [.. (await inner.GetPathsAsync(destination, source, cancellationToken)).Select(p => p.WithNextHop(relay))];
}
