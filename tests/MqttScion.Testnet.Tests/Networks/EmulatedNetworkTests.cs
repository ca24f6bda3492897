using MqttScion.Scion;

namespace MqttScion.Testnet.Tests;

public sealed class EmulatedNetworkTests(EmulatedNetworkTests.Fixture fixture)
    : IClassFixture<EmulatedNetworkTests.Fixture>
{
    private const string Client = "1-ff00:0:111";
    private const string Proxy = "2-ff00:0:211";

    [Theory]
    [InlineData(Client, Proxy, 4)] // up, core and down
    [InlineData(Client, "2-ff00:0:220", 2)] // up and core
    [InlineData(Client, "1-ff00:0:120", 2)] // up
    [InlineData("1-ff00:0:110", "2-ff00:0:210", 2)] // core
    [InlineData("1-ff00:0:120", Proxy, 2)] // core and down
    [InlineData("2-ff00:0:210", Proxy, 2)] // down
    [InlineData("1-ff00:0:112", "2-ff00:0:212", 5)] // peering, and the long ways
    [InlineData("1-ff00:0:112", Client, 1)] // on the way up
    [InlineData(Client, "1-ff00:0:112", 1)] // on the way down
    [InlineData(Client, Client, 1)] // same AS
    public async Task Datagram_along_each_path_arrives_and_is_answered(string from, string to, int atLeast)
    {
        using var client = new EmulatedHost(IsdAs.Parse(from));
        using var server = new EmulatedHost(IsdAs.Parse(to));
        var paths = await PathsAsync(client.EndPoint.IsdAs, server.EndPoint.IsdAs);
        paths.Should().HaveCountGreaterThanOrEqualTo(atLeast);

        for (byte i = 0; i < paths.Count; i++)
        {
            client.Send(paths[i], server.EndPoint, i, 1);
            var question = server.Receive();
            question.Should().NotBeNull($"{paths[i]} leads there");
            question!.Payload.Should().Equal(i, 1);
            question.Source.Should().Be(client.EndPoint);

            server.Answer(question, i, 2);
            var answer = client.Receive();
            answer.Should().NotBeNull($"{paths[i]} leads back");
            answer!.Payload.Should().Equal(i, 2);
            answer.Source.Should().Be(server.EndPoint);
        }
    }

    [Fact]
    public async Task Paths_between_default_leaf_ASes_include_two_without_a_common_AS_in_between()
    {
        var paths = await PathsAsync(IsdAs.Parse(Client), IsdAs.Parse(Proxy));
        var between = paths.Select(path => path.Hops.Skip(1).SkipLast(1).Select(hop => hop.IsdAs).ToHashSet()).ToList();
        between.Any(a => between.Any(b => !a.Overlaps(b))).Should().BeTrue();
    }

    [Fact]
    public async Task Link_that_is_down_is_answered_with_SCMP_and_up_again_carries()
    {
        await using var network = await EmulatedNetwork.StartAsync();
        using var client = new EmulatedHost(IsdAs.Parse(Client));
        using var server = new EmulatedHost(IsdAs.Parse(Proxy));
        using var source = new EndhostApiPathSource(new() { Url = network.EndhostApiUrl(client.EndPoint.IsdAs) });
        var path = (await source.GetPathsAsync(server.EndPoint.IsdAs))[0];
        var coreLink = path.Interfaces[2];

        network.SetLink(coreLink, LinkState.Down);
        client.Send(path, server.EndPoint, 1);
        var scmp = client.Receive();
        scmp!.Scmp!.Value.Type.Should().Be(ScmpType.ExternalInterfaceDown);
        (scmp.Scmp.Value.IsdAs, scmp.Scmp.Value.Interface).Should().Be((coreLink.IsdAs, (ulong)coreLink.Id));

        network.SetLink(coreLink, LinkState.Up);
        client.Send(path, server.EndPoint, 2);
        server.Receive()!.Payload.Should().Equal(2);
    }

    [Fact]
    public async Task Link_that_is_silent_loses_packets_without_an_answer()
    {
        await using var network = await EmulatedNetwork.StartAsync();
        using var client = new EmulatedHost(IsdAs.Parse(Client));
        using var server = new EmulatedHost(IsdAs.Parse(Proxy));
        using var source = new EndhostApiPathSource(new() { Url = network.EndhostApiUrl(client.EndPoint.IsdAs) });
        var path = (await source.GetPathsAsync(server.EndPoint.IsdAs))[0];

        network.SetLink(path.Interfaces[2], LinkState.Silent);
        client.Send(path, server.EndPoint, 1);
        client.Receive(TimeSpan.FromMilliseconds(200)).Should().BeNull();
        network.SetLink(path.Interfaces[2], LinkState.Up);
        client.Send(path, server.EndPoint, 2);

        server.Receive()!.Payload.Should().Equal([2], "the first packet was lost");
    }

    [Fact]
    public async Task Expired_path_is_answered_with_SCMP()
    {
        var options = new EmulatedNetworkOptions
        {
            Segments = new SegmentFactoryOptions
            {
                Lifetime = HopField.ExpTimeStep,
                Backdating = TimeSpan.FromSeconds(338),
            },
        };
        await using var network = await EmulatedNetwork.StartAsync(options);
        using var client = new EmulatedHost(IsdAs.Parse(Client));
        using var server = new EmulatedHost(IsdAs.Parse(Proxy));

        // A client whose clock is behind still takes the path for valid.
        var late = new LateClock();
        var api = new EndhostApiOptions { Url = network.EndhostApiUrl(client.EndPoint.IsdAs) };
        using var source = new EndhostApiPathSource(api, late);
        var path = (await source.GetPathsAsync(server.EndPoint.IsdAs))[0];
        client.Send(path, server.EndPoint, 1);

        var scmp = client.Receive()!.Scmp!.Value;
        (scmp.Type, scmp.Code).Should().Be((ScmpType.ParameterProblem, ScmpCode.PathExpired));
    }

    [Fact]
    public async Task Paths_that_expire_soon_work_until_then_and_are_replaced_by_fresh_ones()
    {
        var clock = new TestClock();
        var lifetime = TimeSpan.FromSeconds(60);
        await using var network = await EmulatedNetwork.StartAsync(new EmulatedNetworkOptions
        {
            Segments = new SegmentFactoryOptions
            {
                Lifetime = HopField.ExpTimeStep,
                Backdating = HopField.ExpTimeStep - lifetime,
            },
            TimeProvider = clock,
        });
        using var client = new EmulatedHost(IsdAs.Parse(Client));
        using var server = new EmulatedHost(IsdAs.Parse(Proxy));
        for (byte i = 0; i < 3; i++)
        {
            var path = (await network.PathsAsync(client.EndPoint.IsdAs, server.EndPoint.IsdAs, clock))[0];
            path.Expiry.Should().BeCloseTo(clock.GetUtcNow() + lifetime, TimeSpan.FromSeconds(1));
            clock.Advance(lifetime - TimeSpan.FromSeconds(1));
            client.Send(path, server.EndPoint, i);
            server.Receive()!.Payload.Should().Equal(i);

            clock.Advance(TimeSpan.FromSeconds(2));
            client.Send(path, server.EndPoint, i);
            var scmp = client.Receive()!.Scmp!.Value;
            (scmp.Type, scmp.Code).Should().Be((ScmpType.ParameterProblem, ScmpCode.PathExpired));
        }
    }

    [Fact]
    public async Task Conditions_are_set_for_each_direction_or_for_both()
    {
        await using var network = await EmulatedNetwork.StartAsync();
        var link = network.Topology.Links[0];
        var slow = LinkConditions.Perfect with { Delay = TimeSpan.FromMilliseconds(5), Mtu = 1000 };

        network.SetConditions(link.B, slow);
        (network.ConditionsOf(link.A), network.ConditionsOf(link.B)).Should().Be((LinkConditions.Perfect, slow));
        network.SetLink(link.A, LinkState.Silent);
        network.ConditionsOf(link.B).Should().Be(slow with { State = LinkState.Silent });
        network.SetLink(link.B, LinkConditions.Perfect);
        network.LinkAt(link.A).FromA.Should().Be(LinkConditions.Perfect);
        network.LinkAt(link.A).FromB.Should().Be(LinkConditions.Perfect);
        var stranger = () => network.LinkAt(link.A).Change("1-1#1", LinkDirections.In, before => before);
        stranger.Should().Throw<ArgumentException>().WithMessage("*1-1#1*");
    }

    [Fact]
    public async Task Delay_and_loss_of_the_topology_hold_from_the_start()
    {
        var link = Topology.Tiny.Links[0] with { Delay = TimeSpan.FromMilliseconds(3), LossRate = 0.5 };
        await using var network = await EmulatedNetwork.StartAsync(new EmulatedNetworkOptions
        {
            Topology = new Topology(Topology.Tiny.Ases, [link]),
        });
        foreach (var conditions in new[] { network.ConditionsOf(link.A), network.ConditionsOf(link.B) })
            (conditions.Delay, conditions.LossRate).Should().Be((TimeSpan.FromMilliseconds(3), 0.5));
    }

    [Fact]
    public async Task Options_outside_their_range_are_refused()
    {
        var start = () => EmulatedNetwork.StartAsync(new EmulatedNetworkOptions { ScmpPerSecond = 0 });
        await start.Should().ThrowAsync<ArgumentException>().WithMessage("ScmpPerSecond*got 0*");
        start = () => EmulatedNetwork.StartAsync(new EmulatedNetworkOptions { EndhostPort = 0 });
        await start.Should().ThrowAsync<ArgumentException>().WithMessage("EndhostPort*got 0*");
    }

    [Fact]
    public async Task SetLink_unknown_end_is_refused()
    {
        await using var network = await EmulatedNetwork.StartAsync();
        var set = () => network.SetLink(new PathInterface(IsdAs.Parse(Client), 99), LinkState.Down);
        set.Should().Throw<KeyNotFoundException>().WithMessage("*1-ff00:0:111#99*");
        var url = () => network.EndhostApiUrl(IsdAs.Parse("9-9"));
        url.Should().Throw<KeyNotFoundException>();
    }

    private async Task<IReadOnlyList<ScionPath>> PathsAsync(IsdAs from, IsdAs to)
    {
        using var source = new EndhostApiPathSource(new() { Url = fixture.Network!.EndhostApiUrl(from) });
        return await source.GetPathsAsync(to);
    }

    public sealed class Fixture : IAsyncLifetime
    {
        public EmulatedNetwork? Network { get; private set; }

        public async Task InitializeAsync() => Network = await EmulatedNetwork.StartAsync();

        public async Task DisposeAsync() => await Network!.DisposeAsync();
    }

    private sealed class LateClock : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => base.GetUtcNow().AddMinutes(-5);
    }
}
