using System.Net;
using MqttScion.Quic;
using MqttScion.Udp;

namespace MqttScion.QuicPerf;

/// <summary>
/// Drives a QUIC endpoint over one UDP socket, on the thread that calls <see cref="RunUntil"/>. Each address of a peer
/// is a path.
/// </summary>
internal sealed class UdpQuicLoop : ISocketLoopOwner, IDisposable
{
    private const int SlotCount = 16;
    private const int SingleSlotCount = 64;
    private const int SmallSlotBytes = 2048;
    private const int FlightBytes = 64 * 1024;
    private const int MaxSegments = 64;
    private const int MaxFlightsPerTurn = 8;
    private const int AnswerBytes = 1500;
    private const int MaxAddressBytes = 16;

    private static readonly TimeSpan LongestWait = TimeSpan.FromMilliseconds(100);

    private readonly QuicEndpoint _endpoint;
    private readonly ILoopProgram _program;
    private readonly UdpLoopSettings _settings;
    private readonly SocketLoop _loop;
    private readonly BatchedUdpSocket _socket;
    private readonly UdpReceiveBatch _batch;
    private readonly ImpairedLink? _link;
    private readonly byte[] _flight = GC.AllocateUninitializedArray<byte>(FlightBytes, pinned: true);
    private readonly byte[] _answer = new byte[AnswerBytes];
    private readonly Dictionary<UdpAddress, int> _pathIds = [];
    private readonly List<UdpAddress> _addresses = [];
    private readonly TimerHeap<LoopConnection> _timers = new();
    private List<LoopConnection> _dirty = [];
    private List<LoopConnection> _turn = [];

    /// <summary>Binds the socket.</summary>
    /// <param name="local">The address to bind.</param>
    /// <param name="endpoint">The endpoint; stays the caller's.</param>
    /// <param name="program">What runs above.</param>
    /// <param name="settings">How to use the socket.</param>
    public UdpQuicLoop(IPEndPoint local, QuicEndpoint endpoint, ILoopProgram program, UdpLoopSettings settings)
    {
        _endpoint = endpoint;
        _program = program;
        _settings = settings;
        _socket = new BatchedUdpSocket(local);
        _batch = settings.UsesSegments
            ? new UdpReceiveBatch(SlotCount)
            : new UdpReceiveBatch(SingleSlotCount, SmallSlotBytes);
        _loop = new SocketLoop(this, [_socket], receivesPerTurn: 1); // Of a batch each.
        _link = settings.Impairment.IsNone ? null : new ImpairedLink(settings.Impairment);
    }

    /// <summary>The bound address.</summary>
    public IPEndPoint LocalEndPoint => _socket.LocalEndPoint;

    /// <summary>The time since the start.</summary>
    public TimeSpan Now => _loop.Now;

    /// <summary>Datagrams that the socket did not take.</summary>
    public long UnsentCount { get; private set; }

    /// <summary>Datagrams that the impairment dropped.</summary>
    public long DroppedCount => _link?.DroppedCount ?? 0;

    TimeSpan? ISocketLoopOwner.NextTimeout
    {
        get
        {
            var due = Now + LongestWait;
            due = _timers.Next < due ? _timers.Next.Value : due;
            due = _program.NextTime < due ? _program.NextTime.Value : due;
            return _link?.NextDue < due ? _link.NextDue : due;
        }
    }

    /// <summary>Starts a connection.</summary>
    public LoopConnection Connect(IPEndPoint remote, string serverName, QuicSessionTicket? ticket = null)
    {
        var path = PathOf(remote);
        var quic = _endpoint.Connect(serverName, path, _settings.MaxDatagramBytes, headroomBytes: 0, Now, ticket);
        return Attach(quic, path);
    }

    /// <summary>Has a connection looked at before the loop waits: something was called on it.</summary>
    public void MarkDirty(LoopConnection connection)
    {
        if (connection.IsDirty)
            return;
        connection.IsDirty = true;
        _dirty.Add(connection);
    }

    /// <summary>Runs until something holds, or the time is up: false.</summary>
    public bool RunUntil(Func<bool> isDone, TimeSpan limit)
    {
        var end = Now + limit;
        while (!isDone())
        {
            if (Now > end)
                return false;
            _loop.Turn();
        }
        return true;
    }

    /// <inheritdoc/>
    public void Dispose() => _loop.Dispose();

    bool ISocketLoopOwner.Receive(int socketIndex, TimeSpan now)
    {
        if (!_socket.Receive(_batch))
            return false;
        while (_batch.TryTake(out var datagram))
            Receive(datagram, now);
        return true;
    }

