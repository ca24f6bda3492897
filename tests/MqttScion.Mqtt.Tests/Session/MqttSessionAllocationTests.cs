namespace MqttScion.Mqtt.Tests;

public class MqttSessionAllocationTests
{
    private const int Count = 2000;
    private const int Attempts = 5;

    private static readonly MqttApplicationMessage _message = new()
    {
        Topic = "plant/7/line/3/temperature",
        Payload = new byte[31],
        QualityOfServiceLevel = MqttQualityOfServiceLevel.AtLeastOnce,
    };

    [Fact]
    public void Encoding_and_decoding_a_PUBLISH_allocates_nothing()
    {
        var packet = new MqttPublishPacket(_message) { PacketId = 7 };
        var bytes = AnyPacket.Write(packet);
        bytes.Should().HaveCount(64);
        var writer = new MqttPacketWriter();
        var output = new MqttByteQueue();
        output.Write([1]); // An empty queue gives its memory back.

        LeastBytes(() =>
        {
            writer.Write(output, packet);
            output.Consume(bytes.Length);
            _ = MqttFrame.TryRead(bytes, 1000, out var frame, out _, out _);
            _ = MqttPacketReader.TryReadPublishView(frame, out var view, out _);
            return view.PacketId;
        }).Should().Be(0);
    }

    [Fact]
    public void Publish_and_its_PUBACK_allocate_the_result_only()
    {
        var server = ScriptedServer.Connected(p => p.Add(MqttPropertyId.TopicAliasMaximum, 5));
        var session = server.Session;
        byte[] ack = [0x40, 2, 0, 0];

        var bytes = LeastBytes(() =>
        {
            session.Publish(_message, server.Now);
            var output = session.PendingOutput;
            var idAt = output[3] == 0 ? 4 : 30; // Only the first has its topic.
            output[idAt..(idAt + 2)].CopyTo(ack.AsSpan(2));
            session.ConsumeOutput(output.Length);
            session.Receive(ack, server.Now);
            session.TryGetEvent(out var e);
            return e.PublishResult!.IsSuccess;
        });

        bytes.Should().Be(LeastBytes(() => new MqttClientPublishResult { PacketIdentifier = 1 }));
    }

    [Fact]
    public void Received_message_allocates_itself_and_its_payload_only()
    {
        var server = ScriptedServer.Connected();
        var session = server.Session;
        var publish = AnyPacket.Write(new MqttPublishPacket(_message) { PacketId = 7 });

        var bytes = LeastBytes(() =>
        {
            session.Receive(publish, server.Now);
            var isMessage = session.TryGetEvent(out var e);
            session.Acknowledge(e.PacketId, 0, server.Now);
            session.ConsumeOutput(session.OutputBytes);
            return isMessage ? e.Message! : throw new InvalidOperationException();
        });

        bytes.Should().Be(LeastBytes(() => new MqttApplicationMessage()) + LeastBytes(() => new byte[31]));
    }

    /// <summary>The bytes that a call allocates in the steady state, in whole bytes. A runtime that does something else
    /// now and then does so not in every attempt.</summary>
    private static long LeastBytes<T>(Func<T> call)
    {
        var least = long.MaxValue;
        T last = default!;
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < Count; i++)
            {
                last = call();
            }
            least = Math.Min(least, (GC.GetAllocatedBytesForCurrentThread() - before) / Count);
        }
        GC.KeepAlive(last);
        return least;
    }
}
