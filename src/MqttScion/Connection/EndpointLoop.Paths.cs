using MqttScion.Scion;

namespace MqttScion;

/// <content>The paths that connections of ours use.</content>
internal sealed partial class EndpointLoop
{
    /// <summary>
    /// Sends to a remote on a path from now on, below QUIC and the session: the peer follows. On the loop only.
    /// </summary>
    /// <param name="remote">The other end of the connections that are meant.</param>
    /// <param name="path">The path; it may be the present one.</param>
    /// <param name="mtu">Bytes of the largest SCION packet that it carries, as far as is known.</param>
    /// <param name="now">The loop's time.</param>
    public void UsePath(ScionEndPoint remote, ScionPath path, int mtu, TimeSpan now)
    {
        foreach (var connection in _connections)
        {
            if (connection.Paths.Remote == remote)
            {
                UsePath(connection, path, mtu, now);
            }
        }
    }

    private void UsePath(LoopConnection connection, ScionPath path, int mtu, TimeSpan now)
    {
        var entry = connection.Paths.Find(path) ?? connection.Paths.Add(path);
        entry.LimitMtu(mtu);
        _watch?.Use(entry);
        connection.Quic.OpenPath(entry.PathId, entry.MaxDatagramBytes, entry.Headroom);
        connection.Quic.SelectPath(entry.PathId, now);
        if (connection.Paths.Evict(connection.Quic.CurrentPathId) is { } evicted)
        {
            connection.Quic.ClosePath(evicted.PathId);
        }
        MarkDirty(connection);
    }
}
