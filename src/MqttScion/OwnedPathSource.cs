using MqttScion.Scion;

namespace MqttScion;

/// <summary>A path source with all that was made for it, which goes when it is disposed.</summary>
public sealed class OwnedPathSource : IPathSource, IDisposable
{
    private readonly IPathSource _source;
    private readonly IReadOnlyList<IDisposable> _owned;

    internal OwnedPathSource(IPathSource source, IReadOnlyList<IDisposable> owned) => (_source, _owned) = (source, owned);

    /// <inheritdoc/>
    public Task<IReadOnlyList<LocalAs>> GetLocalAsync(CancellationToken cancellationToken = default) =>
        _source.GetLocalAsync(cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<ScionPath>> GetPathsAsync(
        IsdAs destination,
        IsdAs? source = null,
        CancellationToken cancellationToken = default) =>
        _source.GetPathsAsync(destination, source, cancellationToken);

    /// <inheritdoc/>
    public Task ReportDownAsync(PathInterface end, CancellationToken cancellationToken = default) =>
        _source.ReportDownAsync(end, cancellationToken);

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var each in _owned)
        {
            each.Dispose();
        }
    }
}
