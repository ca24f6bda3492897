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
        Open(connection, entry);
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

    /// <summary>A path carries no larger datagrams of QUIC than these. On the loop only.</summary>
    public void Narrow(LoopConnection connection, PathEntry entry, int maxDatagramBytes, TimeSpan now)
    {
        entry.LimitDatagrams(maxDatagramBytes);
        connection.Quic.NarrowPath(entry.PathId, entry.MaxProbedDatagramBytes, now);
        MarkDirty(connection);
    }

    private static void Open(LoopConnection connection, PathEntry entry) => connection.Quic.OpenPath(
        entry.PathId, PathEntry.LeastDatagramBytes, entry.Headroom, entry.MaxProbedDatagramBytes);

    private static void Evict(LoopConnection connection)
    {
        if (connection.Paths.Evict(connection.Quic.CurrentPathId) is { } evicted)
        {
            connection.Quic.ClosePath(evicted.PathId);
        }
    }

    // A loop without a watch knows no paths but those on which packets came. An error counts when it quotes a packet
    // that we sent on the present path of a connection; the peer, when it next moves, has the last word.
    private ScmpReaction ReactToReport(in ScionDatagram datagram, TimeSpan now)
    {
        var scmp = datagram.Scmp;
        var isInterruption = scmp.Type is ScmpType.ExternalInterfaceDown or ScmpType.InternalConnectivityDown;
        if ((!isInterruption && scmp.Type != ScmpType.PacketTooBig)
            || !ScmpQuote.TryRead(datagram.Payload, out var quote))
        {
            return ScmpReaction.Ignored;
        }
        if (isInterruption && scmp.IsdAs != datagram.Source.IsdAs)
        {
            return ScmpReaction.Implausible;
        }
        if (FindSender(quote) is not { } connection)
        {
            return ScmpReaction.Unrecognized;
        }
        if (connection.Paths.Find(connection.Quic.CurrentPathId) is not { } current || !current.HasSent(quote.Packet))
        {
            return ScmpReaction.Outdated;
        }
        if (!isInterruption)
        {
            return Narrow(connection, current, scmp, quote, now);
        }
        if (!current.HasInterface(scmp.Interface))
        {
            return ScmpReaction.Outdated;
        }
        connection.Steering?.OnReportedDown(current, "a router reports that the path is interrupted", now);
        return connection.Quic.CurrentPathId == current.PathId ? ScmpReaction.NoPathFault : ScmpReaction.MarkedDown;
    }

    private ScmpReaction Narrow(
        LoopConnection connection, PathEntry current, in ScmpMessage scmp, in ScmpQuote quote, TimeSpan now)
    {
        if (scmp.Mtu >= quote.Packet.HeaderLength + quote.Packet.PayloadLength)
        {
            return ScmpReaction.Implausible;
        }
        Narrow(connection, current, Math.Max((int)scmp.Mtu, ScmpReactor.MinMtu) - current.Headroom, now);
        return ScmpReaction.Narrowed;
    }
}
