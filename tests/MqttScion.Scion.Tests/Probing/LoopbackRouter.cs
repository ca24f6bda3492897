using System.Net;
using System.Net.Sockets;

namespace MqttScion.Scion.Tests;

/// <summary>A <see cref="ScriptedNetwork"/> behind a UDP port of this machine.</summary>
internal sealed class LoopbackRouter : IAsyncDisposable
{
    private readonly UdpClient _socket = new(new IPEndPoint(IPAddress.Loopback, 0));
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _loop;

    public LoopbackRouter(ScriptedNetwork network) => _loop = RunAsync(network);

    public IPEndPoint Address => (IPEndPoint)_socket.Client.LocalEndPoint!;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _loop;
        _socket.Dispose();
        _stop.Dispose();
    }

    private async Task RunAsync(ScriptedNetwork network)
    {
        try
        {
            while (true)
            {
                var received = await _socket.ReceiveAsync(_stop.Token).ConfigureAwait(false);
                if (network.Answer(received.Buffer) is { } answer)
                    await _socket.SendAsync(answer, received.RemoteEndPoint, _stop.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            // The test is over.
        }
    }
}
