namespace MqttScion.Testnet.Tests;

public class LinkShaperTests
{
    private static readonly TimeSpan Start = TimeSpan.FromHours(1);

    [Fact]
    public void Perfect_link_passes_packets_at_once()
    {
        var shaper = Shaper(LinkConditions.Perfect);
        shaper.IsTransparent.Should().BeTrue();
        Due(shaper, 1400, Start).Should().Be(Start);
    }

    [Fact]
    public void Delay_is_added_exactly() =>
        Due(Shaper(new() { Delay = Ms(30) }), 1400, Start).Should().Be(Start + Ms(30));

    [Fact]
    public void Jitter_stays_in_its_range_and_keeps_the_order()
    {
        var shaper = Shaper(new() { Delay = Ms(10), Jitter = Ms(20) });
        var dues = Enumerable.Range(0, 500).Select(i => Due(shaper, 100, Start + Ms(i))).ToList();
        dues.Should().BeInAscendingOrder();
        var waits = dues.Select((due, i) => due - Start - Ms(i)).ToList();
        waits.Should().OnlyContain(wait => wait >= Ms(10) && wait <= Ms(30));
        waits.Max().Should().BeGreaterThan(Ms(25));
        waits.Min().Should().BeLessThan(Ms(15));
    }

    [Fact]
    public void Reordered_packets_overtake()
    {
        var shaper = Shaper(new() { Delay = Ms(10), ReorderRate = 0.5 });
        var waits = Enumerable.Range(0, 100).Select(_ => Due(shaper, 100, Start) - Start).ToList();
        waits.Distinct().Should().BeEquivalentTo([TimeSpan.Zero, Ms(10)]);
    }

    [Theory]
    [InlineData(0, 0, 0)]
    [InlineData(0.3, 200, 400)]
    [InlineData(1, 1000, 1000)]
    public void Loss_takes_its_share(double share, int least, int most)
    {
        var shaper = Shaper(new() { LossRate = share });
        Enumerable.Range(0, 1000).Count(i => shaper.Admit(100, Start, out _, out _) == RouterDropReason.LinkLoss)
            .Should().BeInRange(least, most);
    }

    [Fact]
    public void Duplicates_come_twice()
    {
        var shaper = Shaper(new() { DuplicateRate = 1 });
        shaper.Admit(100, Start, out _, out var copies).Should().Be(RouterDropReason.None);
        copies.Should().Be(2);
    }

    [Fact]
    public void Rate_spaces_packets_after_a_burst_and_bounds_the_queue()
    {
        // 1000 bytes take 8 ms at 1000 kbit/s; three of them are the burst, and two wait at most.
        var shaper = Shaper(new() { RateKbps = 1000, QueueBytes = 2000 });
        var dues = Enumerable.Range(0, 5).Select(_ => Due(shaper, 1000, Start) - Start);
        dues.Should().Equal(TimeSpan.Zero, TimeSpan.Zero, TimeSpan.Zero, Ms(8), Ms(16));
        shaper.Admit(1000, Start, out _, out _).Should().Be(RouterDropReason.LinkQueueFull);
        Due(shaper, 1000, Start + Ms(8)).Should().Be(Start + Ms(24));
    }

    [Fact]
    public void Rate_is_what_passes_in_the_long_run()
    {
        var shaper = Shaper(new() { RateKbps = 10_000 });
        var passed = 0;
        for (var i = 0; i < 20_000; i++)
        {
            if (shaper.Admit(1250, Start + TimeSpan.FromTicks(1000 * i), out _, out _) == RouterDropReason.None)
                passed++;
        }
        // 2 s of 100 Mbit/s offered to 10 Mbit/s: 2000 packets of 10,000 bit, the queue and the burst.
        passed.Should().BeInRange(2000, 2000 + 65_536 / 1250 + 3);
    }

    [Theory]
    [InlineData(LinkState.Down)]
    [InlineData(LinkState.Silent)]
    public void Link_that_is_not_up_drops(LinkState state)
    {
        var shaper = Shaper(LinkConditions.Perfect);
        shaper.Change(before => before with { State = state });
        shaper.IsTransparent.Should().BeFalse();
        shaper.Admit(100, Start, out _, out _).Should().Be(RouterDropReason.LinkCut);
    }

    [Fact]
    public void Waiting_packets_are_bounded()
    {
        var shaper = Shaper(new() { Delay = Ms(10) });
        for (var i = 0; i < LinkShaper.MaxWaiting; i++)
            shaper.OnQueued();
        shaper.Admit(100, Start, out _, out _).Should().Be(RouterDropReason.LinkQueueFull);
        shaper.OnReleased();
        shaper.Admit(100, Start, out _, out _).Should().Be(RouterDropReason.None);
    }

    [Fact]
    public void Shorter_delay_does_not_let_packets_overtake()
    {
        var shaper = Shaper(new() { Delay = Ms(50) });
        Due(shaper, 100, Start).Should().Be(Start + Ms(50));
        shaper.Change(before => before with { Delay = Ms(5) });
        Due(shaper, 100, Start + Ms(1)).Should().Be(Start + Ms(50));
        Due(shaper, 100, Start + Ms(60)).Should().Be(Start + Ms(65));
    }

    [Fact]
    public void Same_seed_loses_the_same_packets()
    {
        static List<RouterDropReason> Run() => [.. Enumerable.Repeat(Shaper(new() { LossRate = 0.5 }), 50)
            .Select(shaper => shaper.Admit(100, Start, out _, out _))];

        Run().Should().Equal(Run());
    }

    [Fact]
    public void Conditions_outside_their_range_are_refused_by_name()
    {
        foreach (var (make, name) in new (Func<LinkConditions>, string)[]
        {
            (() => new() { Delay = Ms(-1) }, "Delay"),
            (() => new() { Jitter = TimeSpan.FromMinutes(2) }, "Jitter"),
            (() => new() { LossRate = 1.1 }, "LossRate"),
            (() => new() { DuplicateRate = double.NaN }, "DuplicateRate"),
            (() => new() { ReorderRate = -0.1 }, "ReorderRate"),
            (() => new() { RateKbps = 0 }, "RateKbps"),
            (() => new() { QueueBytes = 100 }, "QueueBytes"),
            (() => new() { Mtu = 70_000 }, "Mtu"),
        })
        {
            make.Should().Throw<ArgumentOutOfRangeException>().Which.ParamName.Should().Be(name);
        }
    }

    private static LinkShaper Shaper(LinkConditions conditions) => new(seed: 1, conditions);

    private static TimeSpan Due(LinkShaper shaper, int lengthBytes, TimeSpan now)
    {
        shaper.Admit(lengthBytes, now, out var due, out _).Should().Be(RouterDropReason.None);
        return due;
    }

    private static TimeSpan Ms(double milliseconds) => TimeSpan.FromMilliseconds(milliseconds);
}
