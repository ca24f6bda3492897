using MqttScion.Mqtt;

namespace MqttScion;

/// <summary>
/// Publishes that wait, in their order, in a lane for each stream that may carry them, so that a stream without room
/// holds up its own lane only. Not thread-safe.
/// </summary>
internal sealed class PublishLanes
{
    /// <summary>All lanes, for <see cref="Peek"/>.</summary>
    public const uint All = uint.MaxValue;

    private readonly PriorityQueue<PendingPublish, long>[] _lanes;

    /// <param name="dataStreams">How many lanes there are beside the first, which is the control stream's.</param>
    public PublishLanes(int dataStreams)
    {
        _lanes = new PriorityQueue<PendingPublish, long>[1 + dataStreams];
        for (var i = 0; i < _lanes.Length; i++)
        {
            _lanes[i] = new();
        }
    }

    public IEnumerable<PendingPublish> Publishes => _lanes.SelectMany(l => l.UnorderedItems).Select(i => i.Element);

    /// <summary>The lane of a message: one for all messages of a topic, but those that need the control stream.
    /// </summary>
    /// <remarks>QoS 2 must find its session again after a reconnect, and an alias means something on one stream only.
    /// </remarks>
    public static int LaneOf(MqttApplicationMessage message, int laneCount) =>
        message.QualityOfServiceLevel == MqttQualityOfServiceLevel.ExactlyOnce || message.TopicAlias != 0
            ? 0
            : LaneOf(message.Topic, laneCount);

    /// <summary>The lane of a topic or filter.</summary>
    public static int LaneOf(string topic, int laneCount) =>
        laneCount <= 1 ? 0 : 1 + (int)((uint)topic.GetHashCode(StringComparison.Ordinal) % (uint)(laneCount - 1));

    public void Add(PendingPublish publish) => _lanes[LaneOf(publish)].Enqueue(publish, publish.Sequence);

    /// <summary>The oldest that may go, of those at the heads of these lanes; null when there is none.</summary>
    /// <param name="lanes">A bit for each lane.</param>
    public PendingPublish? Peek(uint lanes)
    {
        PendingPublish? oldest = null;
        for (var i = 0; i < _lanes.Length; i++)
        {
            // One that the store does not have yet holds those behind it: order before speed.
            if ((lanes & (1u << i)) != 0 && _lanes[i].TryPeek(out var head, out _) && head.IsReady
                && (oldest is null || head.Sequence < oldest.Sequence))
            {
                oldest = head;
            }
        }
        return oldest;
    }

    /// <summary>Takes out what <see cref="Peek"/> gives; null when there is none.</summary>
    public PendingPublish? Take(uint lanes)
    {
        var oldest = Peek(lanes);
        if (oldest is not null)
        {
            _lanes[LaneOf(oldest)].Dequeue();
        }
        return oldest;
    }

    public bool Remove(PendingPublish publish) => _lanes[LaneOf(publish)].Remove(publish, out _, out _);

    /// <summary>Takes out all that fit, in their order.</summary>
    public List<PendingPublish> TakeAll(Predicate<PendingPublish> isWanted)
    {
        var taken = Publishes.Where(p => isWanted(p)).OrderBy(p => p.Sequence).ToList();
        if (taken.Count > 0)
        {
            var left = Publishes.Except(taken).ToList();
            Array.ForEach(_lanes, lane => lane.Clear());
            left.ForEach(Add);
        }
        return taken;
    }

    private int LaneOf(PendingPublish publish) => LaneOf(publish.Message, _lanes.Length);
}
