using MqttScion.Scion;

namespace MqttScion.Transport;

/// <content>The paths that connections use.</content>
internal sealed partial class EndpointLoop
{
    /// <summary>Makes a path known to a connection. On the loop only.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="path">The path.</param>
    /// <param name="mtu">Bytes of the largest SCION packet that it carries, as far as is known.</param>
    /// <exception cref="ArgumentException">No header can be made of the path.</exception>
    public PathEntry OpenPath(LoopConnection connection, ScionPath path, int mtu)
    {
        var entry = connection.Paths.Find(path) ?? connection.Paths.Add(path);
        entry.LimitMtu(mtu);
        _watch?.Use(entry);
        connection.Quic.OpenPath(entry.PathId, entry.MaxDatagramBytes, entry.Headroom);
        Evict(connection);
        return entry;
    }

    /// <summary>
    /// Sends on a path from now on, below QUIC and the session: the peer follows. On the loop only.
    /// </summary>
    /// <param name="connection">The connection.</param>
    /// <param name="entry">The path; it may be the present one.</param>
    /// <param name="isGivenUp">True when what is in flight on the path before is lost.</param>
    /// <param name="now">The loop's time.</param>
    public void UsePath(LoopConnection connection, PathEntry entry, bool isGivenUp, TimeSpan now)
    {
        if (isGivenUp)
        {
            connection.Quic.GiveUpPath(entry.PathId, now);
        }
        else
        {
            connection.Quic.SelectPath(entry.PathId, now);
        }
        MarkDirty(connection);
    }

    private static void Evict(LoopConnection connection)
    {
        if (connection.Paths.Evict(connection.Quic.CurrentPathId) is { } evicted)
        {
            connection.Quic.ClosePath(evicted.PathId);
        }
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
        connection.Steering?.OnReportedDown(current, "a router reports that the path is interrupted", now);
        return connection.Quic.CurrentPathId == current.PathId ? ScmpReaction.NoPathFault : ScmpReaction.MarkedDown;
    }
}
