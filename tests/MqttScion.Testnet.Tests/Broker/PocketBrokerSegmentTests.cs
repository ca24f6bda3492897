using System.Diagnostics;
using System.IO.Pipelines;
using System.Net.Sockets;
using System.Threading.Channels;
using MqttScion.Mqtt;
using MqttScion.Mqtt.Tests;

namespace MqttScion.Testnet.Tests;

/// <summary>How the broker cuts what it sends, and what that costs clients that hold small packets back.</summary>
public class PocketBrokerSegmentTests
{
    private const int PubAckBytes = 4;
    private const int PublishBytes = 9;

    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(5);

    // Linux waits so long before it acknowledges, at least.
    private static readonly TimeSpan _delayedAcknowledgement = TimeSpan.FromMilliseconds(40);

    [Theory]
    [InlineData(1, 0x40)]
    [InlineData(2, 0x50)]
    public async Task Acknowledgement_leaves_before_and_apart_from_the_message_that_comes_back(int qos, byte header)
    {
        await using var broker = await PocketBroker.StartAsync();
        var toBroker = new Pipe();
        var written = new WrittenStream();
        var serving = broker.ServeAsync(new PipePair(toBroker.Reader, PipeWriter.Create(written)));
        await toBroker.Writer.WriteAsync(AnyPacket.Write(new MqttConnectPacket { ClientId = "c" }));
        (await written.NextAsync())[0].Should().Be(0x20);
        var filter = new MqttTopicFilter { Topic = "t", QualityOfServiceLevel = MqttQualityOfServiceLevel.AtMostOnce };
        await toBroker.Writer.WriteAsync(AnyPacket.Write(new MqttSubscribePacket(1, [filter], null)));
        (await written.NextAsync())[0].Should().Be(0x90);

        for (ushort id = 1; id <= 100; id++)
        {
            await toBroker.Writer.WriteAsync(AnyPacket.Write(
                new MqttPublishPacket(RawMqttClient.Message("t", "x", qos)) { PacketId = id }));
            (await written.NextAsync()).Should().Equal(header, 2, (byte)(id >> 8), (byte)id);
            (await written.NextAsync())[0].Should().Be(0x30);
        }

        await toBroker.Writer.CompleteAsync();
        await serving.WaitAsync(_patience);
    }

    [Fact]
    public async Task Client_that_holds_small_packets_back_waits_for_no_delayed_acknowledgement()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }
        await using var broker = await PocketBroker.StartAsync();
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = false };
        await socket.ConnectAsync(broker.EndPoint);
        var buffer = new byte[4096];
        await SendAsync(AnyPacket.Write(new MqttConnectPacket { ClientId = "c" }));
        await ReceiveAsync(1);
        await SendAsync(AnyPacket.Write(new MqttSubscribePacket(1, [Messages("t")], null)));
        await ReceiveAsync(5);

        // A message to itself: its PUBACK for what came back is on the way when it publishes the next.
        var fastest = TimeSpan.MaxValue;
        for (ushort id = 1; id <= 40; id++)
        {
            var startedAt = Stopwatch.GetTimestamp();
            await SendAsync(AnyPacket.Write(
                new MqttPublishPacket(RawMqttClient.Message("t", "x", qos: 1)) { PacketId = id }));
            await ReceiveAsync(PubAckBytes + PublishBytes);
            await SendAsync([0x40, 2, (byte)(id >> 8), (byte)id]);
            // The system is slow to hold acknowledgements back at first.
            var took = Stopwatch.GetElapsedTime(startedAt);
            fastest = id > 20 && took < fastest ? took : fastest;
        }

        fastest.Should().BeLessThan(_delayedAcknowledgement, "else each of them waited");

        async Task SendAsync(byte[] bytes) => await socket.SendAsync(bytes).WaitAsync(_patience);

        async Task ReceiveAsync(int count)
        {
            while (count > 0)
            {
                count -= await socket.ReceiveAsync(buffer).WaitAsync(_patience);
            }
        }
    }

    private static MqttTopicFilter Messages(string topic) =>
        new() { Topic = topic, QualityOfServiceLevel = MqttQualityOfServiceLevel.AtLeastOnce };

    private sealed record PipePair(PipeReader Input, PipeWriter Output) : IDuplexPipe;

    /// <summary>What was written, flush by flush.</summary>
    private sealed class WrittenStream : MemoryStream
    {
        private readonly Channel<byte[]> _writes = Channel.CreateUnbounded<byte[]>();

        public async Task<byte[]> NextAsync() => await _writes.Reader.ReadAsync().AsTask().WaitAsync(_patience);

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            _writes.Writer.TryWrite(buffer.ToArray());
            return ValueTask.CompletedTask;
        }
    }
}
