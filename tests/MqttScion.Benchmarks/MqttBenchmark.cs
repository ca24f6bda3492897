using System.CommandLine;
using MqttScion.Mqtt;

namespace MqttScion.Benchmarks;

/// <summary>What the MQTT codec costs a packet, and the search for the subscriptions of a topic.</summary>
/// <remarks>One thread, no socket; the least of many samples is what the machine does when left alone.</remarks>
internal static class MqttBenchmark
{
    private const int FilterCount = 10_000;
    private const string Topic = "plant/hall-7/line-3/temperature";

    public static Command Command()
    {
        var command = new Command("mqtt", "The MQTT codec, and dispatch among 10,000 filters.");
        command.SetAction(_ => Run());
        return command;
    }

    private static void Run()
    {
        Console.WriteLine($"{"one operation",-50} {"least ns",10} {"median ns",10} {"bytes",8}");
        foreach (var figure in Codec().Concat(Dispatch()))
        {
            Console.WriteLine($"{figure.Name,-50} {figure.LeastNanoseconds,10:0.0} {figure.MedianNanoseconds,10:0.0} "
                + $"{figure.AllocatedBytes,8:0}");
        }
    }

    private static IEnumerable<OperationFigure> Codec()
    {
        var message = Message(Topic);
        var packet = new MqttPublishPacket(message) { PacketId = 4711 };
        var writer = new MqttPacketWriter();
        var output = new MqttByteQueue();
        writer.Write(output, packet);
        var bytes = output.Written.ToArray();
        var texts = new TopicTexts();
        yield return OperationFigure.Of("write PUBLISH, QoS 1, 64 B", count =>
        {
            var sum = 0UL;
            for (var i = 0; i < count; i++)
            {
                // As a stream would take it, which is not the codec's: many packets at a time.
                if (output.Count > 4096)
                {
                    output.Consume(output.Count);
                }
                writer.Write(output, packet);
                sum += (ulong)output.Count;
            }
            return sum;
        });
        yield return OperationFigure.Of("read PUBLISH, QoS 1, 64 B", count => Read(bytes, count, null, false));
        yield return OperationFigure.Of("… and the text of its topic", count => Read(bytes, count, texts, false));
        yield return OperationFigure.Of("… and a message with its payload", count => Read(bytes, count, texts, true));
    }

    private static ulong Read(byte[] bytes, int count, TopicTexts? texts, bool withMessage)
    {
        var sum = 0UL;
        for (var i = 0; i < count; i++)
        {
            if (MqttFrame.TryRead(bytes, bytes.Length, out var frame, out _, out _) != MqttFrameStatus.Packet
                || !MqttPacketReader.TryReadPublishView(frame, out var view, out _))
            {
                throw new InvalidOperationException("The packet can't be read.");
            }
            var topic = texts is null ? "" : texts.TextOf(view.Topic);
            sum += withMessage ? (ulong)view.ToMessage(topic, topicAlias: 0).Payload.Length : view.PacketId;
        }
        return sum;
    }

    private static IEnumerable<OperationFigure> Dispatch()
    {
        var trie = new TopicTrie<string>();
        for (var i = 0; i < FilterCount; i++)
        {
            var filter = i % 10 == 0 ? $"plant/+/line-{i}/temperature" : $"plant/hall-{i % 100}/line-{i}/temperature";
            trie.Add(filter, filter);
        }
        var matches = new List<string>();
        var topics = Enumerable.Range(0, FilterCount)
            .Select(i => $"plant/hall-{i % 100}/line-{i}/temperature").ToArray();
        Random.Shared.Shuffle(topics);
        yield return OperationFigure.Of($"by topic among {FilterCount} filters", count =>
        {
            var sum = 0UL;
            for (var i = 0; i < count; i++)
            {
                matches.Clear();
                trie.Match(topics[i % FilterCount], matches);
                sum += (ulong)matches.Count;
            }
            return sum;
        });
    }

    private static MqttApplicationMessage Message(string topic) => new()
    {
        Topic = topic,
        Payload = new byte[64],
        QualityOfServiceLevel = MqttQualityOfServiceLevel.AtLeastOnce,
    };
}
