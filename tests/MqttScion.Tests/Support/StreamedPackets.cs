using System.Runtime.InteropServices;
using MqttScion.Mqtt;
using MqttScion.Mqtt.Tests;

namespace MqttScion.Tests.Support;

/// <summary>One stream of a <see cref="StreamedServer"/>: what the client wrote as packets, and what it is told.
/// </summary>
internal sealed class StreamedPackets(StreamedServer owner) : IMqttStream
{
    private readonly MqttFrameAssembler _assembler = new(int.MaxValue);
    private readonly List<byte> _toClient = [];
    private readonly List<object> _fromClient = [];
    private bool _isFinishedByServer;

    /// <summary>True: nothing that the client writes is taken, as while a lost packet is missing.</summary>
    public bool IsStuck { get; set; }

    public bool IsFinished { get; private set; }

    public bool IsAbandoned { get; private set; }

    public bool IsPreferred { get; private set; }

    public bool IsReadFinished => _isFinishedByServer && _toClient.Count == 0;

    public bool IsReset { get; private set; }

    public bool IsEverythingAcknowledged => IsFinished;

    /// <summary>What the client wrote since the last call.</summary>
    public List<object> Packets()
    {
        List<object> packets = [.. _fromClient];
        _fromClient.Clear();
        return packets;
    }

    /// <summary>The only packet that the client wrote since the last call.</summary>
    public T Take<T>() => Packets().Should().ContainSingle().Which.Should().BeOfType<T>().Subject;

    public void Say(object packet) => SayBytes(AnyPacket.Write(packet));

    public void SayBytes(byte[] bytes)
    {
        _toClient.AddRange(bytes);
        owner.Turn();
    }

    public void SayPublish(string topic, ushort packetId, int qos) =>
        Say(new MqttPublishPacket(Messages.Of(topic, "x"))
        {
            QoS = (MqttQualityOfServiceLevel)qos,
            PacketId = packetId,
        });

    /// <summary>Answers the SUBSCRIBE that was written.</summary>
    public MqttSubscribePacket Grant()
    {
        var subscribe = Take<MqttSubscribePacket>();
        Say(new MqttSubAckPacket(MqttPacketType.SubAck, subscribe.PacketId,
            [.. subscribe.Filters.Select(f => (byte)f.QualityOfServiceLevel)]));
        return subscribe;
    }

    /// <summary>Ends the server's side.</summary>
    public void Finish()
    {
        _isFinishedByServer = true;
        owner.Turn();
    }

    /// <summary>Resets the stream, as a server may at any time.</summary>
    public void Abandon()
    {
        IsReset = true;
        _toClient.Clear();
        owner.Turn();
    }

    ReadOnlySpan<byte> IMqttStream.Peek() => CollectionsMarshal.AsSpan(_toClient);

    void IMqttStream.Advance(int count) => _toClient.RemoveRange(0, count);

    int IMqttStream.Write(ReadOnlySpan<byte> data)
    {
        if (IsStuck || IsReset)
        {
            return 0;
        }
        var rest = data;
        while (_assembler.TryTake(ref rest, out var frame, out var fault) == MqttFrameStatus.Packet)
        {
            AnyPacket.TryRead(frame, out var packet, out fault).Should().BeTrue(fault.Reason);
            _fromClient.Add(packet);
        }
        return data.Length;
    }

    void IMqttStream.Finish() => IsFinished = true;

    void IMqttStream.Reset(ulong code) => IsAbandoned = true;

    void IMqttStream.Prefer() => IsPreferred = true;
}
