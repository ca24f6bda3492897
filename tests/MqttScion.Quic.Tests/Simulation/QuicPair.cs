using System.Diagnostics.CodeAnalysis;

namespace MqttScion.Quic.Tests;

/// <summary>
/// A client and a server endpoint, joined by links in memory, in virtual time. Everything that happens follows from
/// the seed.
/// </summary>
internal sealed class QuicPair : IDisposable
{
    public const int Headroom = 24;
    public const int DatagramBytes = 1350;
    private const int MaxAnswerBytes = 1200;
    private const byte HeadroomMark = 0xA5;

    private readonly PriorityQueue<Datagram, (TimeSpan, long)> _wire = new();
    private readonly SeededRandom _random;
    private readonly IQuicTlsFactory _clientTls;
    private readonly IQuicTlsFactory _serverTls;
    private readonly List<SlowTlsFactory> _slowTls = [];
    private readonly byte[] _room = new byte[64 * 1024];
    private long _sequence;

    public QuicPair(int seed = 1, Action<PairSettings>? configure = null)
    {
        var settings = new PairSettings();
        configure?.Invoke(settings);
        Settings = settings;
        _random = new SeededRandom(seed);
        _clientTls = SlowDown(settings.ClientTls ?? settings.Tls);
        _serverTls = SlowDown(settings.ServerTls ?? settings.Tls);
        ClientEndpoint = new QuicEndpoint(
            _clientTls, settings.Protectors, settings.ClientOptions, false, new SeededRandom(seed + 1));
        ServerEndpoint = new QuicEndpoint(
            _serverTls, settings.Protectors, settings.ServerOptions, true, new SeededRandom(seed + 2));
        Client = ClientEndpoint.Connect(settings.ServerName, 0, settings.DatagramBytes, Headroom, Now, settings.Ticket);
    }

    public PairSettings Settings { get; }

    /// <summary>Virtual time, from a fixed start.</summary>
    public TimeSpan Now { get; private set; } = TimeSpan.FromHours(1);

    public QuicEndpoint ClientEndpoint { get; }

    public QuicEndpoint ServerEndpoint { get; }

    public QuicConnection Client { get; }

    public QuicConnection? Server { get; private set; }

    public List<QuicEvent> ClientEvents { get; } = [];

    public List<QuicEvent> ServerEvents { get; } = [];

    /// <summary>The path that a datagram arrives on, by sender and sending path; the same by default.</summary>
    public Func<bool, int, int> Arrival { get; set; } = static (_, path) => path;

    /// <summary>
    /// Sees, and may change or drop (return false), each datagram: from the server or not, path, bytes.
    /// </summary>
    public Func<bool, int, byte[], bool>? Tap { get; set; }

    /// <summary>Called with the mark of each datagram that is not lost at once: from the server or not.</summary>
    public Action<bool, EcnCodepoint>? OnSent { get; set; }

    /// <summary>What the server takes for the client's address.</summary>
    public byte[] ClientAddress { get; set; } = [192, 0, 2, 1];

    /// <summary>Called with each event: from the server's connection or not.</summary>
    public Action<bool, QuicEvent>? OnEvent { get; set; }

    public Dictionary<int, Link> Links { get; } = new() { [0] = new Link() };

    /// <summary>Opens a path on both sides, with its own link.</summary>
    public Link AddPath(int pathId)
    {
        var link = new Link();
        Links[pathId] = link;
        Client.OpenPath(pathId, Settings.DatagramBytes, Headroom);
        Server?.OpenPath(pathId, Settings.DatagramBytes, Headroom);
        return link;
    }

    /// <summary>Runs until a condition holds; false when time is up or nothing will ever happen again.</summary>
    public bool RunUntil(Func<bool> condition, TimeSpan? limit = null)
    {
        var end = Now + (limit ?? TimeSpan.FromMinutes(2));
        Flush();
        while (!condition())
        {
            if (Next() is not { } next || next > end)
                return false;
            Now = next > Now ? next : Now;
            Deliver();
            FireTimers();
            Flush();
        }

        return true;
    }

