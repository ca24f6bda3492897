namespace MqttScion.Udp.Tests;

public sealed class TimerHeapTests
{
    private readonly TimerHeap<Item> _heap = new();

    [Fact]
    public void Item_stands_once_and_for_the_earliest_time()
    {
        var item = new Item();

        _heap.Add(item, Seconds(5));
        _heap.Add(item, Seconds(3));
        _heap.Add(item, Seconds(9));

        _heap.Count.Should().Be(1);
        _heap.Next.Should().Be(Seconds(3));
        _heap.TakeDue(Seconds(2)).Should().BeNull();
        _heap.TakeDue(Seconds(3)).Should().BeSameAs(item);
        _heap.Next.Should().BeNull();
        _heap.TakeDue(Seconds(100)).Should().BeNull();
    }

    [Fact]
    public void Removed_item_leaves_nothing_behind()
    {
        var item = new Item();
        _heap.Add(item, Seconds(1));

        _heap.Remove(item);
        _heap.Remove(item);

        _heap.Count.Should().Be(0);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Any_order_of_changes_comes_out_by_time(int seed)
    {
        var random = new Random(seed);
        var items = Enumerable.Range(0, 60).Select(_ => new Item()).ToArray();
        var expected = new Dictionary<Item, TimeSpan>();
        for (var i = 0; i < 3000; i++)
        {
            var item = items[random.Next(items.Length)];
            if (random.Next(4) == 0)
            {
                _heap.Remove(item);
                expected.Remove(item);
                continue;
            }
            var due = Seconds(random.Next(1000));
            _heap.Add(item, due);
            expected[item] = expected.TryGetValue(item, out var known) && known < due ? known : due;
            _heap.Next.Should().Be(expected.Values.Min());
        }

        _heap.Count.Should().Be(expected.Count);
        foreach (var due in expected.Values.Order())
        {
            _heap.Next.Should().Be(due);
            expected[_heap.TakeDue(due)!].Should().Be(due);
        }
        _heap.Count.Should().Be(0);
    }

    private static TimeSpan Seconds(int seconds) => TimeSpan.FromSeconds(seconds);

    private sealed class Item : ITimerHeapItem
    {
        public int TimerIndex { get; set; } = -1;
    }
}
