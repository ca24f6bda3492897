using MqttScion.Scion;

namespace MqttScion.Cli;

/// <summary>What a path source said about a destination.</summary>
/// <param name="Destination">The AS to reach.</param>
/// <param name="LocalAses">All ASes that this host is in.</param>
/// <param name="Local">The one to start from.</param>
/// <param name="Paths">The paths from there, the shortest first.</param>
internal sealed record PathLookup(
    IsdAs Destination, IReadOnlyList<LocalAs> LocalAses, LocalAs Local, IReadOnlyList<ScionPath> Paths)
{
    /// <summary>How long a command that has no option for it waits for the paths.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    /// <summary>Asks for the paths from one local AS, or from the first that has any.</summary>
    /// <param name="source">Where paths come from.</param>
    /// <param name="destination">The AS to reach.</param>
    /// <param name="options">The local AS that is asked for, if any, and the name of the source.</param>
    /// <param name="limit">How long to wait.</param>
    /// <param name="cancellationToken">Ends the look-up.</param>
    /// <exception cref="PathLookupException">The source could not answer.</exception>
    /// <exception cref="CommandException">It took too long, or this host is not in the AS that is asked for.
    /// </exception>
    public static Task<PathLookup> RunAsync(
        IPathSource source,
        IsdAs destination,
        ScionOptions options,
        TimeSpan limit,
        CancellationToken cancellationToken)
    {
        var (kind, where) = PathOptions.SourceOf(options);
        return TimeLimit.RunAsync(
            limit,
            $"The {kind} {where}",
            token => RunAsync(source, destination, PathOptions.LocalIsdAsOf(options), token),
            cancellationToken);
    }

    /// <summary>The path that a policy prefers.</summary>
    /// <exception cref="CommandException">There is no path, or none that it allows.</exception>
    public ScionPath BestOf(IPathPolicy policy)
    {
        var allowed = policy.Apply(Paths);
        return allowed.Count > 0
            ? allowed[0]
            : throw new CommandException(Paths.Count == 0
                ? $"No path from {Local.IsdAs} to {Destination}."
                : $"No path from {Local.IsdAs} to {Destination} is allowed, of {Paths.Count}; "
                    + "'paths --explain' tells why.");
    }

    /// <summary>The local ASes to take: all, or the one that is asked for.</summary>
    /// <exception cref="CommandException">This host is not in it.</exception>
    public static IReadOnlyList<LocalAs> Choose(IReadOnlyList<LocalAs> all, IsdAs? asked)
    {
        IReadOnlyList<LocalAs> chosen = [.. all.Where(each => asked is null || each.IsdAs == asked)];
        return chosen.Count > 0
            ? chosen
            : throw new CommandException(
                $"This host is not in {asked}; its path source names "
                + $"{string.Join(", ", all.Select(each => each.IsdAs))}.");
    }

    private static async Task<PathLookup> RunAsync(
        IPathSource source, IsdAs destination, IsdAs? asked, CancellationToken cancellationToken)
    {
        var all = await source.GetLocalAsync(cancellationToken).ConfigureAwait(false);
        var chosen = Choose(all, asked);
        foreach (var local in chosen)
        {
            var paths = await source.GetPathsAsync(destination, local.IsdAs, cancellationToken).ConfigureAwait(false);
            if (paths.Count > 0)
                return new PathLookup(destination, all, local, paths);
        }
        return new PathLookup(destination, all, chosen[0], []);
    }
}
