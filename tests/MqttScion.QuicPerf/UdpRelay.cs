using System.Net;
using MqttScion.Udp;

namespace MqttScion.QuicPerf;

/// <summary>Passes datagrams between clients and one server, each client by a socket of its own.</summary>
internal sealed class UdpRelay : ISocketLoopOwner, IDisposable
{
    private const int SlotCount = 16;
    private const int MaxClients = 256;

    private static readonly TimeSpan LongestWait = TimeSpan.FromMilliseconds(100);

    private readonly BatchedUdpSocket _socket;
    private readonly UdpAddress _server;
    private readonly ImpairmentSettings _settings;
    private readonly ImpairedLink _down;
    private readonly UdpReceiveBatch _batch = new(SlotCount);
    private readonly Dictionary<UdpAddress, Client> _clients = [];
    private readonly List<Client> _bySocket = [];
    private readonly SocketLoop _loop;

    /// <summary>Binds the socket for clients.</summary>
    public UdpRelay(IPEndPoint listen, IPEndPoint server, ImpairmentSettings settings)
    {
        _socket = new BatchedUdpSocket(listen);
        _server = server;
        _settings = settings;
        _down = new ImpairedLink(settings with { Seed = settings.Seed + 1 });
        _loop = new SocketLoop(this, [_socket], receivesPerTurn: 1); // Of a batch each.
    }

    /// <summary>The bound address.</summary>
    public IPEndPoint LocalEndPoint => _socket.LocalEndPoint;

    /// <summary>Datagrams that were taken.</summary>
    public long PassedCount { get; private set; }

    /// <summary>Datagrams that the links dropped.</summary>
    public long DroppedCount => _down.DroppedCount + _bySocket.Sum(static client => client.Up.DroppedCount);

    TimeSpan? ISocketLoopOwner.NextTimeout
    {
        get
        {
            var due = _loop.Now + LongestWait;
            due = _down.NextDue < due ? _down.NextDue.Value : due;
            foreach (var client in _bySocket)
                due = client.Up.NextDue < due ? client.Up.NextDue.Value : due;
            return due;
        }
    }

    /// <summary>Takes what came, sends what is due, or waits.</summary>
    public void Turn() => _loop.Turn();

    /// <inheritdoc/>
    public void Dispose() => _loop.Dispose();

    bool ISocketLoopOwner.Receive(int socketIndex, TimeSpan now) =>
        socketIndex == 0 ? ReceiveFromClients() : ReceiveFromServer(_bySocket[socketIndex - 1]);

    void ISocketLoopOwner.OnTimeout(TimeSpan now)
    {
        // What is due leaves at the end of each turn.
    }

    bool ISocketLoopOwner.Flush(TimeSpan now)
    {
        now = _loop.Now;
        _down.Flush(_socket, now);
        foreach (var client in _bySocket)
            client.Up.Flush(client.Socket, now);
        return false;
    }

    void ISocketLoopOwner.OnEnded(Exception? defect)
    {
        _socket.Dispose();
        foreach (var client in _bySocket)
            client.Socket.Dispose();
    }

    private bool ReceiveFromClients()
    {
        if (!_socket.Receive(_batch))
            return false;
        var now = _loop.Now;
        while (_batch.TryTake(out var datagram))
        {
            if (Find(datagram.Sender) is not { } client)
                continue;
            PassedCount++;
            client.Up.Add(datagram.Bytes, _server, datagram.Ecn, now);
        }
        return true;
    }

    private bool ReceiveFromServer(Client client)
    {
        if (!client.Socket.Receive(_batch))
            return false;
        var now = _loop.Now;
        while (_batch.TryTake(out var datagram))
        {
            PassedCount++;
            _down.Add(datagram.Bytes, client.Address, datagram.Ecn, now);
        }
        return true;
    }

    private Client? Find(in UdpAddress address)
    {
        if (_clients.TryGetValue(address, out var client))
            return client;
        if (_clients.Count >= MaxClients)
            return null;
        var any = new IPEndPoint(_socket.LocalEndPoint.Address, 0);
        client = new Client(address, new BatchedUdpSocket(any), new ImpairedLink(_settings));
        _clients.Add(address, client);
        _bySocket.Add(client);
        _loop.Add(client.Socket);
        return client;
    }

    private sealed record Client(UdpAddress Address, BatchedUdpSocket Socket, ImpairedLink Up);
}
