namespace MqttScion.Simulation;

/// <summary>Everything between the two hosts.</summary>
internal sealed class Wire
{
    private const int PooledBytes = 2048;
    private const int MaxCaptured = 24;

    private readonly PriorityQueue<Datagram, (TimeSpan, long)> _underWay = new();
    private readonly Stack<Datagram> _spare = new();
    private readonly List<Datagram> _captured = [];
    private readonly Link[,] _links;
    private readonly SimRandom _random;
    private long _sequence;

    public Wire(WorldPlan plan, SimRandom random)
    {
        _random = random;
        _links = new Link[plan.Paths.Count, 2];
        for (var path = 0; path < plan.Paths.Count; path++)
        {
            _links[path, 0] = new Link(plan.Paths[path].ToServer, random);
            _links[path, 1] = new Link(plan.Paths[path].ToClient, random);
        }
    }

    public TimeSpan? NextArrival => _underWay.TryPeek(out _, out var first) ? first.Item1 : null;

    /// <summary>What an attacker saw pass: copies of some datagrams.</summary>
    public IReadOnlyList<Datagram> Captured => _captured;

    public void Send(bool toServer, int pathId, ReadOnlySpan<byte> bytes, EcnCodepoint ecn, TimeSpan elapsed)
    {
        Capture(toServer, pathId, bytes);
        var link = _links[pathId, toServer ? 0 : 1];
        Span<TimeSpan> arrivals = stackalloc TimeSpan[2];
        var count = link.Send(bytes.Length, ref ecn, elapsed, arrivals);
        for (var copy = 0; copy < count; copy++)
        {
            var datagram = Rent(toServer, pathId, bytes, ecn);
            link.Corrupt(datagram.Span);
            _underWay.Enqueue(datagram, (arrivals[copy], _sequence++));
        }
    }

    /// <summary>Puts a datagram onto the wire that no host sent.</summary>
    public void Inject(bool toServer, int pathId, ReadOnlySpan<byte> bytes, TimeSpan elapsed)
    {
        if (!bytes.IsEmpty)
            _underWay.Enqueue(Rent(toServer, pathId, bytes, EcnCodepoint.NotEct), (elapsed, _sequence++));
    }

    public Datagram? TakeArrived(TimeSpan elapsed) =>
        _underWay.TryPeek(out _, out var due) && due.Item1 <= elapsed ? _underWay.Dequeue() : null;

    public void Return(Datagram datagram) => _spare.Push(datagram);

    private void Capture(bool toServer, int pathId, ReadOnlySpan<byte> bytes)
    {
        if (_captured.Count < MaxCaptured)
            _captured.Add(Rent(toServer, pathId, bytes, EcnCodepoint.NotEct));
        else if (_random.OneIn(8))
            Fill(_captured[_random.Below(MaxCaptured)], toServer, pathId, bytes, EcnCodepoint.NotEct);
    }

    private Datagram Rent(bool toServer, int pathId, ReadOnlySpan<byte> bytes, EcnCodepoint ecn)
    {
        if (!_spare.TryPop(out var datagram))
            datagram = new Datagram();
        Fill(datagram, toServer, pathId, bytes, ecn);
        return datagram;
    }

    private static void Fill(Datagram datagram, bool toServer, int pathId, ReadOnlySpan<byte> bytes, EcnCodepoint ecn)
    {
        if (datagram.Bytes.Length < bytes.Length)
            datagram.Bytes = new byte[Math.Max(PooledBytes, bytes.Length)];
        bytes.CopyTo(datagram.Bytes);
        datagram.Length = bytes.Length;
        datagram.ToServer = toServer;
        datagram.PathId = pathId;
        datagram.Ecn = ecn;
    }
}
