using System.Net;
using System.Net.Sockets;
using MqttScion.Mqtt;

namespace MqttScion.Tests.Support;

/// <summary>A broker that does what a test tells it, packet by packet, over TCP behind the proxy.</summary>
internal sealed class ScriptedBroker : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);

    public ScriptedBroker() => _listener.Start();

    public string Address => _listener.LocalEndpoint.ToString()!;

    public async Task<ScriptedConnection> AcceptAsync() =>
        new(await _listener.AcceptTcpClientAsync().WaitAsync(ScriptedConnection.Patience));

    /// <summary>Takes a connection and its CONNECT, and accepts it.</summary>
    public async Task<ScriptedConnection> AcceptAsync(
        bool isSessionPresent, Action<MqttProperties>? connAck = null)
    {
        var connection = await AcceptAsync();
        connection.Connect = await connection.ReadAsync<MqttConnectPacket>();
        var properties = new MqttProperties();
        connAck?.Invoke(properties);
        await connection.SendAsync(new MqttConnAckPacket(isSessionPresent, 0, properties));
        return connection;
    }

    public void Dispose() => _listener.Dispose();
}
