namespace MqttScion.Simulation;

/// <content>What must hold of a connection at any time.</content>
internal sealed partial class Host
{
    private const int MaxTimersAtOnce = 1;
    private const int MaxSentSpan = 1 << 14;
    private const int MaxLocalIds = 3;
    private const int MaxLingeringStreams = 100;
    private const int QuicMinDatagramBytes = 1200;
    private const int MaxPeerIds = 4;

    // A timer that is due again right after it fired would keep a loop busy for nothing.
    private void CheckTimer(Tracked tracked)
    {
        for (var count = 0; tracked.Connection.NextTimeout <= _world.Now; count++)
        {
            Invariant.Check(
                count < MaxTimersAtOnce,
                $"a timer is due at {tracked.Connection.NextTimeout} again and again");
            tracked.Connection.OnTimeout(_world.Now);
            Pump(tracked);
        }
    }

    // RFC 9002 §7: nothing but probes, and frames about a path, goes out beyond the window. The engine starts a
    // datagram while there is any window left. One packet of a handshake that is not done may always leave.
    private void CheckWindow(Tracked tracked, in QuicStatistics before, int probes, in QuicTransmit transmit)
    {
        var after = tracked.Connection.Statistics;
        var isFree = tracked.Observer.TakeSentPathFrame() || probes > 0 ||
            !tracked.Connection.IsHandshakeConfirmed;
        if (isFree || transmit.PathId != before.PathId || after.PathId != before.PathId ||
            after.BytesInFlight <= before.BytesInFlight)
            return;
        Invariant.Check(
            after.BytesInFlight < before.CongestionWindow + transmit.SegmentSize &&
                before.BytesInFlight < before.CongestionWindow,
            $"in flight went from {before.BytesInFlight} to {after.BytesInFlight}, window {before.CongestionWindow}");
    }

    private void Check(Tracked tracked)
    {
        CheckCounters(tracked);
        var connection = tracked.Connection;
        if (connection.State == QuicConnectionState.Drained)
        {
            Invariant.Check(connection.NextTimeout is null, "a drained connection has a timer");
            return;
        }

        Invariant.Check(connection.NextTimeout is not null, $"a connection that is {connection.State} has no timer");
        var ending = connection.State is QuicConnectionState.Closing or QuicConnectionState.Draining;
        Invariant.Check(ending == (connection.CloseReason is not null), "a connection that ends has a reason");
        CheckMemory(connection);
    }

    private static void CheckCounters(Tracked tracked)
    {
        var last = tracked.Statistics;
        var now = tracked.Connection.Statistics;
        Invariant.Check(
            now.SentPackets >= last.SentPackets && now.ReceivedPackets >= last.ReceivedPackets &&
            now.LostPackets >= last.LostPackets && now.LostBytes >= last.LostBytes &&
            now.ProbeTimeouts >= last.ProbeTimeouts && now.KeyUpdates >= last.KeyUpdates &&
            now.DroppedDatagrams >= last.DroppedDatagrams && now.SentBytes >= last.SentBytes &&
            now.ReceivedBytes >= last.ReceivedBytes && now.DroppedPackets >= last.DroppedPackets,
            $"a counter went down: {last}, then {now}");
        Invariant.Check(
            now.LostPackets <= now.SentPackets && now.BytesInFlight >= 0 && now.SmoothedRtt > TimeSpan.Zero &&
            now.CongestionWindow >= 2 * QuicMinDatagramBytes && now.MaxDatagramBytes >= QuicMinDatagramBytes,
            $"a counter is out of its range: {now}");
        tracked.Statistics = now;
    }

    private void CheckMemory(QuicConnection connection)
    {
        var unread = 0L;
        foreach (var stream in connection.Streams.All)
        {
            var received = stream.IsReceiveOver ? 0 : stream.In.End - stream.In.Start;
            unread += received;
            Invariant.Check(
                received <= _plan.Options.StreamWindowBytes, $"stream {stream.Id} keeps {received} bytes to be read");
            var kept = stream.Out.End - stream.Out.Start;
            Invariant.Check(
                kept <= _plan.Options.SendBufferBytes, $"stream {stream.Id} keeps {kept} bytes to be sent");
        }

        Invariant.Check(
            unread <= _plan.Options.ConnectionWindowBytes && connection.Streams.UnreadBytes >= unread,
            $"{unread} bytes are kept, {connection.Streams.UnreadBytes} accounted for");
        // Streams that the peer is done with, and whose last ACK is under way, come on top of the limits.
        var (own, peer) = (_plan.Options, _peer.Options);
        var limits = own.MaxBidirectionalStreams + own.MaxUnidirectionalStreams +
            peer.MaxBidirectionalStreams + peer.MaxUnidirectionalStreams;
        Invariant.Check(
            connection.StreamCount <= MaxLingeringStreams + 2 * limits,
            $"{connection.StreamCount} streams are kept");
        foreach (var space in connection.Spaces)
        {
            var span = space.Sent.End - space.Sent.First;
            Invariant.Check(span <= MaxSentSpan, $"{space.Sent.Count} packets in flight span {span} numbers");
            Invariant.Check(
                space.AckElicitingInFlight >= 0 && space.AckElicitingInFlight <= space.Sent.Count,
                $"{space.AckElicitingInFlight} of {space.Sent.Count} packets elicit an ACK");
        }

        Invariant.Check(connection.LocalIds.Active.Count <= MaxLocalIds, "too many connection ids are issued");
        Invariant.Check(connection.PeerIds.Active.Count is > 0 and <= MaxPeerIds, "too many connection ids are kept");
    }
}
