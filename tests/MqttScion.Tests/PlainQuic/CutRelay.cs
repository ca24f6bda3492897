using System.Net;
using System.Net.Sockets;

namespace MqttScion.Tests.PlainQuic;

/// <summary>A UDP relay of one client, whose port can be closed and opened again.</summary>
internal sealed class CutRelay : IDisposable
{
    private readonly IPEndPoint _server;
    private readonly UdpClient _back = new(new IPEndPoint(IPAddress.Loopback, 0));
    private readonly CancellationTokenSource _over = new();
    private UdpClient _front;
    private IPEndPoint? _client;

    public CutRelay(IPEndPoint server)
    {
        _server = server;
        _front = Open(port: 0);
        _ = PumpAsync(_back, (bytes, _) => _client is { } client ? _front.SendAsync(bytes, client) : default);
    }

    public int Port { get; private set; }

    /// <summary>From now on the system answers with ICMP port unreachable.</summary>
    public void Cut() => _front.Dispose();

    public void Reopen() => _front = Open(Port);

    public void Dispose()
    {
        _over.Cancel();
        _front.Dispose();
        _back.Dispose();
        _over.Dispose();
    }

    private UdpClient Open(int port)
    {
        var front = new UdpClient(new IPEndPoint(IPAddress.Loopback, port));
        Port = ((IPEndPoint)front.Client.LocalEndPoint!).Port;
        _ = PumpAsync(front, (bytes, sender) =>
        {
            _client = sender;
            return _back.SendAsync(bytes, _server);
        });
        return front;
    }

    private async Task PumpAsync(UdpClient from, Func<ReadOnlyMemory<byte>, IPEndPoint, ValueTask<int>> send)
    {
        while (true)
        {
            UdpReceiveResult received;
            try
            {
                received = await from.ReceiveAsync(_over.Token);
            }
            catch (Exception e) when (e is ObjectDisposedException or SocketException or OperationCanceledException)
            {
                return; // This side is closed.
            }
            try
            {
                await send(received.Buffer, received.RemoteEndPoint);
            }
            catch (Exception e) when (e is ObjectDisposedException or SocketException)
            {
                // The other side is closed at the moment: lost, as on any link.
            }
        }
    }
}
