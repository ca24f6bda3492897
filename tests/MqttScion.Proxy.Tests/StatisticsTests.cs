using System.Reactive.Linq;
using System.Reactive.Threading.Tasks;
using MqttScion.Mqtt;
using MqttScion.Proxy.Tests.Support;
using MqttScion.Testnet;

namespace MqttScion.Proxy.Tests;

/// <summary>The statistics of live connections, on both sides.</summary>
public sealed class StatisticsTests : IAsyncLifetime
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private PocketBroker _broker = null!;

    public async Task InitializeAsync() => _broker = await PocketBroker.StartAsync();

    public async Task DisposeAsync() => await _broker.DisposeAsync();

    [Fact]
    public async Task Statistics_of_client_and_session_follow_the_connection_to_its_end()
    {
        await using var world = await EmulatedWorld.StartAsync(_broker.EndPoint.ToString());
        var options = world.ClientOptions("observed");
        options.StatisticsInterval = TimeSpan.FromMilliseconds(100);
        var session = world.Proxy!.Sessions.FirstAsync().ToTask();
        var client = new ScionMqttClient(options);
        Task<IList<ConnectionStatistics>> all;
        Task<IList<ConnectionStatistics>> ofSession;
        await using (client)
        {
            all = client.Statistics.ToList().ToTask();
            await client.ConnectAsync().WaitAsync(Limit);
            ofSession = (await session.WaitAsync(Limit)).Statistics.ToList().ToTask();
            await PublishAsync(client, new byte[200_000]);
            var sample = await client.Statistics
                .FirstAsync(each => each.Quic.SentBytes > 200_000)
                .ToTask()
                .WaitAsync(Limit);
            sample.Remote.Scion.Should().Be(world.Proxy.LocalEndPoint);
            sample.Path.Should().NotBeNull();
            sample.Quic.SmoothedRtt.Should().BePositive();
            sample.Quic.CongestionWindow.Should().BePositive();
        }

        var seen = await all.WaitAsync(Limit);
        seen[^1].Cause.Should().Be(StatisticsCause.Closed);
        seen.Select(each => each.Quic.SentPackets).Should().BeInAscendingOrder();
        var proxied = await ofSession.WaitAsync(Limit);
        proxied[^1].Cause.Should().Be(StatisticsCause.Closed);
        proxied[^1].Quic.ReceivedBytes.Should().BeGreaterThan(200_000);
        proxied[^1].Path.Should().BeNull();
    }

    [Fact]
    public async Task Observer_that_comes_late_gets_the_latest_and_the_end()
    {
        await using var world = await EmulatedWorld.StartAsync(_broker.EndPoint.ToString());
        var client = new ScionMqttClient(world.ClientOptions("late"));
        await client.ConnectAsync().WaitAsync(Limit);
        // Nobody observed so far; the first observer has a sample taken.
        var first = await client.Statistics.FirstAsync().ToTask().WaitAsync(Limit);
        await client.DisposeAsync();

        first.Cause.Should().Be(StatisticsCause.Interval);
        var replayed = await client.Statistics.ToList().ToTask().WaitAsync(Limit);
        replayed.Should().ContainSingle().Which.Cause.Should().Be(StatisticsCause.Closed);
    }

    private static async Task PublishAsync(ScionMqttClient client, byte[] payload)
    {
        var message = new MqttApplicationMessageBuilder()
            .WithTopic("plant/1/dump")
            .WithPayload(payload)
            .WithQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce)
            .Build();
        (await client.PublishAsync(message).AsTask().WaitAsync(Limit)).IsSuccess.Should().BeTrue();
    }
}
