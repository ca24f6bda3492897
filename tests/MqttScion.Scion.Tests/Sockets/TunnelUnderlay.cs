using System.Net;
using MqttScion.Udp;

namespace MqttScion.Scion.Tests;

/// <summary>SCION packets through a tunnel to one peer: a header before each, an assigned address, keep-alives that are
/// messages without a packet.</summary>
internal sealed class TunnelUnderlay(IPEndPoint assigned) : IUnderlay
{
    private const int HeaderBytes = 16;

    private readonly UdpReceiveBatch _batch = new(slotCount: 4);
    private long _keepAliveCount;

    public IPEndPoint LocalEndPoint => assigned;

    public BatchedUdpSocket UdpSocket { get; } = new(new IPEndPoint(IPAddress.Loopback, 0));

    public int OverheadBytes => HeaderBytes;

    public bool HasPackets => _batch.HasDatagrams;

    public TimeSpan? NextTimeout { get; private set; } = TimeSpan.Zero;

    /// <summary>The other end.</summary>
    internal UdpAddress Peer { get; set; }

    /// <summary>The messages without a packet that came.</summary>
    internal long KeepAliveCount => Volatile.Read(ref _keepAliveCount);

    public void Dispose() => UdpSocket.Dispose();

    public bool TryReceive(out UdpDatagram packet)
    {
        while (_batch.TryTake(out var message) || (UdpSocket.Receive(_batch) && _batch.TryTake(out message)))
        {
            if (message.Sender == Peer && message.Bytes.Length > HeaderBytes)
            {
                packet = new UdpDatagram
                {
                    Bytes = message.Bytes[HeaderBytes..],
                    Sender = message.Sender,
                    Ecn = message.Ecn,
                };
                return true;
            }
            Volatile.Write(ref _keepAliveCount, _keepAliveCount + 1);
        }
        packet = default;
        return false;
    }

    public UdpSendResult Send(ReadOnlySpan<byte> packet, in UdpAddress nextHop, UdpEcn ecn = UdpEcn.NotEct) =>
        UdpSocket.Send([.. new byte[HeaderBytes], .. packet], Peer, ecn);

    public UdpSendResult Send(
        ReadOnlySpan<byte> packets,
        int packetLength,
        in UdpAddress nextHop,
        out int sentCount,
        UdpEcn ecn = UdpEcn.NotEct)
    {
        for (sentCount = 0; !packets.IsEmpty; sentCount++)
        {
            var packet = packets[..Math.Min(packetLength, packets.Length)];
            if (Send(packet, nextHop, ecn) is not UdpSendResult.Sent and var result)
                return result;
            packets = packets[packet.Length..];
        }
        return UdpSendResult.Sent;
    }

    public void OnTimeout(TimeSpan now)
    {
        NextTimeout = now + TimeSpan.FromMilliseconds(10);
        Send([], Peer);
    }
}
