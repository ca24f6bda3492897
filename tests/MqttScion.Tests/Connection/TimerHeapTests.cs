namespace MqttScion.Tests;

public sealed class TimerHeapTests : IDisposable
{
    private readonly BareConnections _made = new();
    private readonly TimerHeap _heap = new();

    public void Dispose() => _made.Dispose();

    [Fact]
    public void Connection_stands_once_and_for_the_earliest_time()
    {
        var connection = _made.Create();

        _heap.Add(connection, Seconds(5));
        _heap.Add(connection, Seconds(3));
        _heap.Add(connection, Seconds(9));

        _heap.Count.Should().Be(1);
        _heap.Next.Should().Be(Seconds(3));
        _heap.TakeDue(Seconds(2)).Should().BeNull();
        _heap.TakeDue(Seconds(3)).Should().BeSameAs(connection);
        _heap.Next.Should().Be(TimeSpan.MaxValue);
        _heap.TakeDue(Seconds(100)).Should().BeNull();
    }

    [Fact]
    public void Removed_connection_leaves_nothing_behind()
    {
        var connection = _made.Create();
        _heap.Add(connection, Seconds(1));

        _heap.Remove(connection);
        _heap.Remove(connection);

        _heap.Count.Should().Be(0);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Any_order_of_changes_comes_out_by_time(int seed)
    {
        var random = new Random(seed);
        var connections = Enumerable.Range(0, 60).Select(_ => _made.Create()).ToArray();
        var expected = new Dictionary<LoopConnection, TimeSpan>();
        for (var i = 0; i < 3000; i++)
        {
            var connection = connections[random.Next(connections.Length)];
            if (random.Next(4) == 0)
            {
                _heap.Remove(connection);
                expected.Remove(connection);
                continue;
            }
            var due = Seconds(random.Next(1000));
            _heap.Add(connection, due);
            expected[connection] = expected.TryGetValue(connection, out var known) && known < due ? known : due;
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
}
