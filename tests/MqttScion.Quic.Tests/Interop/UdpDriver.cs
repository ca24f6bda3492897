using System.Diagnostics;
using System.Net;
using MqttScion.Udp;

namespace MqttScion.Quic.Tests;

/// <summary>
/// Runs an endpoint over a UDP socket on loopback, on the caller's thread, in real time. Each address of a peer is a
/// path.
/// </summary>
internal sealed class UdpDriver : IDisposable
{
    public const int DefaultDatagramBytes = 1400;

    private const int MaxSegments = 16;
    private const int MaxProbedBytes = 16 * 1024;

    private static readonly TimeSpan MaxWait = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan DefaultLimit = TimeSpan.FromSeconds(10);

    private readonly BatchedUdpSocket _socket;
    private readonly UdpReceiveBatch _arrived = new(slotCount: 64, slotBytes: MaxProbedBytes);
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly List<UdpAddress> _addresses = [];
    private readonly HashSet<QuicConnection> _known = [];
    private readonly byte[] _room = new byte[64 * 1024];
    private readonly IQuicTlsFactory _tls;

    public UdpDriver(QuicTlsOptions tls, bool isServer, QuicOptions? options = null, int port = 0)
    {
        _socket = new BatchedUdpSocket(new IPEndPoint(IPAddress.Loopback, port));
        _tls = QuicCrypto.Default.CreateTls(tls);
        Endpoint = new QuicEndpoint(
            _tls,
            QuicCrypto.Default.CreateProtectors(),
            options ?? new QuicOptions(),
            isServer,
            new CryptographicRandom());
    }

    public QuicEndpoint Endpoint { get; }

    public TimeSpan Now => _clock.Elapsed;

    public int Port => _socket.LocalEndPoint.Port;

    /// <summary>The size that paths are opened with.</summary>
    public int DatagramBytes { get; init; } = DefaultDatagramBytes;

    /// <summary>The longest datagram that came.</summary>
    public int LongestArrivalBytes { get; private set; }

    /// <summary>The size of the longest datagrams that left in a flight, which no probe for a size does.</summary>
    public int LongestFlightBytes { get; private set; }

    /// <summary>How many datagrams came with an ECN mark.</summary>
    public int MarkedArrivalCount { get; private set; }

    /// <summary>The connections that were ever made or accepted, the drained ones too.</summary>
    public List<QuicConnection> Connections { get; } = [];

    public List<(QuicConnection Connection, QuicEvent Item)> Events { get; } = [];

    /// <summary>How often the endpoint answered without a connection: Retry, versions, refusals, resets.</summary>
    public int AnswerCount { get; private set; }

    /// <summary>How often a datagram of either direction is dropped, from 0 to 1.</summary>
    public double Loss { get; set; }

    /// <summary>The application's work, done once a turn.</summary>
    public Action? OnTurn { get; set; }

    private SeededRandom Fate { get; } = new(7);

    public QuicConnection Connect(int port, QuicSessionTicket? ticket = null)
    {
        var path = PathOf(new IPEndPoint(IPAddress.Loopback, port));
        var connection = Endpoint.Connect(TlsFixture.ServerName, path, DatagramBytes, 0, Now, ticket);
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
        var wait = MaxWait;
        foreach (var connection in Endpoint.Connections)
        {
            if (connection.NextTimeout is { } due && due - Now < wait)
                wait = due - Now;
        }

        if (wait <= TimeSpan.Zero || _socket.Wait(wait))
            ReceiveBatch();

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
            while (connection.TryTransmit(_room, MaxSegments, Now, out var transmit))
                Send(transmit);
            while (connection.TryGetEvent(out var item))
                Events.Add((connection, item));
        }
    }

    private void Send(in QuicTransmit transmit)
    {
        if (transmit.SegmentCount > 1)
            LongestFlightBytes = Math.Max(LongestFlightBytes, transmit.SegmentSize);
        for (var start = 0; start < transmit.Length; start += transmit.SegmentSize)
        {
            var length = Math.Min(transmit.SegmentSize, transmit.Length - start);
            // A datagram that the system does not take is one more that is lost.
            if (!Fate.Happens(Loss))
                _socket.Send(_room.AsSpan(start, length), _addresses[transmit.PathId], (UdpEcn)transmit.Ecn);
        }
    }

    private void ReceiveBatch()
    {
        _socket.Receive(_arrived);
        while (_arrived.TryTake(out var datagram))
        {
            if (!Fate.Happens(Loss))
                Receive(datagram);
        }
    }

    private void Receive(in UdpDatagram datagram)
    {
        LongestArrivalBytes = Math.Max(LongestArrivalBytes, datagram.Bytes.Length);
        if (datagram.Ecn != UdpEcn.NotEct)
            MarkedArrivalCount++;
        var path = PathOf(datagram.Sender);
        if (!Endpoint.TryRoute(datagram.Bytes, out var connection))
        {
            Span<byte> address = stackalloc byte[16];
            var arrival = new QuicArrival
            {
                Address = address[..datagram.Sender.CopyAddressTo(address)],
                PathId = path,
                MaxDatagramBytes = DatagramBytes,
            };
            var answer = new byte[DatagramBytes];
            if (!Endpoint.TryAccept(datagram.Bytes, arrival, Now, answer, out var answerLength, out connection))
            {
                if (answerLength > 0)
                {
                    AnswerCount++;
                    _socket.Send(answer.AsSpan(0, answerLength), datagram.Sender);
                }

                return;
            }
        }

        if (_known.Add(connection) && connection.IsServer)
            Connections.Add(connection);
        connection.OpenPath(path, DatagramBytes, 0);
        connection.Receive(datagram.Bytes, path, (EcnCodepoint)datagram.Ecn, Now);
    }

    private int PathOf(UdpAddress address)
    {
        var index = _addresses.IndexOf(address);
        if (index >= 0)
            return index;
        _addresses.Add(address);
        return _addresses.Count - 1;
    }
}
