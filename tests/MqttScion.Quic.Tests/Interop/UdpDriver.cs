using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace MqttScion.Quic.Tests;

/// <summary>
/// Runs an endpoint over a UDP socket on loopback, on the caller's thread, in real time. Each address of a peer is a
/// path.
/// </summary>
internal sealed class UdpDriver : IDisposable
{
    private const int DatagramBytes = 1400;
    private const int SocketBufferBytes = 4 * 1024 * 1024;
    private const int MaxReceivesPerTurn = 64;

    private static readonly TimeSpan MaxPoll = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan DefaultLimit = TimeSpan.FromSeconds(10);

    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly List<SocketAddress> _addresses = [];
    private readonly HashSet<QuicConnection> _known = [];
    private readonly SocketAddress _source = new(AddressFamily.InterNetwork);
    private readonly byte[] _room = new byte[64 * 1024];
    private readonly GnuTlsFactory _tls;

    public UdpDriver(QuicTlsOptions tls, bool isServer, QuicOptions? options = null)
    {
        _socket.ReceiveBufferSize = SocketBufferBytes;
        _socket.SendBufferSize = SocketBufferBytes;
        _socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _tls = new GnuTlsFactory(tls);
        Endpoint = new QuicEndpoint(
            _tls,
            new GnuTlsPacketProtectorFactory(),
            options ?? new QuicOptions(),
            isServer,
            new CryptographicRandom());
    }

    public QuicEndpoint Endpoint { get; }

    public TimeSpan Now => _clock.Elapsed;

    public int Port => ((IPEndPoint)_socket.LocalEndPoint!).Port;

    /// <summary>The connections that were ever made or accepted, the drained ones too.</summary>
    public List<QuicConnection> Connections { get; } = [];

    public List<(QuicConnection Connection, QuicEvent Item)> Events { get; } = [];

    /// <summary>How often a datagram of either direction is dropped, from 0 to 1.</summary>
    public double Loss { get; set; }

    /// <summary>The application's work, done once a turn.</summary>
    public Action? OnTurn { get; set; }

    private SeededRandom Fate { get; } = new(7);

    public QuicConnection Connect(int port, string serverName = TlsFixture.ServerName)
    {
        var path = PathOf(new IPEndPoint(IPAddress.Loopback, port).Serialize());
        var connection = Endpoint.Connect(serverName, path, DatagramBytes, 0, Now);
        Connections.Add(connection);
        return connection;
    }

    /// <summary>Runs until a condition holds; fails when it does not in time.</summary>
    public void RunUntil(Func<bool> condition, string because, TimeSpan? limit = null)
    {
        var end = Now + (limit ?? DefaultLimit);
        while (!condition())
        {
            if (Now > end)
                throw new TimeoutException($"It took too long until {because}. {Describe()}");
            Turn();
        }
    }

    public void Dispose()
    {
        Endpoint.Dispose();
        _tls.Dispose();
        _socket.Dispose();
    }

    private string Describe() =>
        string.Join("; ", Connections.Select(item => $"{item.State} {item.CloseReason} {item.Statistics}"));

    private void Turn()
    {
        OnTurn?.Invoke();
        Flush();
        var wait = MaxPoll;
        foreach (var connection in Endpoint.Connections)
        {
            if (connection.NextTimeout is { } due && due - Now < wait)
                wait = due - Now;
        }

        if (wait < TimeSpan.Zero)
            wait = TimeSpan.Zero;
        if (_socket.Poll(wait, SelectMode.SelectRead))
        {
            for (var count = 0; count < MaxReceivesPerTurn && _socket.Available > 0; count++)
                Receive();
        }

        foreach (var connection in Connections)
        {
            if (connection.NextTimeout <= Now)
                connection.OnTimeout(Now);
        }
    }

    private void Flush()
    {
        foreach (var connection in Connections)
        {
            while (connection.TryTransmit(_room, 16, Now, out var transmit))
                Send(transmit);
            while (connection.TryGetEvent(out var item))
                Events.Add((connection, item));
        }
    }

    private void Send(in QuicTransmit transmit)
    {
        for (var start = 0; start < transmit.Length; start += transmit.SegmentSize)
        {
            var length = Math.Min(transmit.SegmentSize, transmit.Length - start);
            if (!Fate.Happens(Loss))
                _socket.SendTo(_room.AsSpan(start, length), SocketFlags.None, _addresses[transmit.PathId]);
        }
    }

    private void Receive()
    {
        var length = _socket.ReceiveFrom(_room, SocketFlags.None, _source);
        var datagram = _room.AsSpan(0, length);
        if (Fate.Happens(Loss))
            return;
        var path = PathOf(_source);
        if (!Endpoint.TryRoute(datagram, out var connection))
        {
            var arrival = new QuicArrival
            {
                Address = _source.Buffer.Span[4..8],
                PathId = path,
                MaxDatagramBytes = DatagramBytes,
            };
            var answer = new byte[DatagramBytes];
            if (!Endpoint.TryAccept(datagram, arrival, Now, answer, out var answerLength, out connection))
            {
                if (answerLength > 0)
                    _socket.SendTo(answer.AsSpan(0, answerLength), SocketFlags.None, _addresses[path]);
                return;
            }
        }

        if (_known.Add(connection) && connection.IsServer)
            Connections.Add(connection);
        connection.OpenPath(path, DatagramBytes, 0);
        connection.Receive(datagram, path, EcnCodepoint.NotEct, Now);
    }

    private int PathOf(SocketAddress address)
    {
        var index = _addresses.IndexOf(address);
        if (index >= 0)
            return index;
        var copy = new SocketAddress(address.Family, address.Size);
        address.Buffer.Span[..address.Size].CopyTo(copy.Buffer.Span);
        _addresses.Add(copy);
        return _addresses.Count - 1;
    }
}
