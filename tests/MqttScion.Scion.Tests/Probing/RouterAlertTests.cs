namespace MqttScion.Scion.Tests;

/// <summary>Which flag of which hop field stands for which interface on the way.</summary>
public sealed class RouterAlertTests
{
    private const string Up = "up";
    private const string Down = "down";

    [Theory]
    [InlineData(Down, 0, 10, 0, 'E')]
    [InlineData(Down, 1, 21, 1, 'I')]
    [InlineData(Down, 2, 22, 1, 'E')]
    [InlineData(Down, 3, 31, 2, 'I')]
    [InlineData(Up, 0, 31, 0, 'I')]
    [InlineData(Up, 1, 22, 1, 'E')]
    [InlineData(Up, 2, 21, 1, 'I')]
    [InlineData(Up, 3, 10, 2, 'E')]
    public void TrySet_one_segment_follows_its_direction(string direction, int index, ushort id, int hop, char flag)
    {
        HopField[] hops = [Hop(0, 10), Hop(21, 22), Hop(31, 0)];
        var isDown = direction == Down;
        if (!isDown)
            Array.Reverse(hops);
        var path = PathHeader.Encode([3], [new InfoField(false, isDown, 1, 1)], hops);
        Set(path, index, id).Should().Be((hop, flag));
    }

    [Theory]
    [InlineData(0, 2, 0, 'I')]
    [InlineData(1, 11, 1, 'E')]
    [InlineData(2, 12, 2, 'E')]
    [InlineData(3, 3, 3, 'I')]
    public void TrySet_at_a_shortcut_skips_the_sides_that_are_not_travelled(int index, ushort id, int hop, char flag)
    {
        // The crossover AS has a parent behind interface 9, in both segments.
        HopField[] hops = [Hop(2, 0), Hop(9, 11), Hop(9, 12), Hop(3, 0)];
        var path = PathHeader.Encode(
            [2, 2], [new InfoField(false, false, 1, 1), new InfoField(false, true, 1, 1)], hops);
        Set(path, index, id).Should().Be((hop, flag));
    }

    [Theory]
    [InlineData(0, 2, 0, 'I')]
    [InlineData(1, 11, 1, 'E')]
    [InlineData(2, 50, 1, 'I')]
    [InlineData(3, 60, 2, 'I')]
    [InlineData(4, 12, 2, 'E')]
    [InlineData(5, 3, 3, 'I')]
    public void TrySet_at_a_peering_link_finds_both_of_its_ends(int index, ushort id, int hop, char flag)
    {
        HopField[] hops = [Hop(2, 0), Hop(50, 11), Hop(60, 12), Hop(3, 0)];
        var path = PathHeader.Encode([2, 2], [new InfoField(true, false, 1, 1), new InfoField(true, true, 1, 1)], hops);
        Set(path, index, id).Should().Be((hop, flag));
    }

    [Theory]
    [InlineData(0, 11)]
    [InlineData(4, 31)]
    [InlineData(-1, 10)]
    public void TrySet_other_interface_or_position_is_refused(int index, ushort id)
    {
        var path = PathHeader.Encode(
            [3], [new InfoField(false, true, 1, 1)], [Hop(0, 10), Hop(21, 22), Hop(31, 0)]);
        var before = path.ToArray();
        RouterAlert.TrySet(path, index, id).Should().BeFalse();
        path.Should().Equal(before);
        RouterAlert.TrySet([1, 2, 3], index, id).Should().BeFalse();
    }

    private static HopField Hop(ushort ingress, ushort egress) => new(false, false, 63, ingress, egress, Mac: 1);

    private static (int Hop, char Flag) Set(byte[] path, int index, ushort id)
    {
        RouterAlert.TrySet(path, index, id).Should().BeTrue();
        PathHeader.TryRead(path, out var header, out _).Should().BeTrue();
        var alerts = Enumerable.Range(0, header.HopFieldCount)
            .Select(hop => (Hop: hop, Field: header.ReadHopField(path, hop)))
            .Where(each => each.Field.IngressAlert || each.Field.EgressAlert)
            .ToList();
        var (at, field) = alerts.Should().ContainSingle().Subject;
        return (at, field.IngressAlert ? 'I' : 'E');
    }
}
