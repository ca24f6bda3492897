using System.Buffers;

namespace MqttScion.Mqtt.Tests;

/// <summary>Reads and writes packets of any type as objects.</summary>
internal static class AnyPacket
{
    public static bool TryRead(in MqttFrame frame, out object packet, out MqttReadFault fault)
    {
        bool isRead;
        switch (frame.Type)
        {
            case MqttPacketType.Connect:
                isRead = MqttPacketReader.TryReadConnect(frame, out var connect, out fault);
                packet = connect;
                break;
            case MqttPacketType.ConnAck:
                isRead = MqttPacketReader.TryReadConnAck(frame, out var connAck, out fault);
                packet = connAck;
                break;
            case MqttPacketType.Publish:
                isRead = MqttPacketReader.TryReadPublish(frame, out var publish, out fault);
                packet = publish;
                break;
            case MqttPacketType.Subscribe:
                isRead = MqttPacketReader.TryReadSubscribe(frame, out var subscribe, out fault);
                packet = subscribe;
                break;
            case MqttPacketType.Unsubscribe:
                isRead = MqttPacketReader.TryReadUnsubscribe(frame, out var unsubscribe, out fault);
                packet = unsubscribe;
                break;
            case MqttPacketType.SubAck or MqttPacketType.UnsubAck:
                isRead = MqttPacketReader.TryReadSubAck(frame, out var subAck, out fault);
                packet = subAck;
                break;
            case MqttPacketType.PingReq or MqttPacketType.PingResp:
                isRead = MqttPacketReader.TryReadPing(frame, out fault);
                packet = frame.Type;
                break;
            case MqttPacketType.Disconnect or MqttPacketType.Auth:
                isRead = MqttPacketReader.TryReadDisconnect(frame, out var disconnect, out fault);
                packet = disconnect;
                break;
            default:
                isRead = MqttPacketReader.TryReadAck(frame, out var ack, out fault);
                packet = ack;
                break;
        }
        return isRead;
    }

    public static byte[] Write(object packet)
    {
        var output = new ArrayBufferWriter<byte>();
        var writer = new MqttPacketWriter();
        switch (packet)
        {
            case MqttConnectPacket connect:
                writer.Write(output, connect);
                break;
            case MqttConnAckPacket connAck:
                writer.Write(output, connAck);
                break;
            case MqttPublishPacket publish:
                writer.Write(output, publish);
                break;
            case MqttAckPacket ack:
                writer.Write(output, ack);
                break;
            case MqttSubscribePacket subscribe:
                writer.Write(output, subscribe);
                break;
            case MqttUnsubscribePacket unsubscribe:
                writer.Write(output, unsubscribe);
                break;
            case MqttSubAckPacket subAck:
                writer.Write(output, subAck);
                break;
            case MqttDisconnectPacket disconnect:
                writer.Write(output, disconnect);
                break;
            case MqttPacketType type:
                MqttPacketWriter.WritePing(output, type);
                break;
            default:
                throw new ArgumentException($"{packet} is no packet.", nameof(packet));
        }
        return output.WrittenSpan.ToArray();
    }

    /// <summary>Reads the one packet that the bytes are.</summary>
    public static object Read(byte[] bytes)
    {
        MqttFrame.TryRead(bytes, int.MaxValue, out var frame, out var lengthBytes, out var fault)
            .Should().Be(MqttFrameStatus.Packet, fault.Reason);
        lengthBytes.Should().Be(bytes.Length);
        TryRead(frame, out var packet, out fault).Should().BeTrue(fault.Reason);
        return packet;
    }
}
