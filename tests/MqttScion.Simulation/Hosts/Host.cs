namespace MqttScion.Simulation;

/// <summary>One end: an endpoint, its connections, and the loop that an owner would run.</summary>
internal sealed partial class Host : IDisposable
{
    private const int MaxInbox = 300;
    private const int MaxAnswerBytes = 1200;
    private const byte HeadroomMark = 0xA5;

    private readonly World _world;
    private readonly HostPlan _plan;
    private readonly HostPlan _peer;
    private readonly CheapProtectors _protectors = new();
    private readonly FakeTlsFactory _tls;
    private readonly QuicEndpoint _endpoint;
    private readonly Queue<Datagram> _inbox = new();
    private readonly List<Tracked> _connections = [];
    private readonly int[] _datagramBytes;
    private readonly byte[] _room;
    private TimeSpan _pausedUntil;

    public Host(World world, bool isServer, SimRandom random)
    {
        _world = world;
        IsServer = isServer;
        _plan = isServer ? world.Plan.Server : world.Plan.Client;
        _peer = isServer ? world.Plan.Client : world.Plan.Server;
        _tls = new FakeTlsFactory { PaddingBytes = world.Plan.HandshakePaddingBytes };
        _endpoint = new QuicEndpoint(_tls, _protectors, _plan.Options, isServer, random);
        _datagramBytes = [.. world.Plan.Paths.Select(static path => path.DatagramBytes)];
        _room = new byte[_plan.RoomBytes];
        Application = new Application(world, isServer, _plan);
    }

    public bool IsServer { get; }

    public Application Application { get; }

    /// <summary>The connection of this world: others are the work of replays and forgeries.</summary>
    public QuicConnection? Main { get; private set; }

    /// <summary>Why it ended, or null.</summary>
    public QuicCloseReason? MainReason => Main?.CloseReason;

    /// <summary>Never does anything again.</summary>
    public bool IsVanished { get; set; }

    public bool IsEmpty => _connections.Count == 0;

    public long SentDatagrams { get; private set; }

    public long ReceivedDatagrams { get; private set; }

    public long SentAnswers { get; private set; }

    /// <summary>When <see cref="Step"/> is due without a datagram.</summary>
    public TimeSpan? WakeAt
    {
        get
        {
            if (IsVanished)
                return null;
            var wake = Application.WakeAt;
            foreach (var tracked in _connections)
            {
                if (tracked.Connection.NextTimeout is not { } timeout)
                    continue;
                var due = timeout == TimeSpan.Zero ? _world.Elapsed : timeout - World.Origin + _plan.TimerSlack;
                if (wake is null || due < wake)
                    wake = due;
            }

            return wake < _pausedUntil || _inbox.Count > 0 ? _pausedUntil : wake;
        }
    }

    public void Connect()
    {
        var path = _world.Plan.Paths[0];
        Main = _endpoint.Connect("server.example", 0, path.DatagramBytes, path.Headroom, _world.Now);
        Track(Main);
        OpenPaths(Main);
    }

    public void Pause(TimeSpan span) => _pausedUntil = _world.Elapsed + span;

    /// <summary>A datagram arrived; a host that pauses keeps as many as a socket would.</summary>
    public void Take(Datagram datagram)
    {
        if (IsVanished || _inbox.Count >= MaxInbox)
            _world.Wire.Return(datagram);
        else
            _inbox.Enqueue(datagram);
    }

    /// <summary>Does everything that is due: datagrams, timers, the application.</summary>
    public void Step()
    {
        if (IsVanished || _pausedUntil > _world.Elapsed)
            return;
        while (_inbox.TryDequeue(out var datagram))
        {
            ReceivedDatagrams++;
            Receive(datagram);
            _world.Wire.Return(datagram);
            if (!_plan.TakesBatches)
                PumpAll();
        }

        foreach (var tracked in _connections)
            FireTimers(tracked);
        if (Main is { } main)
            Application.Step(main);
        PumpAll();
        foreach (var tracked in _connections)
            CheckTimer(tracked);
        foreach (var tracked in _connections)
            Check(tracked);
        for (var index = _connections.Count - 1; index >= 0; index--)
            Forget(_connections[index]);
    }

