using System.Net;
using System.Net.Sockets;

namespace MqttScion.Udp;

/// <summary>Datagrams through the BCL, where the Linux calls are not there.</summary>
/// <remarks>The last peer's address is kept in both forms, so that a run of datagrams with one peer allocates nothing.
/// </remarks>
internal sealed class PortableUdp
{
    private const int Nothing = -1;
    private const int TryAgain = -2;

    private readonly Socket _socket;
    private readonly IPEndPoint _anyEndPoint;
    private readonly SocketAddress _received;
    private SocketAddress _lastSenderAddress;
    private UdpAddress _lastSender;
    private SocketAddress _lastDestinationAddress;
    private UdpAddress _lastDestination;

    internal PortableUdp(Socket socket)
    {
        _socket = socket;
        _socket.Blocking = false;
        var any = socket.AddressFamily == AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any;
        _anyEndPoint = new IPEndPoint(any, 0);
        _received = _anyEndPoint.Serialize();
        (_lastSenderAddress, _lastSender) = (_anyEndPoint.Serialize(), _anyEndPoint);
        (_lastDestinationAddress, _lastDestination) = (_lastSenderAddress, _lastSender);
    }

    /// <returns>As <see cref="UdpNative.Receive"/>.</returns>
    internal int Receive(Span<byte> buffer, out UdpAddress sender)
    {
        sender = default;
        if (!_socket.Poll(0, SelectMode.SelectRead))
            return Nothing;
        try
        {
            var length = _socket.ReceiveFrom(buffer, SocketFlags.None, _received);
            sender = ToUdpAddress(_received);
            return length;
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.WouldBlock)
        {
            return Nothing;
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.MessageSize)
        {
            sender = ToUdpAddress(_received);
            return buffer.Length + 1;
        }
        catch (SocketException)
        {
            return TryAgain;
        }
    }

    internal UdpSendResult Send(ReadOnlySpan<byte> datagram, in UdpAddress destination)
    {
        if (_lastDestination != destination)
        {
            _lastDestinationAddress = destination.ToIPEndPoint().Serialize();
            _lastDestination = destination;
        }
        try
        {
            _socket.SendTo(datagram, SocketFlags.None, _lastDestinationAddress);
            return UdpSendResult.Sent;
        }
        catch (SocketException e)
        {
            return e.SocketErrorCode switch
            {
                SocketError.WouldBlock or SocketError.NoBufferSpaceAvailable => UdpSendResult.WouldBlock,
                SocketError.MessageSize => UdpSendResult.TooLarge,
                SocketError.ConnectionRefused or SocketError.ConnectionReset or SocketError.NetworkUnreachable
                    or SocketError.HostUnreachable or SocketError.AddressNotAvailable => UdpSendResult.Unreachable,
                _ => UdpSendResult.Failed,
            };
        }
    }

    private UdpAddress ToUdpAddress(SocketAddress address)
    {
        if (!_lastSenderAddress.Equals(address))
        {
            _lastSender = (IPEndPoint)_anyEndPoint.Create(address);
            _lastSenderAddress = ((IPEndPoint)_anyEndPoint.Create(address)).Serialize();
        }
        return _lastSender;
    }
}
