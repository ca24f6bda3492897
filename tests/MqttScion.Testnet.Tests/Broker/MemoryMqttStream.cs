using System.IO.Pipelines;
using MqttScion.Mqtt;
using MqttScion.Mqtt.Tests;

namespace MqttScion.Testnet.Tests;

/// <summary>The client's end of a stream in memory, on which a test says and hears single packets.</summary>
internal sealed class MemoryMqttStream
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(20);

    private readonly Pipe _toBroker = new();
    private readonly Pipe _toClient = new();
    private readonly MqttFrameAssembler _assembler = new(int.MaxValue);
    private readonly Queue<object> _packets = [];

    public MemoryMqttStream() => BrokerSide = new PipePair(_toBroker.Reader, _toClient.Writer);

    public IDuplexPipe BrokerSide { get; }

    public async Task SayAsync(object packet) => await _toBroker.Writer.WriteAsync(AnyPacket.Write(packet));

    public async Task SayHexAsync(string hex) => await _toBroker.Writer.WriteAsync(Convert.FromHexString(hex));

    public Task PublishAsync(string topic, int qos = 0, ushort packetId = 0) =>
        SayAsync(new MqttPublishPacket(RawMqttClient.Message(topic, "x", qos)) { PacketId = packetId });

    public async Task SubscribeAsync(string topic, int qos = 0, bool noLocal = false)
    {
        await SayAsync(new MqttSubscribePacket(11, [new MqttTopicFilter
        {
            Topic = topic,
            QualityOfServiceLevel = (MqttQualityOfServiceLevel)qos,
            NoLocal = noLocal,
        }], null));
        (await HearAsync<MqttSubAckPacket>()).ReasonCodes.Should().Equal((byte)qos);
    }

    /// <summary>Ends the client's side.</summary>
    public async Task FinishAsync() => await _toBroker.Writer.CompleteAsync();

    public async Task<T> HearAsync<T>() => (await HearAnyAsync()).Should().BeOfType<T>().Subject;

    public async Task<object> HearAnyAsync() =>
        await TryHearAsync() ?? throw new InvalidOperationException("The broker ended the stream.");

    /// <summary>Checks that the broker ends the stream, after whatever it still sends.</summary>
    /// <returns>True when it did so in order, false when it cut the stream off.</returns>
    public async Task<bool> HearEndAsync()
    {
        try
        {
            while (await TryHearAsync() is not null)
            {
            }
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    private async Task<object?> TryHearAsync()
    {
        while (_packets.Count == 0)
        {
            var read = await _toClient.Reader.ReadAsync().AsTask().WaitAsync(_patience);
            foreach (var segment in read.Buffer)
            {
                TakePackets(segment.Span);
            }
            _toClient.Reader.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted && _packets.Count == 0)
            {
                return null;
            }
        }
        return _packets.Dequeue();
    }

    private void TakePackets(ReadOnlySpan<byte> bytes)
    {
        while (_assembler.TryTake(ref bytes, out var frame, out _) == MqttFrameStatus.Packet)
        {
            AnyPacket.TryRead(frame, out var packet, out var fault).Should().BeTrue(fault.Reason);
            _packets.Enqueue(packet);
        }
    }

    private sealed record PipePair(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
