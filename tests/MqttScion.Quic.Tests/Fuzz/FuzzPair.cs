namespace MqttScion.Quic.Tests;

/// <summary>
/// A client and a server without a network between them, cheap to make: what one side sends the other gets at once. The
/// same ids each time.
/// </summary>
internal sealed class FuzzPair : IDisposable
{
    private const int DatagramBytes = 1350;
    private const int MaxRounds = 64;
    private const int MaxTimers = 2000;

    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(1);

    private readonly QuicEndpoint _clientEndpoint;
    private readonly QuicEndpoint _serverEndpoint;
    private readonly FakeTlsFactory _tls;
    private readonly byte[] _room = new byte[16 * 1024];
    private readonly byte[] _answer = new byte[1200];
    private readonly byte[] _reading = new byte[4096];

    public FuzzPair(
        IPacketProtectorFactory protectors, byte resetKey, FakeTlsFactory? tls = null, bool asksForRetry = false)
    {
        _tls = tls ?? new FakeTlsFactory();
        var options = new QuicOptions
        {
            IdleTimeout = TimeSpan.FromSeconds(5),
            HandshakeTimeout = TimeSpan.FromSeconds(5),
            KeepAliveInterval = TimeSpan.Zero,
            ConnectionWindowBytes = 64 * 1024,
            StreamWindowBytes = 16 * 1024,
            SendBufferBytes = 16 * 1024,
            MaxBidirectionalStreams = 8,
            MaxUnidirectionalStreams = 8,
            MaxDatagramFrameBytes = 1200,
            MaxQueuedDatagrams = 4,
            StatelessResetKey = Enumerable.Repeat(resetKey, 32).ToArray(),
            RetryAboveHandshakes = asksForRetry ? 0 : int.MaxValue,
            KeyUpdatePackets = 50,
        };
        _clientEndpoint = new QuicEndpoint(_tls, protectors, options, false, new SeededRandom(1));
        // RFC 9000 §10.3.2: with one key, either side would give away the other's tokens.
        options.StatelessResetKey = [.. options.StatelessResetKey.Reverse(), resetKey];
        _serverEndpoint = new QuicEndpoint(_tls, protectors, options, true, new SeededRandom(2));
        Options = options;
        Client = _clientEndpoint.Connect("server.example", 0, DatagramBytes, 0, Now);
        Client.OpenPath(1, DatagramBytes, 0);
    }

    public QuicOptions Options { get; }

    public TimeSpan Now { get; private set; } = TimeSpan.FromHours(1);

    public QuicConnection Client { get; }

    public QuicConnection? Server { get; private set; }

    /// <summary>Sees each datagram that is sent: from the server or not.</summary>
    public Action<bool, byte[]>? OnSent { get; set; }

    /// <summary>Gets the bytes that either side reads: from the server or not, stream, bytes.</summary>
    public Action<bool, long, byte[]>? OnRead { get; set; }

    public bool IsAlive => Client.CloseReason is null && Client.State != QuicConnectionState.Drained &&
        Server is not { CloseReason: not null } and not { State: QuicConnectionState.Drained };

    /// <summary>Lets both sides talk until they have nothing to say, or for some rounds.</summary>
    public void Exchange(int rounds = MaxRounds)
    {
        for (var round = 0; round < rounds; round++)
        {
            Now += Step;
            var isBusy = Pump(Client, fromServer: false);
            if (Server is { } server)
                isBusy |= Pump(server, fromServer: true);
            if (!isBusy)
                return;
        }
    }

    /// <summary>Gives a datagram to one side as its loop does; nothing is sent yet.</summary>
    public void Deliver(bool toServer, Span<byte> datagram, int path = 0)
    {
        var endpoint = toServer ? _serverEndpoint : _clientEndpoint;
        if (!endpoint.TryRoute(datagram, out var connection))
        {
            ReadOnlySpan<byte> address = [192, 0, 2, 1];
            var arrival = new QuicArrival { Address = address, PathId = path, MaxDatagramBytes = DatagramBytes };
            if (!endpoint.TryAccept(datagram, arrival, Now, _answer, out var length, out connection))
            {
                if (length > 0)
                    OnSent?.Invoke(toServer, _answer[..length]);
                if (length > 0 && toServer && Server is null)
                    Client.Receive(_answer.AsSpan(0, length), 0, EcnCodepoint.NotEct, Now);
                return;
            }

            connection.OpenPath(1, DatagramBytes, 0);
        }

        var isAuthentic = connection.Receive(datagram, path, EcnCodepoint.NotEct, Now);
        if (isAuthentic && connection.IsServer)
            Server ??= connection;
    }

    /// <summary>Lets time pass until the next timer, and both sides talk.</summary>
    public void LetTimePass()
    {
        Exchange();
        FireNext();
        Exchange();
    }

    /// <summary>
    /// Lets time pass until nothing is left of any connection; false when that never comes.
    /// </summary>
    public bool RunOut()
    {
        for (var count = 0; count < MaxTimers; count++)
        {
            Exchange();
            if (!FireNext())
                return _clientEndpoint.Connections.Count + _serverEndpoint.Connections.Count == 0;
        }

        return false;
    }

    public void Dispose()
    {
        _clientEndpoint.Dispose();
        _serverEndpoint.Dispose();
    }

    private bool FireNext()
    {
        TimeSpan? next = null;
        var connections = _clientEndpoint.Connections.Concat(_serverEndpoint.Connections).ToArray();
        foreach (var connection in connections)
        {
            if (connection.NextTimeout is { } timeout && (next is null || timeout < next))
                next = timeout;
        }

        if (next is null)
            return false;
        Now = next > Now ? next.Value : Now;
        foreach (var connection in connections)
        {
            if (connection.NextTimeout <= Now)
                connection.OnTimeout(Now);
            if (connection != Client && connection != Server)
                Pump(connection, connection.IsServer, isHeard: false);
        }

        return true;
    }

    private bool Pump(QuicConnection connection, bool fromServer, bool isHeard = true)
    {
        var isBusy = false;
        while (connection.TryGetEvent(out var item))
        {
            if (item.Kind is QuicEventKind.StreamReadable && connection.TryGetStream(item.StreamId, out var stream))
            {
                while (stream.Read(_reading) is > 0 and var length)
                    OnRead?.Invoke(fromServer, item.StreamId, _reading[..length]);
            }
            else if (item.Kind == QuicEventKind.DatagramReceived)
            {
                while (connection.TryReceiveDatagram(_reading, out _))
                    isBusy = true;
            }
        }

        for (var count = 0; count < MaxRounds && connection.TryTransmit(_room, 1, Now, out var transmit); count++)
        {
            isBusy = true;
            OnSent?.Invoke(fromServer, _room[..transmit.Length]);
            if (isHeard)
                Deliver(!fromServer, _room.AsSpan(0, transmit.Length), transmit.PathId);
        }

        return isBusy;
    }
}
