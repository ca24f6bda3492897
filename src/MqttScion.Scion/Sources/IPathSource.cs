namespace MqttScion.Scion;

/// <summary>
/// Where paths come from: the endhost API, a daemon, or a topology. Safe to call from several threads.
/// </summary>
public interface IPathSource
{
    /// <summary>The ASes that this host is in, the preferred one first; never empty.</summary>
    /// <exception cref="PathLookupException">The source could not answer.</exception>
    Task<IReadOnlyList<LocalAs>> GetLocalAsync(CancellationToken cancellationToken = default);

    /// <summary>Looks up the paths to an AS that are valid now, the shortest first; empty when there is none.</summary>
    /// <param name="destination">The AS to reach; no wildcard.</param>
    /// <param name="source">The local AS to start from; null for the preferred one.</param>
    /// <param name="cancellationToken">Ends the look-up.</param>
    /// <exception cref="PathLookupException">The source could not answer.</exception>
    Task<IReadOnlyList<ScionPath>> GetPathsAsync(
        IsdAs destination,
        IsdAs? source = null,
        CancellationToken cancellationToken = default);

    /// <summary>
    /// Tells the source that an interface carries no packets, so that it leaves out paths over it for a while. A hint:
    /// a source that has no use for it does nothing, which is the default.
    /// </summary>
    /// <param name="end">The interface that is down.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="PathLookupException">The source could not be told.</exception>
    Task ReportDownAsync(PathInterface end, CancellationToken cancellationToken = default) => Task.CompletedTask;
}
