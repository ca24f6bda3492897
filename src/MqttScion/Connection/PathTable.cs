using MqttScion.Scion;

namespace MqttScion;

/// <summary>
/// The SCION paths of one connection: those that we chose, and the reverse of those on which authentic packets came.
/// Maps the engine's path ids to header templates and next hops.
/// </summary>
internal sealed class PathTable(ScionEndPoint local)
{
    /// <summary>How many paths a connection keeps, chosen and reverse ones together.</summary>
    public const int MaxPaths = 5;

    private readonly List<PathEntry> _entries = [];
    private int _nextPathId;

    /// <summary>Adds a path that we chose.</summary>
    public PathEntry Add(ScionEndPoint remote, ScionPath path)
    {
        var entry = PathEntry.FromPath(_nextPathId++, local, remote, path);
        _entries.Add(entry);
        return entry;
    }

    /// <summary>The entry with an id, or null.</summary>
    public PathEntry? Find(int pathId)
    {
        foreach (var entry in _entries)
        {
            if (entry.PathId == pathId)
            {
                return entry;
            }
        }
        return null;
    }

    /// <summary>The entry on which a datagram came, or null when it is a new one.</summary>
    public PathEntry? Match(in ScionDatagram datagram)
    {
        foreach (var entry in _entries)
        {
            if (entry.Matches(datagram))
            {
                return entry;
            }
        }
        return null;
    }

    /// <summary>
    /// Makes an entry for the reverse of a datagram's path without keeping it; null when it can't be reversed.
    /// </summary>
    public PathEntry? Propose(in ScionDatagram datagram) =>
        PathEntry.TryReverse(_nextPathId, local, datagram, out var entry) ? entry : null;

    /// <summary>Keeps a proposed entry; gives the one that had to leave, or null.</summary>
    public PathEntry? Accept(PathEntry candidate, int currentPathId)
    {
        _nextPathId++;
        _entries.Add(candidate);
        if (_entries.Count <= MaxPaths)
        {
            return null;
        }
        PathEntry? oldest = null;
        foreach (var entry in _entries)
        {
            if (entry.PathId != currentPathId && entry != candidate && entry.Path is null
                && (oldest is null || entry.LastReceived < oldest.LastReceived))
            {
                oldest = entry;
            }
        }
        if (oldest is not null)
        {
            _entries.Remove(oldest);
        }
        return oldest;
    }
}
