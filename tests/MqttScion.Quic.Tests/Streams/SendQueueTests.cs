namespace MqttScion.Quic.Tests;

/// <summary>The queue of streams with data, against a simple model of it.</summary>
public class SendQueueTests
{
    [Fact]
    public void Random_operations_do_what_a_list_per_urgency_does()
    {
        var random = new Random(7);
        var table = new StreamTable(isServer: false, new QuicOptions(), new EventQueue());
        var streams = Enumerable.Range(0, 60).Select(index => Stream(table, index)).ToArray();
        var queue = new SendQueue();
        var model = Enumerable.Range(0, QuicStream.LeastUrgent + 1).Select(_ => new List<QuicStream>()).ToArray();
        for (var step = 0; step < 20_000; step++)
        {
            var stream = streams[random.Next(streams.Length)];
            switch (random.Next(4))
            {
                case 0 when stream.IsQueued:
                    queue.Remove(stream);
                    model[stream.Urgency].Remove(stream).Should().BeTrue();
                    break;
                case 1:
                    var expected = Array.Find(model, static lane => lane.Count > 0)?[0];
                    queue.TryDequeue(out var next).Should().Be(expected is not null);
                    next.Should().BeSameAs(expected);
                    if (next is not null)
                        model[next.Urgency].RemoveAt(0);
                    break;
                default:
                    if (stream.IsQueued)
                        break;
                    stream.Urgency = random.Next(QuicStream.LeastUrgent + 1);
                    queue.Enqueue(stream);
                    model[stream.Urgency].Add(stream);
                    break;
            }

            queue.IsEmpty.Should().Be(Array.TrueForAll(model, static lane => lane.Count == 0));
        }

        queue.Clear();
        queue.IsEmpty.Should().BeTrue();
        streams.Should().OnlyContain(stream => !stream.IsQueued && stream.QueuedBefore == null);
    }

    private static QuicStream Stream(StreamTable table, long index) =>
        new(table, StreamId.Create(index, isServer: false, isBidirectional: true), 0, new QuicOptions());
}
