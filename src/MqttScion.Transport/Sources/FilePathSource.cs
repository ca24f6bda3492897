using MqttScion.Scion;

namespace MqttScion.Transport;

/// <summary>Gives the paths of a file, which it reads for each look-up: a file that was replaced is taken.</summary>
internal sealed class FilePathSource(string path, TimeProvider time) : IPathSource
{
    /// <inheritdoc/>
    public async Task<IReadOnlyList<LocalAs>> GetLocalAsync(CancellationToken cancellationToken = default)
    {
        var file = await FixedPathSource.LoadAsync(path, time, cancellationToken).ConfigureAwait(false);
        return await file.GetLocalAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<ScionPath>> GetPathsAsync(
        IsdAs destination,
        IsdAs? source = null,
        CancellationToken cancellationToken = default)
    {
        var file = await FixedPathSource.LoadAsync(path, time, cancellationToken).ConfigureAwait(false);
        return await file.GetPathsAsync(destination, source, cancellationToken).ConfigureAwait(false);
    }
}
