namespace MqttScion.Transport.Tests;

public sealed class ConnectionTableTests : IDisposable
{
    private readonly BareConnections _made = new();
    private readonly ConnectionTable _table = new();

    public void Dispose() => _made.Dispose();

    [Fact]
    public void Remote_leads_to_its_connections_only()
    {
        var (first, other, second) = (_made.Create(1), _made.Create(2), _made.Create(1));
        _table.Add(first);
        _table.Add(other);
        _table.Add(second);

        Of(1).Should().Equal(second, first);
        Of(2).Should().Equal(other);
        Of(3).Should().BeEmpty();
        first.IsOnLoop.Should().BeTrue();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void Removed_connection_leaves_the_others_of_its_remote(int index)
    {
        var connections = Enumerable.Range(0, 3).Select(_ => _made.Create()).ToList();
        connections.ForEach(_table.Add);

        _table.Remove(connections[index]);

        connections[index].IsOnLoop.Should().BeFalse();
        connections.RemoveAt(index);
        Of(1).Reverse().Should().Equal(connections);
        _table.Count.Should().Be(2);
        connections.ForEach(_table.Remove);
        Of(1).Should().BeEmpty();
    }

    [Fact]
    public void TakeAll_gives_each_once_and_leaves_none()
    {
        var connections = Enumerable.Range(0, 10).Select(i => _made.Create(1 + i % 3)).ToList();
        connections.ForEach(_table.Add);

        _table.TakeAll().Should().BeEquivalentTo(connections);

        _table.Count.Should().Be(0);
        connections.Should().OnlyContain(connection => !connection.IsOnLoop);
    }

    private IEnumerable<LoopConnection> Of(int port)
    {
        for (var c = _table.NewestOf(BareConnections.Remote(port)); c is not null; c = c.Older)
        {
            yield return c;
        }
    }
}
