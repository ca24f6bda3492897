using System.Net.Sockets;
using MqttScion.Mqtt;

namespace MqttScion.Testnet.Tests;

/// <summary>Drives an <see cref="MqttSession"/> over TCP, as the client's loop does over QUIC.</summary>
internal sealed class SessionClient : IDisposable
{
    private readonly TcpClient _tcp = new();
    private readonly byte[] _buffer = new byte[64 << 10];
    private readonly long _started = TimeProvider.System.GetTimestamp();

    private SessionClient(MqttSessionOptions options) => Session = new MqttSession(options);

    public MqttSession Session { get; }

    public TimeSpan Now => TimeProvider.System.GetElapsedTime(_started);

    public static async Task<SessionClient> ConnectAsync(PocketBroker broker, MqttSessionOptions options)
    {
        var client = new SessionClient(options);
        await client._tcp.ConnectAsync(broker.EndPoint);
        client.Session.Connect(client.Now);
        (await client.NextAsync(MqttEventKind.Connected)).ConnectResult.Should().NotBeNull();
        return client;
    }

    public void Dispose() => _tcp.Dispose();

    public async Task<MqttEvent> NextAsync(MqttEventKind kind)
    {
        var e = await NextAsync();
        e.Kind.Should().Be(kind, e.End?.Reason);
        return e;
    }

    public async Task FlushAsync()
    {
        while (Session.OutputBytes > 0)
        {
            var bytes = Session.PendingOutput.ToArray();
            await _tcp.GetStream().WriteAsync(bytes);
            Session.ConsumeOutput(bytes.Length);
        }
    }

    public async Task<MqttEvent> NextAsync()
    {
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        MqttEvent e;
        while (!Session.TryGetEvent(out e))
        {
            await FlushAsync();
            var count = await _tcp.GetStream().ReadAsync(_buffer, timeout.Token);
            if (count == 0)
            {
                Session.OnTransportClosed("The broker closed the connection.");
            }
            Session.Receive(_buffer.AsSpan(0, count), Now);
        }
        return e;
    }
}
