using System.Net;
using System.Net.Sockets;

namespace MqttScion.Cli.Tests;

/// <summary>A UDP port that takes packets and answers none.</summary>
internal sealed class SilentServer : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);

    public SilentServer() => _socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));

    public int Port => ((IPEndPoint)_socket.LocalEndPoint!).Port;

    public string Remote => $"mqtt-quic://{_socket.LocalEndPoint}";

    public void Dispose() => _socket.Dispose();
}
