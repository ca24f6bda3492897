using MqttScion.Scion;

namespace MqttScion.Proxy.Tests.Support;

/// <summary>The empty path within one AS, and no other.</summary>
internal sealed class SameAsPathSource(IsdAs isdAs) : IPathSource
{
    public Task<IReadOnlyList<LocalAs>> GetLocalAsync(CancellationToken cancellationToken = default) =>
        Task.FromResult<IReadOnlyList<LocalAs>>([new LocalAs(isdAs)]);

    public Task<IReadOnlyList<ScionPath>> GetPathsAsync(
        IsdAs destination,
        IsdAs? source = null,
        CancellationToken cancellationToken = default) =>
        Task.FromResult<IReadOnlyList<ScionPath>>(
            destination == isdAs ? [ScionPath.SameAs(isdAs, mtu: 1472, DateTimeOffset.MaxValue)] : []);
}
