using MqttScion.Scion;

namespace MqttScion.Transport;

/// <content>The paths that connections use.</content>
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
        for (var connection = _connections.NewestOf(remote); connection is not null; connection = connection.Older)
        {
            UsePath(connection, path, mtu, now);
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

    // A loop without a watch knows no paths but those on which packets came. When a router says that the one on which a
    // connection answers is interrupted, it answers on another of them; the peer, when it next moves, has the last
    // word.
    private ScmpReaction AnswerElsewhere(in ScionDatagram datagram, TimeSpan now)
    {
        var scmp = datagram.Scmp;
        if (scmp.Type is not (ScmpType.ExternalInterfaceDown or ScmpType.InternalConnectivityDown)
            || !ScmpQuote.TryRead(datagram.Payload, out var quote))
        {
            return ScmpReaction.Ignored;
        }
        if (scmp.IsdAs != datagram.Source.IsdAs)
        {
            return ScmpReaction.Implausible;
        }
        if (FindSender(quote) is not { } connection)
        {
            return ScmpReaction.Unrecognized;
        }
        if (connection.Paths.Find(connection.Quic.CurrentPathId) is not { } current
            || !current.HasSent(quote.Packet, scmp.Interface))
        {
            return ScmpReaction.Outdated;
        }
        if (connection.Paths.FindInstead(current, now) is not { } instead)
        {
            return ScmpReaction.NoPathFault;
        }
        connection.Quic.SelectPath(instead.PathId, now);
        MarkDirty(connection);
        return ScmpReaction.MarkedDown;
    }
}