    /// <summary>Lets a span of time pass.</summary>
    public void Run(TimeSpan span)
    {
        var end = Now + span;
        RunUntil(() => Now >= end, span);
        Now = end;
    }

    /// <summary>Runs until the handshake is confirmed on both sides.</summary>
    public QuicPair Connect()
    {
        RunUntil(() => Client.IsHandshakeConfirmed && Server is { IsHandshakeConfirmed: true })
            .Should().BeTrue($"{Client.CloseReason} {Server?.CloseReason}");
        return this;
    }

    /// <summary>What a server does with a datagram of no connection: a connection, or an answer.</summary>
    public bool TryAccept(
        QuicEndpoint endpoint,
        byte[] datagram,
        int path,
        [NotNullWhen(true)] out QuicConnection? connection,
        out byte[] answer)
    {
        var arrival = new QuicArrival
        {
            Address = ClientAddress,
            PathId = path,
            MaxDatagramBytes = Settings.DatagramBytes,
            HeadroomBytes = Headroom,
        };
        var room = new byte[MaxAnswerBytes];
        var isAccepted = endpoint.TryAccept(datagram, arrival, Now, room, out var length, out connection);
        answer = room[..length];
        return isAccepted;
    }

    /// <summary>Delivers bytes to one side as if they came from the network.</summary>
    public void Inject(bool toServer, byte[] datagram, int pathId = 0) =>
        _wire.Enqueue(new Datagram(!toServer, pathId, datagram), (Now, _sequence++));

    /// <summary>Sends everything that waits, without letting time pass.</summary>
    public void Flush()
    {
        bool isBusy;
        do
        {
            isBusy = Transmit(Client, fromServer: false);
            isBusy |= Server is not null && Transmit(Server, fromServer: true);
            isBusy |= TakeEvents(Client, ClientEvents, fromServer: false);
            isBusy |= Server is not null && TakeEvents(Server, ServerEvents, fromServer: true);
        }
        while (isBusy);
    }

    public void Dispose()
    {
        ClientEndpoint.Dispose();
        ServerEndpoint.Dispose();
        _clientTls.Dispose();
        _serverTls.Dispose();
    }

    private IQuicTlsFactory SlowDown(IQuicTlsFactory tls)
    {
        if (Settings.TlsStepTime is not { } time)
            return tls;
        _slowTls.Add(new SlowTlsFactory(tls, time, () => Now));
        return _slowTls[^1];
    }

    private TimeSpan? Next()
    {
        TimeSpan? next = _wire.TryPeek(out _, out var first) ? first.Item1 : null;
        foreach (var timeout in _slowTls.Select(tls => tls.NextDue).Append(Client.NextTimeout)
            .Append(Server?.NextTimeout))
        {
            if (timeout is { } time && (next is not { } known || time < known))
                next = time;
        }

        return next;
    }

    private void FireTimers()
    {
        foreach (var tls in _slowTls)
            tls.Advance();
        if (_slowTls.Count > 0)
        {
            foreach (var connection in ClientEndpoint.Connections.Concat(ServerEndpoint.Connections).ToArray())
                connection.OnTlsProgress(Now);
        }

        if (Client.NextTimeout <= Now)
            Client.OnTimeout(Now);
        if (Server?.NextTimeout <= Now)
            Server?.OnTimeout(Now);
    }

