using System.Collections.Concurrent;
using System.Diagnostics;
using System.Threading.Channels;
using MqttScion.Mqtt;
using MqttScion.Proxy.Tests.Support;
using MqttScion.Scion;
using MqttScion.Testnet;

namespace MqttScion.Proxy.Tests;

/// <summary>A live session while the paths under it change.</summary>
public sealed class PathFailoverTests : IAsyncLifetime
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly ConcurrentQueue<PathEvent> _paths = new();
    private readonly ConcurrentQueue<ConnectionState> _states = new();
    private PocketBroker _broker = null!;

    public async Task InitializeAsync() => _broker = await PocketBroker.StartAsync();

    public async Task DisposeAsync() => await _broker.DisposeAsync();

    [Fact]
    public async Task Link_that_goes_down_is_told_as_Down_and_the_session_goes_on_over_another_path()
    {
        await using var world = await EmulatedWorld.StartAsync(_broker.EndPoint.ToString());
        await using var client = await ConnectAsync(world);
        var first = await SelectedAsync(_ => true);

        world.Network.SetLink(first.Path.Interfaces[0], LinkState.Down);
        (await PublishAsync(client)).IsSuccess.Should().BeTrue();

        var next = await SelectedAsync(selected => !selected.Path.Equals(first.Path));
        next.Path.Interfaces.Should().NotContain(first.Path.Interfaces[0]);
        _paths.OfType<PathEvent.Down>().Should()
            .Contain(down => down.Path.Equals(first.Path) && down.Fault!.Scmp.Type == ScmpType.ExternalInterfaceDown);
        ExpectNoReconnect();
    }

    [Fact]
    public async Task Session_outlives_the_paths_on_which_it_was_made()
    {
        await using var world = await EmulatedWorld.StartAsync(
            _broker.EndPoint.ToString(),
            network: new EmulatedNetworkOptions { Segments = ExpiringIn(TimeSpan.FromSeconds(3)) });
        await using var client = await ConnectAsync(world);

        while (_paths.OfType<PathEvent.Selected>().Count(selected => selected.Why == "renewed") < 2)
        {
            (await PublishAsync(client)).IsSuccess.Should().BeTrue();
        }

        _paths.Should().NotContain(e => e is PathEvent.Expired || e is PathEvent.Down);
        ExpectNoReconnect();
    }

    [Fact]
    public async Task Policy_that_forbids_the_present_path_moves_the_live_session()
    {
        await using var world = await EmulatedWorld.StartAsync(_broker.EndPoint.ToString());
        await using var client = await ConnectAsync(world);
        var first = await SelectedAsync(_ => true);

        var transit = first.Path.Hops[1];
        await client.UsePathPolicyAsync(PathPolicies.Avoid($"{transit.IsdAs}"));

        var next = await SelectedAsync(selected => !selected.Path.Equals(first.Path));
        next.Path.Hops.Should().NotContain(hop => hop.IsdAs == transit.IsdAs);
        (await PublishAsync(client)).IsSuccess.Should().BeTrue();
        ExpectNoReconnect();
    }

    [Fact]
    public async Task Message_to_an_idle_subscriber_takes_another_path_that_it_used_when_the_last_one_is_cut()
    {
        await using var world = await EmulatedWorld.StartAsync(_broker.EndPoint.ToString());
        await using var client = await ConnectAsync(world);
        await using var subscription = await client.SubscribeAsync("alarm/#").AsTask().WaitAsync(Limit);
        var arrived = new TaskCompletionSource<MqttApplicationMessage>();
        using var observer = subscription.Messages.Subscribe(message => arrived.TrySetResult(message));
        var first = await SelectedAsync(_ => true);
        // The subscriber moves, which the proxy remembers, and then sends nothing any more.
        await client.UsePathPolicyAsync(PathPolicies.Avoid($"{first.Path.Hops[1].IsdAs}"));
        var second = await SelectedAsync(selected => !selected.Path.Equals(first.Path));
        (await PublishAsync(client)).IsSuccess.Should().BeTrue();
        await client.UsePathPolicyAsync(PathPolicies.Any());
        await QuietAsync(world.Network.RouterOf(EmulatedWorld.ClientAs));

        world.Network.SetLink(second.Path.Interfaces.Except(first.Path.Interfaces).First(), LinkState.Down);
        _broker.Publish(new MqttApplicationMessage { Topic = "alarm/1", Payload = "on"u8.ToArray() });

        // Well before the subscriber's next keep-alive would find out.
        await arrived.Task.WaitAsync(TimeSpan.FromSeconds(2));
        ExpectNoReconnect();
    }

    /// <summary>Nobody tells that the link is dead: whoever sends has to notice, on either side.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Link_that_dies_silently_is_left_within_a_second(bool isPublisher)
    {
        await using var world = await EmulatedWorld.StartAsync(_broker.EndPoint.ToString());
        await using var client = await ConnectAsync(world);
        var arrivals = Channel.CreateUnbounded<MqttApplicationMessage>();
        using var observer = (await client.SubscribeAsync("alarm/#").AsTask().WaitAsync(Limit))
            .Messages.Subscribe(message => arrivals.Writer.TryWrite(message));
        var first = await SelectedAsync(_ => true);
        for (var count = 0; count < 100; count++)
        {
            // Time for standbys to be shown, and for a round trip to be known.
            await RoundTripAsync(client, arrivals.Reader, isPublisher);
            await Task.Delay(TimeSpan.FromMilliseconds(5));
        }

        world.Network.SetLink(first.Path.Interfaces[0], LinkState.Silent);
        var cutAt = Stopwatch.GetTimestamp();
        await RoundTripAsync(client, arrivals.Reader, isPublisher);

        Stopwatch.GetElapsedTime(cutAt).Should().BeLessThan(TimeSpan.FromSeconds(1));
        var next = await SelectedAsync(selected => !selected.Path.Equals(first.Path));
        next.Path.Interfaces.Should().NotContain(first.Path.Interfaces[0]);
        ExpectNoReconnect();
    }

    [Fact]
    public async Task Path_of_which_no_header_can_be_made_does_not_end_the_session()
    {
        await using var world = await EmulatedWorld.StartAsync(_broker.EndPoint.ToString());
        await using var client = await ConnectAsync(world);
        var first = (await SelectedAsync(_ => true)).Path;
        var broken = new ScionPath(new byte[5], first.Interfaces, first.Mtu, first.Expiry, first.NextHop);

        await client.UsePathPolicyAsync(new BrokenPolicy(broken));
        while (!_paths.OfType<PathEvent.Down>().Any())
        {
            (await PublishAsync(client)).IsSuccess.Should().BeTrue();
        }

        (await PublishAsync(client)).IsSuccess.Should().BeTrue();
        ExpectNoReconnect();
    }

    private async Task RoundTripAsync(
        ScionMqttClient client, ChannelReader<MqttApplicationMessage> arrivals, bool isPublisher)
    {
        if (isPublisher)
        {
            (await PublishAsync(client)).IsSuccess.Should().BeTrue();
            return;
        }
        _broker.Publish(new MqttApplicationMessage { Topic = "alarm/1", Payload = "on"u8.ToArray() });
        await arrivals.ReadAsync().AsTask().WaitAsync(Limit);
    }

    private static SegmentFactoryOptions ExpiringIn(TimeSpan rest)
    {
        var lifetime = HopField.ExpTimeStep;
        return new SegmentFactoryOptions { Lifetime = lifetime, Backdating = lifetime - rest };
    }

    private static async Task<MqttClientPublishResult> PublishAsync(ScionMqttClient client) =>
        await client
            .PublishAsync(new MqttApplicationMessageBuilder()
                .WithTopic("plant/1/temp")
                .WithPayload("21.5")
                .WithQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce)
                .Build())
            .AsTask()
            .WaitAsync(Limit);

    private async Task<ScionMqttClient> ConnectAsync(EmulatedWorld world)
    {
        var client = new ScionMqttClient(world.ClientOptions("wanderer"));
        client.Paths.Subscribe(_paths.Enqueue);
        await client.ConnectAsync().WaitAsync(Limit);
        client.ConnectionStates.Subscribe(_states.Enqueue);
        return client;
    }

    private async Task<PathEvent.Selected> SelectedAsync(Func<PathEvent.Selected, bool> isWanted)
    {
        using var limit = new CancellationTokenSource(Limit);
        while (true)
        {
            if (_paths.OfType<PathEvent.Selected>().FirstOrDefault(isWanted) is { } selected)
            {
                return selected;
            }
            await Task.Delay(TimeSpan.FromMilliseconds(5), limit.Token);
        }
    }

    // Until nothing went through a router for many times as long as an acknowledgement waits.
    private static async Task QuietAsync(BorderRouter router)
    {
        using var limit = new CancellationTokenSource(Limit);
        var (seen, quietPolls) = (-1L, 0);
        while (quietPolls < 20)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), limit.Token);
            quietPolls = router.ForwardedCount == seen ? quietPolls + 1 : 0;
            seen = router.ForwardedCount;
        }
    }

    private void ExpectNoReconnect() =>
        _states.Should().ContainSingle().Which.Should().BeOfType<ConnectionState.Connected>();

    private sealed class BrokenPolicy(ScionPath broken) : IPathPolicy
    {
        public IReadOnlyList<ScionPath> Apply(IReadOnlyList<ScionPath> paths) => [broken];
    }
}
