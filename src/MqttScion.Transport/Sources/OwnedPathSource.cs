using MqttScion.Scion;

namespace MqttScion;

/// <summary>A path source with all that was made for it, which goes when it is disposed.</summary>
/// <remarks>Whatever the source fails with leaves as a <see cref="PathLookupException"/>.</remarks>
public sealed class OwnedPathSource : IPathSource, IDisposable
{
    private readonly IPathSource _source;
    private readonly IReadOnlyList<IDisposable> _owned;

    internal OwnedPathSource(IPathSource source, IReadOnlyList<IDisposable> owned) =>
        (_source, _owned) = (source, owned);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<LocalAs>> GetLocalAsync(CancellationToken cancellationToken = default)
    {
        try
        {
            return await _source.GetLocalAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (IsUnexpected(e, cancellationToken))
        {
            throw Failure(e);
        }
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<ScionPath>> GetPathsAsync(
        IsdAs destination,
        IsdAs? source = null,
        CancellationToken cancellationToken = default)
    {
        try
        {
            return await _source.GetPathsAsync(destination, source, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (IsUnexpected(e, cancellationToken))
        {
            throw Failure(e);
        }
    }

    /// <inheritdoc/>
    public async Task ReportDownAsync(PathInterface end, CancellationToken cancellationToken = default)
    {
        try
        {
            await _source.ReportDownAsync(end, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (IsUnexpected(e, cancellationToken))
        {
            throw Failure(e);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var each in _owned)
        {
            each.Dispose();
        }
    }

    // The source may be the user's: what it throws must not end those who ask again later.
    private static bool IsUnexpected(Exception e, CancellationToken cancellationToken) =>
        e is not PathLookupException
        && !(e is OperationCanceledException && cancellationToken.IsCancellationRequested);

    private PathLookupException Failure(Exception e)
    {
        var name = _source.GetType().Name;
        return new PathLookupException(
            $"The path source {name} failed: {e.Message}",
            new Uri("pathsource:" + Uri.EscapeDataString(name)),
            code: null,
            e);
    }
}
