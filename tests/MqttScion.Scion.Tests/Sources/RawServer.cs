using System.Net;
using System.Net.Sockets;

namespace MqttScion.Scion.Tests;

/// <summary>A TCP server that answers with raw bytes, right or wrong.</summary>
internal sealed class RawServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();
    private readonly Task _loop;

    /// <param name="serve">Serves one connection; it is closed afterwards.</param>
    public RawServer(Func<NetworkStream, CancellationToken, Task> serve)
    {
        _listener.Start();
        _loop = ServeAsync(serve);
    }

    public Uri Url => new($"http://{_listener.LocalEndpoint}");

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listener.Stop();
        await _loop;
        _end.Dispose();
    }

    private async Task ServeAsync(Func<NetworkStream, CancellationToken, Task> serve)
    {
        try
        {
            while (true)
            {
                using var client = await _listener.AcceptTcpClientAsync(_end.Token);
                try
                {
                    var stream = client.GetStream();
                    _ = await stream.ReadAtLeastAsync(new byte[64 << 10], 1, throwOnEndOfStream: false, _end.Token);
                    await serve(stream, _end.Token);
                }
                catch (IOException)
                {
                    // The caller had enough and closed the connection.
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Disposed.
        }
    }
}
