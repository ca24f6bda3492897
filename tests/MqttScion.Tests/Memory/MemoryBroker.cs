using System.Buffers.Binary;
using System.Diagnostics;
using System.Text;
using MqttScion.Mqtt;

namespace MqttScion.Tests.Memory;

/// <summary>
/// A broker that takes everything and knows one message to send: as little work as there can be beside a client.
/// </summary>
internal sealed class MemoryBroker
{
    private const int MaxPacketBytes = 1 << 16;

    private static readonly byte[] _accept = [0x20, 3, 0, 0, 0];

    private readonly byte[] _delivery;
    private readonly int _packetIdAt;
    private long _toSend;
    private int _onTheirWay;
    private ushort _lastPacketId;
    private readonly Queue<byte[]> _held = new();
    private long _busyTicks;
    private long _received;
    private volatile bool _isReleased;

    /// <param name="delivery">A QoS 1 PUBLISH, which is sent with changing packet identifiers.</param>
    /// <param name="packetIdAt">Where the identifier is in it.</param>
    public MemoryBroker(byte[]? delivery = null, int packetIdAt = 0) =>
        (_delivery, _packetIdAt) = (delivery ?? [], packetIdAt);

    /// <summary>One that has QoS 1 messages on a topic to send.</summary>
    public static MemoryBroker Of(string topic, int payloadBytes)
    {
        var name = Encoding.UTF8.GetBytes(topic);
        byte[] body = [0, (byte)name.Length, .. name, 0, 0, 0, .. new byte[payloadBytes]];
        return new MemoryBroker([0x32, (byte)body.Length, .. body], packetIdAt: 2 + 2 + name.Length);
    }

    /// <summary>How many messages may be unacknowledged.</summary>
    public int Window { get; init; } = 256;

    /// <summary>True: publishes are not acknowledged until <see cref="ReleaseAnswers"/>.</summary>
    public bool HoldsAnswers { get; init; }

    /// <summary>Messages that the client acknowledged.</summary>
    public long Acknowledged { get; private set; }

    /// <summary>Messages that the client published.</summary>
    public long Received { get => Volatile.Read(ref _received); private set => Volatile.Write(ref _received, value); }

    /// <summary>The time that the broker took on the loop.</summary>
    public TimeSpan Busy => Stopwatch.GetElapsedTime(0, Volatile.Read(ref _busyTicks));

    /// <summary>Has the loop turn.</summary>
    public Action Wake { private get; set; } = () => { };

    /// <summary>Sends so many messages more. Callable from any thread.</summary>
    public void Deliver(long count)
    {
        Interlocked.Add(ref _toSend, count);
        Wake();
    }

    /// <summary>Acknowledges what was held back, and from now on at once. Callable from any thread.</summary>
    public void ReleaseAnswers()
    {
        _isReleased = true;
        Wake();
    }

    /// <summary>Takes what the client wrote and writes the answers. On the loop.</summary>
    public void Exchange(MemoryMqttStream stream)
    {
        var startedAt = Stopwatch.GetTimestamp();
        var bytes = stream.Out.Written;
        var taken = 0;
        while (MqttFrame.TryRead(bytes[taken..], MaxPacketBytes, out var frame, out var length, out _)
            == MqttFrameStatus.Packet)
        {
            Receive(frame, stream.In);
            taken += length;
        }
        stream.Out.Consume(taken);
        while (_isReleased && _held.TryDequeue(out var answer))
        {
            stream.In.Write(answer);
        }
        Send(stream.In);
        _busyTicks += Stopwatch.GetTimestamp() - startedAt;
    }

    private void Receive(in MqttFrame frame, ByteBuffer answers)
    {
        var body = frame.Body;
        switch (frame.Type)
        {
            case MqttPacketType.Connect:
                answers.Write(_accept);
                break;
            case MqttPacketType.Subscribe:
                answers.Write([0x90, 4, body[0], body[1], 0, 1]);
                break;
            case MqttPacketType.Publish:
                Received++;
                if (frame.Flags >> 1 == 1)
                {
                    var at = 2 + BinaryPrimitives.ReadUInt16BigEndian(body);
                    if (HoldsAnswers && !_isReleased)
                    {
                        _held.Enqueue([0x40, 2, body[at], body[at + 1]]);
                    }
                    else
                    {
                        answers.Write([0x40, 2, body[at], body[at + 1]]);
                    }
                }
                break;
            case MqttPacketType.PubAck:
                Acknowledged++;
                _onTheirWay--;
                break;
            case MqttPacketType.PingReq:
                answers.Write([0xd0, 0]);
                break;
        }
    }

    private void Send(ByteBuffer room)
    {
        var count = Math.Min(Interlocked.Read(ref _toSend), Window - _onTheirWay);
        for (var i = 0; i < count; i++)
        {
            _lastPacketId = _lastPacketId == ushort.MaxValue ? (ushort)1 : (ushort)(_lastPacketId + 1);
            BinaryPrimitives.WriteUInt16BigEndian(_delivery.AsSpan(_packetIdAt), _lastPacketId);
            room.Write(_delivery);
        }
        if (count > 0)
        {
            _onTheirWay += (int)count;
            Interlocked.Add(ref _toSend, -count);
        }
    }
}
