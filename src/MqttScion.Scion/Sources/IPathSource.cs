namespace MqttScion.Scion;

/// <summary>
/// Where paths come from: the endhost API, a daemon, or a topology. Safe to call from several threads.
/// </summary>
public interface IPathSource
{
    /// <summary>The ASes that this host is in, the preferred one first; never empty.</summary>
    /// <exception cref="PathLookupException">The source could not answer.</exception>
    Task<IReadOnlyList<IsdAs>> GetLocalAsync(CancellationToken cancellationToken = default);

    /// <summary>Looks up the paths to an AS that are valid now, the shortest first; empty when there is none.</summary>
    /// <param name="destination">The AS to reach; no wildcard.</param>
    /// <param name="source">The local AS to start from; null for the preferred one.</param>
    /// <param name="cancellationToken">Ends the look-up.</param>
    /// <exception cref="PathLookupException">The source could not answer.</exception>
    Task<IReadOnlyList<ScionPath>> GetPathsAsync(
        IsdAs destination,
        IsdAs? source = null,
        CancellationToken cancellationToken = default);
}
