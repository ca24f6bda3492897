namespace MqttScion.Tests.Delivery;

public sealed class PublishQueueTests
{
    private readonly PublishQueue _queue = new();

    [Fact]
    public void What_returns_stands_at_its_place_again()
    {
        // More than the ring first holds, and around its end.
        Enqueue(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12);
        Take(10).Should().Equal(1, 2, 3, 4, 5, 6, 7, 8, 9, 10);
        Enqueue(13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29);

        Enqueue(5, 9, 7, 30);

        Take(_queue.Count).Should().Equal([5, 7, 9, .. Enumerable.Range(11, 20).Select(i => (long)i)]);
    }

    [Fact]
    public void One_in_the_middle_returns_between_its_neighbours()
    {
        Enqueue(1, 2, 4, 5);
        Take(1);

        Enqueue(3);

        Take(_queue.Count).Should().Equal(2, 3, 4, 5);
    }

    [Fact]
    public void Remove_takes_one_and_says_whether_it_was_there()
    {
        Enqueue(1, 2, 3);
        var second = _queue[1];

        _queue.Remove(second).Should().BeTrue();

        _queue.Remove(second).Should().BeFalse();
        Take(_queue.Count).Should().Equal(1, 3);
    }

    [Fact]
    public void RemoveAll_keeps_the_order_of_the_others()
    {
        Enqueue(1, 2, 3, 4, 5, 6);

        _queue.RemoveAll(p => p.Sequence % 2 == 0);

        Take(_queue.Count).Should().Equal(1, 3, 5);
        _queue.TryPeek(out _).Should().BeFalse();
    }

    private void Enqueue(params long[] sequences)
    {
        foreach (var sequence in sequences)
        {
            _queue.Enqueue(new PendingPublish(null!) { Sequence = sequence });
        }
    }

    private List<long> Take(int count) => [.. Enumerable.Range(0, count).Select(_ => _queue.Dequeue().Sequence)];
}
