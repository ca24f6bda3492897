using System.Diagnostics;
using System.Net;
using MqttScion.Udp;

namespace MqttScion.QuicPerf;

/// <summary>Passes datagrams between clients and one server, each client by a socket of its own.</summary>
internal sealed class UdpRelay : IDisposable
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
    private readonly long _startedAt = Stopwatch.GetTimestamp();
    private UdpPollSet _pollSet;

    /// <summary>Binds the socket for clients.</summary>
    public UdpRelay(IPEndPoint listen, IPEndPoint server, ImpairmentSettings settings)
    {
        _socket = new BatchedUdpSocket(listen);
        _server = server;
        _settings = settings;
        _down = new ImpairedLink(settings with { Seed = settings.Seed + 1 });
        _pollSet = new UdpPollSet(_socket);
    }

    /// <summary>The bound address.</summary>
    public IPEndPoint LocalEndPoint => _socket.LocalEndPoint;

    /// <summary>Datagrams that were taken.</summary>
    public long PassedCount { get; private set; }

    /// <summary>Datagrams that the links dropped.</summary>
    public long DroppedCount => _down.DroppedCount + _clients.Values.Sum(static client => client.Up.DroppedCount);

    private TimeSpan Now => Stopwatch.GetElapsedTime(_startedAt);

    /// <summary>Takes what came, sends what is due, or waits.</summary>
    public void Turn()
    {
        var hasReceived = ReceiveFromClients();
        foreach (var client in _clients.Values)
            hasReceived |= ReceiveFromServer(client);
        var now = Now;
        _down.Flush(_socket, now);
        var due = _down.NextDue ?? TimeSpan.MaxValue;
        foreach (var client in _clients.Values)
        {
            client.Up.Flush(client.Socket, now);
            due = client.Up.NextDue < due ? client.Up.NextDue.Value : due;
        }
        if (hasReceived)
            return;
        var wait = due - Now;
        if (wait > TimeSpan.Zero)
            _pollSet.Wait(wait < LongestWait ? wait : LongestWait);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _pollSet.Dispose();
        _socket.Dispose();
        foreach (var client in _clients.Values)
            client.Socket.Dispose();
    }

    private bool ReceiveFromClients()
    {
        if (!_socket.Receive(_batch))
            return false;
        var now = Now;
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
        var now = Now;
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
        _pollSet.Dispose();
        _pollSet = new UdpPollSet([_socket, .. _clients.Values.Select(static one => one.Socket)]);
        return client;
    }

    private sealed record Client(UdpAddress Address, BatchedUdpSocket Socket, ImpairedLink Up);
}
