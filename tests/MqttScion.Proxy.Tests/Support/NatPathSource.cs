using MqttScion.Scion;

namespace MqttScion.Proxy.Tests.Support;

/// <summary>The paths of another source, over relays in front of the border routers.</summary>
internal sealed class NatPathSource(IPathSource inner) : IPathSource, IDisposable
{
    private readonly List<NatRelay> _relays = [];

    public IReadOnlyList<NatRelay> Relays => _relays;

    public Task<IReadOnlyList<LocalAs>> GetLocalAsync(CancellationToken cancellationToken = default) =>
        inner.GetLocalAsync(cancellationToken);

    public async Task<IReadOnlyList<ScionPath>> GetPathsAsync(
        IsdAs destination,
        IsdAs? source = null,
        CancellationToken cancellationToken = default)
    {
        var paths = await inner.GetPathsAsync(destination, source, cancellationToken);
        if (_relays.Count == 0)
        {
            _relays.Add(new NatRelay(paths[0].NextHop!));
        }
        return [.. paths.Select(path => path.WithNextHop(_relays[0].Inside))];
    }

    public void Dispose()
    {
        foreach (var relay in _relays)
        {
            relay.Dispose();
        }
    }
}
