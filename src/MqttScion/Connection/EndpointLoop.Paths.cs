using MqttScion.Scion;

namespace MqttScion;

/// <content>The paths that connections of ours use.</content>
internal sealed partial class EndpointLoop
{
    /// <summary>
    /// Sends to a remote on another path from now on, below QUIC and the session: the peer follows. On the loop only.
    /// </summary>
    public void UsePath(ScionEndPoint remote, ScionPath path, TimeSpan now)
    {
        foreach (var connection in _connections)
        {
            if (connection.Paths.Remote == remote)
            {
                UsePath(connection, path, now);
            }
        }
    }

    private void UsePath(LoopConnection connection, ScionPath path, TimeSpan now)
    {
        var entry = connection.Paths.Find(path);
        if (entry is null)
        {
            entry = connection.Paths.Add(path);
            connection.Quic.OpenPath(entry.PathId, entry.MaxDatagramBytes, entry.Headroom);
        }
        connection.Quic.SelectPath(entry.PathId, now);
        if (connection.Paths.Evict(connection.Quic.CurrentPathId) is { } evicted)
        {
            connection.Quic.ClosePath(evicted.PathId);
        }
        MarkDirty(connection);
    }
}
