using MqttScion.Scion;

namespace MqttScion.Testnet.Tests;

/// <summary>What a host learns of a link that is cut while it pings.</summary>
public sealed class LinkCutTests
{
    private static readonly IsdAs Client = IsdAs.Parse("1-ff00:0:111");
    private static readonly IsdAs Proxy = IsdAs.Parse("2-ff00:0:211");

    [Fact]
    public async Task Cut_is_seen_on_all_paths_over_the_link_within_one_round_trip_and_the_next_ping_is_answered()
    {
        var others = new PathStore();
        await using var host = await PingingHost.StartAsync(
            new EmulatedNetworkOptions(), Client, Proxy, timeout: TimeSpan.FromSeconds(20), others);
        var first = host.Store.Selected!;
        var cut = first.Interfaces[2];
        // Some paths to the near end of the link go around and cross it the other way.
        others.Update(await host.Network.PathsAsync(Client, cut.IsdAs));
        others.Events.Subscribe(host.Log.Enqueue);
        (await host.PingAsync(first)).Should().BeOfType<ProbeOutcome.Replied>();

        host.Network.SetLink(cut, LinkState.Down);
        host.Log.Clear();
        var refused = (await host.PingAsync(first)).Should().BeOfType<ProbeOutcome.Refused>().Subject;
        var failover = host.Store.Selected!;
        var answered = await host.PingAsync(failover);

        refused.Scmp.Should().Be(new ScmpMessage(ScmpType.ExternalInterfaceDown, 0)
        {
            IsdAs = cut.IsdAs,
            Interface = cut.Id,
        });
        // What stands in the log before the ping's own outcome happened within its round trip.
        var within = host.Log.TakeWhile(each => each is not PingResult).ToList();
        var over = host.Store.Paths.Concat(others.Paths).Where(path => path.Interfaces.Contains(cut)).ToList();
        over.Select(path => path.Interfaces.ToList().IndexOf(cut) % 2).Distinct().Should().HaveCount(
            2, "there are paths in both directions");
        within.OfType<PathEvent.Down>().Select(down => down.Path).Should().BeEquivalentTo(over);
        within.OfType<PathEvent.Down>().Should().OnlyContain(down => down.Fault!.Interface == cut);
        within.OfType<PathEvent.Selected>().Should().ContainSingle().Which.Path.Should().Be(failover);
        failover.Interfaces.Should().NotContain(cut);
        answered.Should().BeOfType<ProbeOutcome.Replied>();
    }

    [Fact]
    public async Task Link_that_is_up_again_is_found_again_by_a_packet_over_it()
    {
        await using var host = await PingingHost.StartAsync(
            new EmulatedNetworkOptions(), Client, Proxy, timeout: TimeSpan.FromSeconds(20));
        var path = host.Store.Selected!;
        host.Network.SetLink(path.Interfaces[2], LinkState.Down);
        await host.PingAsync(path);
        host.Store.UpPaths.Should().NotContain(path);

        host.Network.SetLink(path.Interfaces[2], LinkState.Up);
        (await host.PingAsync(path)).Should().BeOfType<ProbeOutcome.Replied>();
        host.Store.MarkUp(path).Should().BeTrue();
        host.Store.UpPaths.Should().Contain(path);
    }
}
