namespace MqttScion.Scion;

/// <summary>Gives paths from a list that never changes, such as one read from a file.</summary>
/// <remarks>
/// <para>The file is JSON. Members marked with ? may be missing; times are ISO 8601, bytes are hexadecimal:</para>
/// <code>
/// { "local": [                             the ASes of this host, the preferred first; one or more
///     { "isd_as": "1-ff00:0:111",
///       "mtu": 1472,                       ? bytes
///       "core": false,                     ?
///       "dispatched_ports": "31000-32767", ? also "all" and "-" (none)
///       "routers": { "1": "10.0.0.1:30001" } } ],   ? interface: border router
///   "paths": [
///     { "interfaces": [ "1-ff00:0:111#1", "1-ff00:0:110#3" ],   pairs in the order of travel
///       "dataplane": "0000200…",           the standard path at its first hop; or instead of it "segments":
///       "segments": [ { "cons_dir": false, "peering": false, "seg_id": 4711, "timestamp": 1700000000,
///         "hops": [ { "ingress": 3, "egress": 0, "exp_time": 63, "mac": "0123456789ab" } ] } ],
///       "mtu": 1400,                       bytes
///       "expiry": "2030-01-31T12:00:00Z",  ? else that of the hop fields
///       "next_hop": "10.0.0.1:30001",      ? else the router of the first interface
///       "metadata": { "latency_us": [ 1500, null ], "bandwidth_kbps": [], "geo": [ null ], "link_type": [ 1 ],
///         "internal_hops": [], "notes": [] } } ] }   ? all parts too; lengths as in <see cref="PathMetadata"/>
/// </code>
/// <para>Ingress and egress are in construction direction, as on the wire. Immutable and safe to call from several
/// threads.</para>
/// </remarks>
public sealed class FixedPathSource : IPathSource
{
    /// <summary>The MTU inside an AS for which none is given: Ethernet less IP and UDP.</summary>
    internal const int DefaultLocalMtu = 1472;

    private readonly IReadOnlyList<LocalAs> _local;
    private readonly ILookup<(IsdAs Source, IsdAs Destination), ScionPath> _paths;
    private readonly TimeProvider _time;

    /// <summary>Makes a source from what it gives.</summary>
    /// <param name="local">The ASes of this host, the preferred first.</param>
    /// <param name="paths">The paths; those inside one AS are left out, since they are given for each local AS.</param>
    /// <param name="time">The clock for expiry; null for the system's.</param>
    /// <exception cref="ArgumentException">There is no local AS, or one is a wildcard.</exception>
    public FixedPathSource(
        IReadOnlyList<LocalAs> local, IReadOnlyList<ScionPath> paths, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(local);
        ArgumentNullException.ThrowIfNull(paths);
        if (local.Count == 0 || local.Any(each => each.IsdAs.IsWildcard))
        {
            throw new ArgumentException("A source of fixed paths needs local ASes, without wildcards.", nameof(local));
        }
        _local = [.. local];
        _paths = PathCombinator.RemoveDuplicates(paths, static path => path.Expiry)
            .Where(path => !path.IsLocal)
            .OrderBy(path => path.Hops.Count)
            .ToLookup(path => (path.Source, path.Destination));
        _time = time ?? TimeProvider.System;
    }

    /// <summary>Makes a source from a file.</summary>
    /// <param name="path">The file, at most 16 MiB.</param>
    /// <param name="time">The clock for expiry; null for the system's.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="PathLookupException">
    /// The file can't be read, or has another form; the message says where.
    /// </exception>
    public static async Task<FixedPathSource> LoadAsync(
        string path, TimeProvider? time = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var json = await SourceFile.ReadAsync(path, FixedPathFile.MaxBytes, "path", cancellationToken)
            .ConfigureAwait(false);
        try
        {
            var (local, paths) = FixedPathFile.Read(json);
            return new FixedPathSource(local, paths, time);
        }
        catch (FormatException e)
        {
            throw new PathLookupException(
                $"The path file {path} can't be used: {e.Message}.", new Uri(Path.GetFullPath(path)), null, e);
        }
    }

    /// <summary>Writes a file that <see cref="LoadAsync"/> reads.</summary>
    /// <param name="path">The file; replaced when it exists.</param>
    /// <param name="local">The ASes of the host, the preferred first.</param>
    /// <param name="paths">The paths; those inside one AS are left out.</param>
    /// <param name="cancellationToken">Ends the writing.</param>
    /// <exception cref="IOException">The file can't be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be written.</exception>
    public static Task SaveAsync(
        string path,
        IReadOnlyList<LocalAs> local,
        IReadOnlyList<ScionPath> paths,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(local);
        ArgumentNullException.ThrowIfNull(paths);
        return File.WriteAllBytesAsync(path, FixedPathFile.Write(local, paths), cancellationToken);
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<LocalAs>> GetLocalAsync(CancellationToken cancellationToken = default) =>
        Task.FromResult(_local);

    /// <inheritdoc/>
    public Task<IReadOnlyList<ScionPath>> GetPathsAsync(
        IsdAs destination,
        IsdAs? source = null,
        CancellationToken cancellationToken = default)
    {
        SingleAs.ThrowIfWildcard(destination);
        var from = source ?? _local[0].IsdAs;
        var now = _time.GetUtcNow();
        var home = _local.FirstOrDefault(each => each.IsdAs == destination);
        IReadOnlyList<ScionPath> paths = from == destination && home is not null
            ? [ScionPath.SameAs(from, home.Mtu ?? DefaultLocalMtu, now + TimeSpan.FromDays(1))]
            : [.. _paths[(from, destination)].Where(path => path.Expiry > now)];
        return Task.FromResult(paths);
    }
}
