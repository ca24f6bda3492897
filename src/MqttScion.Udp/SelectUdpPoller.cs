using System.Net;
using System.Net.Sockets;

namespace MqttScion.Udp;

/// <summary>Waits with <c>Socket.Select</c> and is woken by a datagram to itself; allocates.</summary>
internal sealed class SelectUdpPoller : IUdpPoller
{
    private static readonly byte[] WakeDatagram = [1];

    private readonly List<BatchedUdpSocket> _sockets;
    private readonly Socket _wake = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
    private readonly List<Socket> _readable = [];

    internal SelectUdpPoller(BatchedUdpSocket[] sockets)
    {
        _sockets = [.. sockets];
        _wake.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _wake.Connect(_wake.LocalEndPoint!);
    }

    public void Dispose() => _wake.Dispose();

    public void Add(BatchedUdpSocket socket) => _sockets.Add(socket);

    public bool Wait(TimeSpan timeout, Span<bool> isReadable, out bool isWoken)
    {
        _readable.Clear();
        foreach (var socket in _sockets)
            _readable.Add(socket.Socket);
        _readable.Add(_wake);
        Socket.Select(_readable, null, null, timeout);
        for (var i = 0; i < isReadable.Length; i++)
            isReadable[i] = _readable.Contains(_sockets[i].Socket);
        isWoken = _readable.Contains(_wake);
        return _readable.Count > 0;
    }

    public void SetWake()
    {
        try
        {
            _wake.Send(WakeDatagram);
        }
        catch (Exception e) when (e is ObjectDisposedException or SocketException)
        {
            // The loop has ended, or a wake-up is already on its way and fills the buffer.
        }
    }

    public void ClearWake()
    {
        Span<byte> one = stackalloc byte[1];
        while (_wake.Poll(0, SelectMode.SelectRead))
            _wake.Receive(one);
    }
}
