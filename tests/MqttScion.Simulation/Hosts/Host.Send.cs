namespace MqttScion.Simulation;

/// <content>Sending, and what the scripted events do.</content>
internal sealed partial class Host
{
    private const int MaxRounds = 5000;

    public void SelectPath(int path) => Main?.SelectPath(path, _world.Now);

    public void ProbePath(int path) => Main?.ProbePath(path, _world.Now);

    public void ReopenPath(int path)
    {
        if (Main is not { } main || main.CurrentPathId == path)
            return;
        main.ClosePath(path);
        main.OpenPath(path, _datagramBytes[path], _world.Plan.Paths[path].Headroom);
        (main.Owner as Tracked)!.Observer.Forget(path);
    }

    public void ShrinkPath(int path, int datagramBytes)
    {
        _datagramBytes[path] = Math.Min(_datagramBytes[path], datagramBytes);
        foreach (var tracked in _connections)
            tracked.Connection.OpenPath(path, _datagramBytes[path], _world.Plan.Paths[path].Headroom);
    }

    public void SendDatagram(ulong number)
    {
        if (Main is { } main)
            Application.SendDatagram(main, number);
    }

    public void Close(ulong code) => Main?.Close(code, "the end", _world.Now);

    private void PumpAll()
    {
        // Connections are added by datagrams only.
        foreach (var tracked in _connections)
            Pump(tracked);
    }

    private void Pump(Tracked tracked)
    {
        var rounds = 0;
        bool isBusy;
        do
        {
            isBusy = Transmit(tracked);
            while (tracked.Connection.TryGetEvent(out var item))
            {
                OnEvent(tracked, item);
                isBusy = true;
            }

            Invariant.Check(++rounds < MaxRounds, "a connection sends without an end at one moment");
        }
        while (isBusy);
    }

    private void OnEvent(Tracked tracked, in QuicEvent item)
    {
        Invariant.Check(!tracked.IsDrainedSeen, $"{item.Kind} follows Drained");
        tracked.IsDrainedSeen = item.Kind == QuicEventKind.Drained;
        if (item.Kind == QuicEventKind.Closed)
        {
            Invariant.Check(!tracked.IsClosedSeen, "a connection closed twice");
            Invariant.Check(item.Close == tracked.Connection.CloseReason, "the reason of the event is another");
            tracked.IsClosedSeen = true;
        }

        _world.OnEvent(IsServer, item);
        if (tracked.Connection == Main)
            Application.OnEvent(tracked.Connection, item);
    }

    private bool Transmit(Tracked tracked)
    {
        var connection = tracked.Connection;
        var before = connection.Statistics;
        var probes = connection.ProbesPending;
        _room.AsSpan().Fill(HeadroomMark);
        _protectors.Observer = tracked.Observer;
        var hasSent = connection.TryTransmit(_room, _plan.MaxSegments, _world.Now, out var transmit);
        _protectors.Observer = null;
        if (!hasSent)
        {
            tracked.Observer.CheckNothingPending();
            return false;
        }

        Invariant.Check(transmit.SegmentCount <= _plan.MaxSegments, $"{transmit.SegmentCount} segments were written");
        Invariant.Check(
            connection.State != QuicConnectionState.Closing || transmit.SegmentCount == 1, "a close has segments");
        tracked.Observer.OnFlight(transmit.PathId);
        SendSegments(tracked, transmit);
        tracked.Observer.CheckNothingPending();
        CheckWindow(tracked, before, probes, transmit);
        return true;
    }

    private void SendSegments(Tracked tracked, in QuicTransmit transmit)
    {
        var headroom = _world.Plan.Paths[transmit.PathId].Headroom;
        var most = Math.Max(_datagramBytes[transmit.PathId], _plan.Options.MaxProbedDatagramBytes);
        var stride = headroom + transmit.SegmentSize;
        for (var index = 0; index < transmit.SegmentCount; index++)
        {
            var start = index * stride;
            var end = Math.Min(start + stride, transmit.Length);
            Invariant.Check(
                _room.AsSpan(start, headroom).IndexOfAnyExcept(HeadroomMark) < 0, "the headroom was written to");
            var datagram = _room.AsSpan(start + headroom, end - start - headroom);
            Invariant.Check(
                index == transmit.SegmentCount - 1 || datagram.Length == transmit.SegmentSize, "a segment is short");
            tracked.Observer.OnDatagram(transmit.PathId, datagram.Length, most);
            SentDatagrams++;
            _world.Send(!IsServer, transmit.PathId, datagram, transmit.Ecn);
        }
    }
}
