using MqttScion.Scion;

namespace MqttScion.Transport;

/// <summary>The source of a client that has no server on SCION.</summary>
internal sealed class NoPathSource : IPathSource
{
    public Task<IReadOnlyList<LocalAs>> GetLocalAsync(CancellationToken cancellationToken = default) =>
        Task.FromResult<IReadOnlyList<LocalAs>>([]);

    public Task<IReadOnlyList<ScionPath>> GetPathsAsync(
        IsdAs destination, IsdAs? source = null, CancellationToken cancellationToken = default) =>
        Task.FromResult<IReadOnlyList<ScionPath>>([]);
}
