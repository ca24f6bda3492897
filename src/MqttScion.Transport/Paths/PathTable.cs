using MqttScion.Scion;
using MqttScion.Udp;

namespace MqttScion.Transport;

/// <summary>
/// The paths of one connection: those that we chose, and the reverse of those on which authentic packets came. Maps the
/// engine's path ids to header templates and next hops. On IP, a path is an address of the remote.
/// </summary>
internal sealed class PathTable
{
    /// <summary>How many paths a connection keeps, chosen and reverse ones together.</summary>
    public const int MaxPaths = 5;

    private readonly List<PathEntry> _entries = [];
    private readonly ScionEndPoint? _local;
    private readonly int _overheadBytes;
    private int _nextPathId;
    private bool _isFixed;

    private PathTable(ScionEndPoint? local, ScionEndPoint remote, ServerAddress remoteName, int overheadBytes) =>
        (_local, Remote, RemoteName, _overheadBytes) = (local, remote, remoteName, overheadBytes);

    /// <summary>The other end, the same on all paths; on IP, where it was at first.</summary>
    public ScionEndPoint Remote { get; }

    /// <summary>The other end as users know it.</summary>
    public ServerAddress RemoteName { get; }

    /// <summary>A table for SCION.</summary>
    /// <param name="local">Our end.</param>
    /// <param name="remote">The other end.</param>
    /// <param name="overheadBytes">What the underlay takes of each path's MTU.</param>
    public static PathTable OnScion(ScionEndPoint local, ScionEndPoint remote, int overheadBytes = 0) =>
        new(local, remote, remote, overheadBytes);

    /// <summary>A table for IP.</summary>
    public static PathTable OnIP(ScionEndPoint remote, string scheme) =>
        new(local: null, remote, ServerAddress.OfIP(remote, scheme), overheadBytes: 0);

    /// <summary>
    /// Adds the address of a server that we chose. It answers from there or not at all (RFC 9000 §9).
    /// </summary>
    public PathEntry Add(in UdpAddress address)
    {
        _isFixed = true;
        var entry = PathEntry.FromAddress(_nextPathId++, Remote, address);
        _entries.Add(entry);
        return entry;
    }

    /// <summary>Adds a SCION path that we chose.</summary>
    public PathEntry Add(ScionPath path)
    {
        var entry = PathEntry.FromPath(_nextPathId++, _local!.Value, Remote, path, _overheadBytes);
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
    /// Makes an entry for the reverse of a datagram's path without keeping it; null when it can't be reversed, or the
    /// remote may not come on another.
    /// </summary>
    public PathEntry? Propose(in ScionDatagram datagram)
    {
        if (_local is not { } local)
        {
            return _isFixed ? null : PathEntry.FromAddress(_nextPathId, datagram.Source, datagram.NextHop);
        }
        return PathEntry.TryReverse(_nextPathId, local, datagram, out var entry) ? entry : null;
    }

    /// <summary>The entry that sends exactly as a path that we chose does, or null.</summary>
    public PathEntry? Find(ScionPath path)
    {
        foreach (var entry in _entries)
        {
            if (entry.Path is { } known
                && known.Equals(path)
                && known.DataplanePath.Span.SequenceEqual(path.DataplanePath.Span))
            {
                return entry;
            }
        }
        return null;
    }

    /// <summary>The entries that are in no doubt, that on which something came last first.</summary>
    public IReadOnlyList<PathEntry> Undoubted =>
        [.. _entries.Where(static entry => !entry.IsDoubtful).OrderByDescending(static entry => entry.LastReceived)];

    /// <summary>Keeps a proposed entry.</summary>
    public void Accept(PathEntry candidate)
    {
        _nextPathId++;
        _entries.Add(candidate);
    }

    /// <summary>
    /// Gives and forgets the entry that has to leave when there are too many: of those not in use the one on which
    /// nothing came for longest, a peer's choice before our own, never the newest; else null.
    /// </summary>
    public PathEntry? Evict(int currentPathId)
    {
        if (_entries.Count <= MaxPaths)
        {
            return null;
        }
        PathEntry? oldest = null;
        foreach (var entry in _entries)
        {
            if (entry.PathId != currentPathId && entry != _entries[^1] && (oldest is null || entry.IsLessThan(oldest)))
            {
                oldest = entry;
            }
        }
        _entries.Remove(oldest!);
        return oldest;
    }
}