    private void Deliver()
    {
        while (_wire.TryPeek(out var datagram, out var due) && due.Item1 <= Now)
        {
            _wire.Dequeue();
            var path = Arrival(datagram.FromServer, datagram.PathId);
            var endpoint = datagram.FromServer ? ClientEndpoint : ServerEndpoint;
            if (!endpoint.TryRoute(datagram.Bytes, out var connection))
            {
                if (!TryAccept(endpoint, datagram.Bytes, path, out connection, out var answer))
                {
                    if (answer.Length > 0)
                        Send(!datagram.FromServer, path, answer);
                    continue;
                }

                foreach (var id in Links.Keys)
                    connection.OpenPath(id, Settings.DatagramBytes, Headroom);
            }

            if (connection.Receive(datagram.Bytes, path, datagram.Ecn, Now) && connection.IsServer)
                Server = connection;
            Flush();
        }
    }

    private bool TakeEvents(QuicConnection connection, List<QuicEvent> log, bool fromServer)
    {
        var hasAny = false;
        while (connection.TryGetEvent(out var item))
        {
            log.Add(item);
            OnEvent?.Invoke(fromServer, item);
            hasAny = true;
        }

        return hasAny;
    }

    private bool Transmit(QuicConnection connection, bool fromServer)
    {
        var hasAny = false;
        _room.AsSpan().Fill(HeadroomMark);
        while (connection.TryTransmit(_room, Settings.MaxSegments, Now, out var transmit))
        {
            hasAny = true;
            var stride = Headroom + transmit.SegmentSize;
            for (var index = 0; index < transmit.SegmentCount; index++)
            {
                var start = index * stride;
                var end = Math.Min(start + stride, transmit.Length);
                _room.AsSpan(start, Headroom).IndexOfAnyExcept(HeadroomMark).Should().Be(-1);
                var bytes = _room.AsSpan(start + Headroom, end - start - Headroom).ToArray();
                Send(fromServer, transmit.PathId, bytes, transmit.Ecn);
            }

            _room.AsSpan(0, transmit.Length).Fill(HeadroomMark);
        }

        return hasAny;
    }

    private void Send(bool fromServer, int pathId, byte[] bytes, EcnCodepoint ecn = EcnCodepoint.NotEct)
    {
        var link = Links[pathId];
        link.DatagramCount++;
        if (Tap?.Invoke(fromServer, pathId, bytes) == false || link.IsDown || _random.Happens(link.Loss))
            return;
        OnSent?.Invoke(fromServer, ecn);
        if (ecn != EcnCodepoint.NotEct && link.DropsMarked?.Invoke(fromServer) == true)
            return;
        if (link.MaxBytes > 0 && bytes.Length > link.MaxBytes)
            return;
        ecn = link.RewriteEcn?.Invoke(ecn) ?? ecn;
        if (link.BytesPerSecond > 0)
        {
            var queued = (link.BusyUntil - Now).TotalSeconds * link.BytesPerSecond;
            if (link.QueueBytes > 0 && queued > link.QueueBytes)
            {
                link.OverflowCount++;
                return;
            }

            if (link.MarkAboveBytes > 0 && queued > link.MarkAboveBytes && ecn != EcnCodepoint.NotEct)
                ecn = EcnCodepoint.Ce;
        }

        var copies = _random.Happens(link.Duplication) ? 2 : 1;
        for (var copy = 0; copy < copies; copy++)
        {
            var arrival = bytes.ToArray();
            if (_random.Happens(link.Corruption))
                arrival[_random.Below(arrival.Length)] ^= (byte)(1 << _random.Below(8));
            var delay = link.Delay * (_random.Happens(link.Reorder) ? 1 + 3 * _random.Fraction() : 1);
            if (link.BytesPerSecond > 0)
            {
                var start = link.BusyUntil > Now ? link.BusyUntil : Now;
                link.BusyUntil = start + TimeSpan.FromSeconds((double)bytes.Length / link.BytesPerSecond);
                delay += link.BusyUntil - Now;
            }

            _wire.Enqueue(new Datagram(fromServer, pathId, arrival, ecn), (Now + delay, _sequence++));
        }
    }

    private sealed record Datagram(bool FromServer, int PathId, byte[] Bytes, EcnCodepoint Ecn = EcnCodepoint.NotEct);
}
