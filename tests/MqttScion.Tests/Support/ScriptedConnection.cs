using System.Net.Sockets;
using MqttScion.Mqtt;
using MqttScion.Mqtt.Tests;

namespace MqttScion.Tests.Support;

/// <summary>One connection of a <see cref="ScriptedBroker"/>.</summary>
internal sealed class ScriptedConnection(TcpClient client) : IDisposable
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly MqttFrameAssembler _assembler = new(int.MaxValue);
    private readonly Queue<object> _packets = new();
    private readonly byte[] _buffer = new byte[64 * 1024];

    public MqttConnectPacket Connect { get; set; } = null!;

    /// <summary>The next packet other than PINGREQ, which is answered.</summary>
    public async Task<object> ReadAsync()
    {
        while (true)
        {
            while (_packets.TryDequeue(out var packet))
            {
                if (packet is not MqttPacketType.PingReq)
                {
                    return packet;
                }
                await SendAsync(MqttPacketType.PingResp);
            }
            var count = await client.GetStream().ReadAsync(_buffer).AsTask().WaitAsync(Patience);
            if (count == 0)
            {
                throw new EndOfStreamException("The client ended the connection.");
            }
            Take(_buffer.AsSpan(0, count));
        }
    }

    public async Task<T> ReadAsync<T>() => (await ReadAsync()).Should().BeAssignableTo<T>().Subject;

    public async Task<MqttAckPacket> ReadAckAsync(MqttPacketType type, ushort packetId)
    {
        var ack = await ReadAsync<MqttAckPacket>();
        ack.Type.Should().Be(type);
        ack.PacketId.Should().Be(packetId);
        return ack;
    }

    public async Task SendAsync(object packet) => await client.GetStream().WriteAsync(AnyPacket.Write(packet));

    /// <summary>Sends bytes as they are.</summary>
    public async Task SendBytesAsync(ReadOnlyMemory<byte> bytes) => await client.GetStream().WriteAsync(bytes);

    public Task SendAckAsync(MqttPacketType type, ushort packetId, byte code = 0) =>
        SendAsync(new MqttAckPacket(type, packetId, code));

    public Task SendPublishAsync(string topic, ushort packetId, int qos, bool dup = false, string payload = "") =>
        SendAsync(new MqttPublishPacket(new MqttApplicationMessage
        {
            Topic = topic,
            Payload = System.Text.Encoding.UTF8.GetBytes(payload),
        })
        {
            QoS = (MqttQualityOfServiceLevel)qos,
            PacketId = packetId,
            Dup = dup,
        });

    /// <summary>Answers the SUBSCRIBE that comes next.</summary>
    public async Task<MqttSubscribePacket> GrantAsync()
    {
        var subscribe = await ReadAsync<MqttSubscribePacket>();
        await SendAsync(new MqttSubAckPacket(MqttPacketType.SubAck, subscribe.PacketId,
            [.. subscribe.Filters.Select(f => (byte)f.QualityOfServiceLevel)]));
        return subscribe;
    }

    /// <summary>Ends the connection without a DISCONNECT.</summary>
    public void Dispose() => client.Dispose();

    private void Take(ReadOnlySpan<byte> bytes)
    {
        while (_assembler.TryTake(ref bytes, out var frame, out var fault) == MqttFrameStatus.Packet)
        {
            AnyPacket.TryRead(frame, out var packet, out fault).Should().BeTrue(fault.Reason);
            _packets.Enqueue(packet);
        }
    }
}
