using System.Net;
using System.Net.Sockets;

namespace MqttScion.Transport.Tests;

/// <summary>Takes a client's datagrams to a server, and nothing back.</summary>
internal sealed class OneWayRelay : IDisposable
{
    private readonly UdpClient _inside = new(new IPEndPoint(IPAddress.Loopback, 0));
    private readonly UdpClient _outside = new(new IPEndPoint(IPAddress.Loopback, 0));

    public OneWayRelay(int serverPort) => _ = ForwardAsync(new IPEndPoint(IPAddress.Loopback, serverPort));

    /// <summary>Where clients dial.</summary>
    public EndPoint Inside => _inside.Client.LocalEndPoint!;

    public void Dispose()
    {
        _inside.Dispose();
        _outside.Dispose();
    }

    private async Task ForwardAsync(IPEndPoint server)
    {
        try
        {
            while (true)
            {
                var datagram = await _inside.ReceiveAsync();
                await _outside.SendAsync(datagram.Buffer, server);
            }
        }
        catch (Exception e) when (e is ObjectDisposedException or SocketException)
        {
            // The test is over.
        }
    }
}
