using System.Collections.Concurrent;
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

    private void ExpectNoReconnect() =>
        _states.Should().ContainSingle().Which.Should().BeOfType<ConnectionState.Connected>();
}
