using MqttScion.Tests.Support;

namespace MqttScion.Tests.Delivery;

/// <summary>The order of publishes that wait for several streams.</summary>
public sealed class PublishLanesTests
{
    private const int DataStreams = 4;
    private const int LaneCount = 1 + DataStreams;

    private readonly PublishLanes _lanes = new(DataStreams);

    [Fact]
    public void All_lanes_together_are_in_the_order_of_the_publishes()
    {
        for (var i = 99; i >= 0; i--)
        {
            _lanes.Enqueue(Publish(i, $"t/{i}", qos: i % 3));
        }

        TakeAll(PublishLanes.All).Should().Equal(Enumerable.Range(0, 100).Select(i => (long)i));
    }

    [Fact]
    public void Lane_that_is_not_open_keeps_its_publishes_and_holds_no_other_up()
    {
        var (first, second) = TwoTopics();
        _lanes.Enqueue(Publish(1, first));
        _lanes.Enqueue(Publish(2, second));
        _lanes.Enqueue(Publish(3, first));

        var open = ~(1u << PublishLanes.LaneOf(first, LaneCount));

        TakeAll(open).Should().Equal(2);
        TakeAll(PublishLanes.All).Should().Equal(1, 3);
    }

    [Fact]
    public void One_that_the_store_does_not_have_yet_holds_up_its_own_lane()
    {
        var (first, second) = TwoTopics();
        var stored = Publish(1, first);
        stored.IsReady = false;
        _lanes.Enqueue(stored);
        _lanes.Enqueue(Publish(2, second));
        _lanes.Enqueue(Publish(3, first));

        TakeAll(PublishLanes.All).Should().Equal(2);
        stored.IsReady = true;
        TakeAll(PublishLanes.All).Should().Equal(1, 3);
    }

    [Fact]
    public void Removed_ones_are_gone_from_whatever_lane()
    {
        var publishes = Enumerable.Range(0, 20).Select(i => Publish(i, $"t/{i}")).ToList();
        publishes.ForEach(_lanes.Enqueue);

        _lanes.Remove(publishes[3]).Should().BeTrue();
        _lanes.Remove(publishes[3]).Should().BeFalse();
        _lanes.RemoveAll(p => p.Sequence >= 10);

        TakeAll(PublishLanes.All).Should().Equal(0, 1, 2, 4, 5, 6, 7, 8, 9);
    }

    [Fact]
    public void Without_data_streams_everything_is_in_the_one_lane()
    {
        PublishLanes.LaneOf("any", laneCount: 1).Should().Be(0);
        PublishLanes.LaneOf(Messages.Of("any", qos: 2), LaneCount).Should().Be(0);
        PublishLanes.LaneOf(Messages.Of("any", qos: 1), LaneCount).Should().Be(PublishLanes.LaneOf("any", LaneCount));
        Enumerable.Range(0, 1000).Select(i => PublishLanes.LaneOf($"{i}", LaneCount)).Distinct()
            .Should().BeEquivalentTo([1, 2, 3, 4]);
    }

    [Fact]
    public void Publish_stays_in_the_lane_that_it_was_given()
    {
        var (first, second) = TwoTopics();
        var publish = Publish(1, first);
        publish.Lane = PublishLanes.LaneOf(second, LaneCount); // The topic is not looked at again.
        _lanes.Enqueue(publish);

        TakeAll(1u << PublishLanes.LaneOf(first, LaneCount)).Should().BeEmpty();
        TakeAll(1u << publish.Lane).Should().Equal(1);
        _lanes.Enqueue(publish);
        _lanes.Remove(publish).Should().BeTrue();
    }

    private PendingPublish Publish(long sequence, string topic, int qos = 1)
    {
        var message = Messages.Of(topic, qos: qos);
        return new PendingPublish(owner: null!)
        {
            Sequence = sequence,
            Message = message,
            Lane = _lanes.LaneOf(message),
        };
    }

    private static (string First, string Second) TwoTopics() => ("t/0", Enumerable.Range(1, 1000)
        .Select(i => $"t/{i}").First(t => PublishLanes.LaneOf(t, LaneCount) != PublishLanes.LaneOf("t/0", LaneCount)));

    private List<long> TakeAll(uint lanes)
    {
        var taken = new List<long>();
        while (_lanes.Take(lanes) is { } publish)
        {
            taken.Add(publish.Sequence);
        }
        return taken;
    }
}