    /// <summary>Nothing of the connections that were is left in the endpoint.</summary>
    public void CheckEmpty()
    {
        Invariant.Check(_endpoint.Connections.Count == 0, $"{_endpoint.Connections.Count} connections are left");
        Invariant.Check(_endpoint.KnownIdCount == 0, $"{_endpoint.KnownIdCount} connection ids are left");
        Invariant.Check(_endpoint.KnownResetTokenCount == 0, $"{_endpoint.KnownResetTokenCount} reset tokens are left");
        Invariant.Check(_endpoint.HandshakeCount == 0, $"{_endpoint.HandshakeCount} handshakes are left");
    }

    public void Dispose()
    {
        _endpoint.Dispose();
        _tls.Dispose();
    }

    private Tracked Track(QuicConnection connection)
    {
        var tracked = new Tracked(
            connection, new ConnectionObserver(IsServer, _world.Plan.Seed, _peer.Options, _world.Challenges));
        _connections.Add(tracked);
        connection.Owner = tracked;
        return tracked;
    }

    private void OpenPaths(QuicConnection connection)
    {
        for (var path = 0; path < _world.Plan.Paths.Count; path++)
            connection.OpenPath(path, _datagramBytes[path], _world.Plan.Paths[path].Headroom);
    }

    private void Receive(Datagram datagram)
    {
        if (!_endpoint.TryRoute(datagram.Span, out var connection) && !TryAccept(datagram, out connection))
            return;
        var tracked = (Tracked)connection!.Owner!;
        tracked.Observer.ArrivalPath = datagram.PathId;
        tracked.Observer.Path(datagram.PathId).ReceivedBytes += datagram.Length;
        _protectors.Observer = tracked.Observer;
        connection.Receive(datagram.Span, datagram.PathId, datagram.Ecn, _world.Now);
        _protectors.Observer = null;
        if (Main is null && connection.State == QuicConnectionState.Connected)
            Main = connection;
    }

    private bool TryAccept(Datagram datagram, out QuicConnection? connection)
    {
        var path = _world.Plan.Paths[datagram.PathId];
        ReadOnlySpan<byte> address = [192, 0, 2, 7];
        var arrival = new QuicArrival
        {
            Address = address,
            PathId = datagram.PathId,
            MaxDatagramBytes = _datagramBytes[datagram.PathId],
            HeadroomBytes = path.Headroom,
        };
        Span<byte> answer = stackalloc byte[MaxAnswerBytes];
        if (!_endpoint.TryAccept(datagram.Span, arrival, _world.Now, answer, out var length, out connection))
        {
            if (length > 0)
                Answer(datagram, answer[..length]);
            return false;
        }

        var tracked = Track(connection);
        // Without a token from a Retry there is no connection.
        if (_plan.Options.RetryAboveHandshakes == 0)
            tracked.Observer.Path(datagram.PathId).IsValidated = true;
        OpenPaths(connection);
        return true;
    }

    private void Answer(Datagram trigger, ReadOnlySpan<byte> answer)
    {
        Invariant.Check(
            answer.Length <= 3 * trigger.Length, $"{trigger.Length} bytes of a stranger got {answer.Length} back");
        SentAnswers++;
        _world.Send(!IsServer, trigger.PathId, answer, EcnCodepoint.NotEct);
    }

    private void FireTimers(Tracked tracked)
    {
        if (tracked.Connection.NextTimeout <= _world.Now)
            tracked.Connection.OnTimeout(_world.Now);
    }

    private void Forget(Tracked tracked)
    {
        if (tracked.Connection.State != QuicConnectionState.Drained)
            return;
        if (tracked.Connection == Main)
            Application.Drain();
        // A forged first datagram makes a connection that ends without a word.
        Invariant.Check(tracked.IsDrainedSeen, "a connection drained without an event");
        tracked.Connection.Dispose();
        _connections.Remove(tracked);
    }
}