    void ISocketLoopOwner.OnTimeout(TimeSpan now)
    {
        while (_timers.TakeDue(now) is { } connection)
        {
            if (connection.Quic.NextTimeout <= now)
            {
                connection.Quic.OnTimeout(now);
                MarkDirty(connection);
            }
            else
            {
                Schedule(connection);
            }
        }
        if (_program.NextTime <= now)
            _program.OnTime(now);
    }

    bool ISocketLoopOwner.Flush(TimeSpan now)
    {
        var sentAll = FlushDirty();
        _link?.Flush(_socket, Now);
        return !sentAll || _dirty.Count > 0;
    }

    void ISocketLoopOwner.OnEnded(Exception? defect) => _socket.Dispose();

    private void Receive(in UdpDatagram datagram, TimeSpan now)
    {
        if (!_endpoint.TryRoute(datagram.Bytes, out var quic) && !TryAccept(datagram, now, out quic))
            return;
        var connection = (LoopConnection)quic.Owner!;
        if (_addresses[connection.PathId] != datagram.Sender)
        {
            connection.PathId = PathOf(datagram.Sender);
            quic.OpenPath(connection.PathId, _settings.MaxDatagramBytes, headroomBytes: 0);
        }
        quic.Receive(datagram.Bytes, connection.PathId, (EcnCodepoint)datagram.Ecn, now);
        MarkDirty(connection);
    }

    private bool TryAccept(in UdpDatagram datagram, TimeSpan now, out QuicConnection quic)
    {
        Span<byte> address = stackalloc byte[MaxAddressBytes];
        var arrival = new QuicArrival
        {
            Address = address[..datagram.Sender.CopyAddressTo(address)],
            PathId = PathOf(datagram.Sender),
            MaxDatagramBytes = _settings.MaxDatagramBytes,
        };
        if (_endpoint.TryAccept(datagram.Bytes, arrival, now, _answer, out var answerLength, out quic!))
        {
            _program.OnAccepted(Attach(quic, arrival.PathId));
            return true;
        }
        if (answerLength > 0)
            Send(_answer.AsSpan(0, answerLength), answerLength, datagram.Sender, UdpEcn.NotEct);
        return false;
    }

    // False when some connection has more to send.
    private bool FlushDirty()
    {
        (_turn, _dirty) = (_dirty, _turn);
        var sentAll = true;
        foreach (var connection in _turn)
        {
            connection.IsDirty = false;
            var isDrained = false;
            while (connection.Quic.TryGetEvent(out var item))
            {
                _program.OnEvent(connection, item, Now);
                isDrained |= item.Kind == QuicEventKind.Drained;
            }
            if (isDrained)
            {
                _timers.Remove(connection);
                connection.Quic.Dispose();
                continue;
            }
            if (!Transmit(connection.Quic))
            {
                sentAll = false;
                MarkDirty(connection);
            }
            Schedule(connection);
        }
        _turn.Clear();
        return sentAll;
    }

    private bool Transmit(QuicConnection quic)
    {
        for (var count = 0; count < MaxFlightsPerTurn; count++)
        {
            if (!quic.TryTransmit(_flight, _settings.UsesSegments ? MaxSegments : 1, Now, out var transmit))
                return true;
            var flight = _flight.AsSpan(0, transmit.Length);
            Send(flight, transmit.SegmentSize, _addresses[transmit.PathId], (UdpEcn)transmit.Ecn);
        }
        return false;
    }

    // What the socket does not take is lost, as on any link.
    private void Send(ReadOnlySpan<byte> flight, int segmentSize, in UdpAddress destination, UdpEcn ecn)
    {
        if (_link is null)
        {
            _socket.Send(flight, segmentSize, destination, out var sentCount, ecn);
            UnsentCount += (flight.Length + segmentSize - 1) / segmentSize - sentCount;
            return;
        }
        var now = Now;
        for (; flight.Length > 0; flight = flight[Math.Min(segmentSize, flight.Length)..])
            _link.Add(flight[..Math.Min(segmentSize, flight.Length)], destination, ecn, now);
    }

    // A deadline that moved back is noticed when the earlier one comes up.
    private void Schedule(LoopConnection connection)
    {
        if (connection.Quic.NextTimeout is { } next)
            _timers.Add(connection, next);
    }

    private LoopConnection Attach(QuicConnection quic, int path)
    {
        var connection = new LoopConnection(quic, path);
        quic.Owner = connection;
        MarkDirty(connection);
        return connection;
    }

    private int PathOf(in UdpAddress address)
    {
        if (_pathIds.TryGetValue(address, out var known))
            return known;
        _pathIds.Add(address, _addresses.Count);
        _addresses.Add(address);
        return _addresses.Count - 1;
    }
}
