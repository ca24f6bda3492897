using MqttScion.Mqtt;

namespace MqttScion;

/// <summary>
/// Publishes that wait, in their order, in a lane for each stream that may carry them, so that a stream without room
/// holds up its own lane only. Not thread-safe.
/// </summary>
internal sealed class PublishLanes
{
    /// <summary>All lanes, for <see cref="Take"/>.</summary>
    public const uint All = uint.MaxValue;

    private readonly PublishQueue[] _lanes;

    /// <param name="dataStreams">How many lanes there are beside the first, which is the control stream's.</param>
    public PublishLanes(int dataStreams)
    {
        _lanes = new PublishQueue[1 + dataStreams];
        for (var i = 0; i < _lanes.Length; i++)
        {
            _lanes[i] = new PublishQueue();
        }
    }

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

    /// <summary>The lane of a message here; it is a publish's <see cref="PendingPublish.Lane"/> from then on.</summary>
    public int LaneOf(MqttApplicationMessage message) => LaneOf(message, _lanes.Length);

    /// <summary>Puts a publish at its place.</summary>
    public void Enqueue(PendingPublish publish) => _lanes[publish.Lane].Enqueue(publish);

    /// <summary>Takes the oldest that may go, of those at the heads of these lanes; null when there is none.</summary>
    /// <param name="lanes">A bit for each lane.</param>
    public PendingPublish? Take(uint lanes)
    {
        PendingPublish? oldest = null;
        for (var i = 0; i < _lanes.Length; i++)
        {
            // One that the store does not have yet holds those behind it: order before speed.
            if ((lanes & (1u << i)) != 0 && _lanes[i].TryPeek(out var head) && head.IsReady
                && (oldest is null || head.Sequence < oldest.Sequence))
            {
                oldest = head;
            }
        }
        return oldest is null ? null : _lanes[oldest.Lane].Dequeue();
    }

    /// <summary>Takes the oldest that no server may have; null when there is none.</summary>
    public PendingPublish? TakeUnsent()
    {
        PendingPublish? oldest = null;
        foreach (var lane in _lanes)
        {
            if (lane.FindUnsent() is { } first && (oldest is null || first.Sequence < oldest.Sequence))
            {
                oldest = first;
            }
        }
        return oldest is not null && Remove(oldest) ? oldest : null;
    }

    /// <summary>Takes one out of the middle; false when it is not there.</summary>
    public bool Remove(PendingPublish publish) => _lanes[publish.Lane].Remove(publish);

    /// <summary>Takes out those that fit, lane by lane.</summary>
    public void RemoveAll(Predicate<PendingPublish> match)
    {
        foreach (var lane in _lanes)
        {
            lane.RemoveAll(match);
        }
    }
}
