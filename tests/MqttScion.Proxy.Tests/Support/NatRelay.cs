using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace MqttScion.Proxy.Tests.Support;

/// <summary>
/// A NAT in front of one server: what comes in at <see cref="Inside"/> leaves from a socket of its own per client, and
/// only answers to it come back.
/// </summary>
internal sealed class NatRelay : IDisposable
{
    private readonly UdpClient _inside = new(new IPEndPoint(IPAddress.Loopback, 0));
    private readonly ConcurrentDictionary<IPEndPoint, UdpClient> _outside = new();
    private readonly IPEndPoint _server;

    public NatRelay(IPEndPoint server)
    {
        _server = server;
        _ = ForwardAsync(_inside, toClient: null);
    }

    public IPEndPoint Inside => (IPEndPoint)_inside.Client.LocalEndPoint!;

    /// <summary>The port by which its only client is seen from outside.</summary>
    public ushort OutsidePort => (ushort)((IPEndPoint)_outside.Values.Single().Client.LocalEndPoint!).Port;

    /// <summary>How many datagrams were under way when their client was forgotten.</summary>
    public int Lost { get; private set; }

    /// <summary>What came from clients, once it is asked for.</summary>
    public ConcurrentQueue<byte[]>? Recorded { get; set; }

    public void Dispose()
    {
        _inside.Dispose();
        Rebind();
    }

    /// <summary>Forgets its clients: what they send next leaves from other ports, and the old ones are dead.</summary>
    public void Rebind()
    {
        foreach (var client in _outside.Keys)
        {
            if (_outside.TryRemove(client, out var socket))
            {
                socket.Dispose();
            }
        }
    }

    private async Task ForwardAsync(UdpClient from, IPEndPoint? toClient)
    {
        try
        {
            while (true)
            {
                var datagram = await from.ReceiveAsync();
                if (toClient is not null)
                {
                    await _inside.SendAsync(datagram.Buffer, toClient);
                }
                else
                {
                    Recorded?.Enqueue(datagram.Buffer);
                    await SendOutAsync(datagram);
                }
            }
        }
        catch (Exception e) when (e is ObjectDisposedException or SocketException)
        {
            // The relay was disposed.
        }
    }

    // The socket may be forgotten at this moment: then the datagram is lost, as on any link.
    private async Task SendOutAsync(UdpReceiveResult datagram)
    {
        try
        {
            await OutsideOf(datagram.RemoteEndPoint).SendAsync(datagram.Buffer, _server);
        }
        catch (ObjectDisposedException)
        {
            Lost++;
        }
    }

    private UdpClient OutsideOf(IPEndPoint client) => _outside.GetOrAdd(client, added =>
    {
        var outside = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        _ = ForwardAsync(outside, added);
        return outside;
    });
}
