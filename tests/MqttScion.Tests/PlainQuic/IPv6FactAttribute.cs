using System.Net;
using System.Net.Sockets;

namespace MqttScion.Tests.PlainQuic;

/// <summary>A test on ::1, skipped where the machine has none.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class IPv6FactAttribute : FactAttribute
{
    public IPv6FactAttribute() => Skip = HasLoopback() ? null : "this machine has no IPv6 loopback";

    private static bool HasLoopback()
    {
        try
        {
            using var socket = new Socket(AddressFamily.InterNetworkV6, SocketType.Dgram, ProtocolType.Udp);
            socket.Bind(new IPEndPoint(IPAddress.IPv6Loopback, 0));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
