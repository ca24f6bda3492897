using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using MqttScion.Scion;

namespace MqttScion.Transport;

/// <summary>
/// The connections of a loop, by their remotes: those with one remote are a chain, which costs no memory of its own.
/// Lives on the loop.
/// </summary>
internal sealed class ConnectionTable
{
    private readonly Dictionary<ScionEndPoint, LoopConnection> _newest = new(new ByBytes());

    public int Count { get; private set; }

    /// <summary>The newest connection with a remote, from which <see cref="LoopConnection.Older"/> leads on.</summary>
    public LoopConnection? NewestOf(ScionEndPoint remote) => _newest.GetValueOrDefault(remote);

    public void Add(LoopConnection connection)
    {
        ref var newest = ref CollectionsMarshal.GetValueRefOrAddDefault(_newest, connection.Paths.Remote, out _);
        connection.Older = newest;
        if (newest is not null)
        {
            newest.Newer = connection;
        }
        newest = connection;
        connection.IsOnLoop = true;
        Count++;
    }

    public void Remove(LoopConnection connection)
    {
        if (connection.Newer is { } newer)
        {
            newer.Older = connection.Older;
        }
        else if (connection.Older is { } next)
        {
            _newest[connection.Paths.Remote] = next;
        }
        else
        {
            _newest.Remove(connection.Paths.Remote);
        }
        if (connection.Older is { } older)
        {
            older.Newer = connection.Newer;
        }
        (connection.Older, connection.Newer) = (null, null);
        connection.IsOnLoop = false;
        Count--;
    }

    /// <summary>Takes all connections out.</summary>
    public List<LoopConnection> TakeAll()
    {
        var all = new List<LoopConnection>(Count);
        foreach (var newest in _newest.Values)
        {
            for (var connection = newest; connection is not null; connection = connection.Older)
            {
                all.Add(connection);
            }
        }
        all.ForEach(Remove);
        return all;
    }

    // The sender of a datagram chooses what it says of its address: it must not be able to choose the hash as well.
    private sealed class ByBytes : IEqualityComparer<ScionEndPoint>
    {
        public bool Equals(ScionEndPoint x, ScionEndPoint y) => x == y;

        public int GetHashCode([DisallowNull] ScionEndPoint endPoint)
        {
            Span<byte> host = stackalloc byte[ScionHost.MaxLength];
            var hash = default(HashCode);
            hash.Add(endPoint.IsdAs.Value);
            hash.Add(endPoint.Port);
            hash.AddBytes(host[..endPoint.Host.CopyTo(host)]);
            return hash.ToHashCode();
        }
    }
}
