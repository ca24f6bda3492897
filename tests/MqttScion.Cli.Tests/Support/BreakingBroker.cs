using System.Net;
using System.Net.Sockets;

namespace MqttScion.Cli.Tests;

/// <summary>A broker over TCP that accepts each connection, and answers each PUBLISH with bytes that break a rule.
/// </summary>
internal sealed class BreakingBroker : IAsyncDisposable
{
    private const int Publish = 3;
    private const int Subscribe = 8;

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;
    private int _publishes;
    private int _connections;

    public BreakingBroker()
    {
        _listener.Start();
        _running = RunAsync();
    }

    public string Address => _listener.LocalEndpoint.ToString()!;

    /// <summary>How many PUBLISH packets came.</summary>
    public int Publishes => Volatile.Read(ref _publishes);

    /// <summary>How many connections came.</summary>
    public int Connections => Volatile.Read(ref _connections);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _listener.Dispose();
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        try
        {
            while (true)
            {
                using var client = await _listener.AcceptTcpClientAsync(_stop.Token);
                try
                {
                    await ServeAsync(client.GetStream());
                }
                catch (IOException)
                {
                    // The client has gone, as it should.
                }
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // The test is over.
        }
    }

    private async Task ServeAsync(NetworkStream stream)
    {
        var header = new byte[2];
        while (true)
        {
            // The packets of these tests are shorter than 128 bytes: their length is one byte.
            if (await stream.ReadAtLeastAsync(header, 2, throwOnEndOfStream: false, _stop.Token) < 2)
                return;
            var body = new byte[header[1]];
            await stream.ReadExactlyAsync(body, _stop.Token);
            switch (header[0] >> 4)
            {
                case 1:
                    Interlocked.Increment(ref _connections);
                    await stream.WriteAsync(Convert.FromHexString("2003000000"), _stop.Token);
                    break;
                case Publish:
                    Interlocked.Increment(ref _publishes);
                    // PUBACK with a reason code that it does not have (MQTT 5 §3.4.2.1).
                    var id = body.AsSpan(2 + body[1], 2).ToArray();
                    await stream.WriteAsync(new byte[] { 0x40, 0x03, id[0], id[1], 0x01 }, _stop.Token);
                    break;
                case Subscribe:
                    // A message under an alias that was never announced (MQTT 5 §3.3.2.1).
                    await stream.WriteAsync(Convert.FromHexString("3006000003230001"), _stop.Token);
                    break;
            }
        }
    }
}
