using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using MqttScion.Proxy.Tests.Support;
using MqttScion.Scion;
using MqttScion.Scion.Tests;
using MqttScion.Testnet;

namespace MqttScion.Tests.DependencyInjection;

public sealed class HealthCheckTests
{
    private static readonly ScionPath Path =
        ScionPath.SameAs(SameAsWorld.IsdAs, mtu: 1472, DateTimeOffset.MaxValue);

    private static readonly ConnectionState.Connected Up = new(Path, SessionPresent: false);

    private readonly VirtualClock _time = new();

    [Fact]
    public async Task Client_that_was_never_connected_is_unhealthy()
    {
        var report = await CheckAsync();

        report.Status.Should().Be(HealthStatus.Unhealthy);
        report.Data.Should().ContainKey("state").WhoseValue.Should().Be("Disconnected");
    }

    [Fact]
    public async Task Reconnecting_is_degraded_until_the_tolerance_is_over()
    {
        var lost = new ConnectionState.Reconnecting(3, TimeSpan.Zero, new TimeoutException("no answer"));

        var early = await CheckAsync(TimeSpan.FromSeconds(29), Up, lost);
        var late = await CheckAsync(TimeSpan.FromSeconds(30), Up, lost);

        early.Status.Should().Be(HealthStatus.Degraded);
        early.Data["attempt"].Should().Be(3);
        early.Data["cause"].Should().Be("no answer");
        early.Data["outage"].Should().Be(TimeSpan.FromSeconds(29));
        late.Status.Should().Be(HealthStatus.Unhealthy);
    }

    [Fact]
    public async Task Outage_counts_from_the_loss_and_not_from_the_latest_attempt()
    {
        await using var world = new SameAsWorld("127.0.0.1:1");
        await using var provider = Provider(world, configure: null);
        var watch = provider.GetRequiredService<ScionMqttClient>().Watch;
        watch.OnState(Up);
        _time.Advance(TimeSpan.FromMinutes(5));

        watch.OnState(new ConnectionState.Reconnecting(1, TimeSpan.Zero, new TimeoutException()));
        _time.Advance(TimeSpan.FromSeconds(20));
        watch.OnState(new ConnectionState.Reconnecting(2, TimeSpan.Zero, new TimeoutException()));
        _time.Advance(TimeSpan.FromSeconds(20));

        watch.Read().Outage.Should().Be(TimeSpan.FromSeconds(40));
    }

    [Fact]
    public async Task First_connect_is_degraded_until_the_tolerance_is_over()
    {
        (await CheckAsync(TimeSpan.FromSeconds(29), new ConnectionState.Connecting(1)))
            .Status.Should().Be(HealthStatus.Degraded);
        (await CheckAsync(TimeSpan.FromSeconds(31), new ConnectionState.Connecting(1)))
            .Status.Should().Be(HealthStatus.Unhealthy);
    }

    [Fact]
    public async Task Client_that_gave_up_is_unhealthy_at_once_and_tells_why()
    {
        var report = await CheckAsync(
            TimeSpan.Zero, Up, new ConnectionState.Disconnected(new TimeoutException("not authorized")));

        report.Status.Should().Be(HealthStatus.Unhealthy);
        report.Description.Should().Contain("not authorized");
    }

    [Fact]
    public async Task Failure_status_and_names_are_those_of_the_registration()
    {
        await using var world = new SameAsWorld("127.0.0.1:1");
        await using var provider = Provider(world, services =>
        {
            services.AddScionMqtt("plant", o => world.Configure(o, "plant")).AddHealthCheck(tags: ["ready"]);
            services.AddHealthChecks().AddScionMqtt(checkName: "mine", failureStatus: HealthStatus.Degraded);
        });

        var report = await provider.GetRequiredService<HealthCheckService>().CheckHealthAsync();

        report.Entries.Keys.Should().BeEquivalentTo("MqttScion", "MqttScion:plant", "mine");
        report.Entries["mine"].Status.Should().Be(HealthStatus.Degraded);
        report.Entries["MqttScion:plant"].Status.Should().Be(HealthStatus.Unhealthy);
        report.Entries["MqttScion:plant"].Tags.Should().Equal("ready");
    }

    [Fact]
    public async Task Connected_client_is_healthy_with_server_and_path()
    {
        await using var broker = await PocketBroker.StartAsync();
        await using var world = new SameAsWorld(broker.EndPoint.ToString());
        await using var provider = new ServiceCollection().AddLogging()
            .AddScionMqtt(o => world.Configure(o, "healthy")).AddHealthCheck()
            .Services.BuildServiceProvider();
        await provider.GetRequiredService<IScionMqttClient>().ConnectAsync().WaitAsync(TimeSpan.FromSeconds(20));

        var report = await provider.GetRequiredService<HealthCheckService>().CheckHealthAsync();

        report.Status.Should().Be(HealthStatus.Healthy);
        report.Entries["MqttScion"].Data["server"].Should().Be(world.Proxy.LocalEndPoint.ToString());
        report.Entries["MqttScion"].Data.Keys.Should().BeEquivalentTo("state", "server", "path");
    }

    private async Task<HealthReportEntry> CheckAsync(TimeSpan later = default, params ConnectionState[] states)
    {
        await using var world = new SameAsWorld("127.0.0.1:1");
        await using var provider = Provider(world, configure: null);
        foreach (var state in states)
        {
            provider.GetRequiredService<ScionMqttClient>().Watch.OnState(state);
        }
        _time.Advance(later);
        var report = await provider.GetRequiredService<HealthCheckService>().CheckHealthAsync();
        return report.Entries["MqttScion"];
    }

    private ServiceProvider Provider(SameAsWorld world, Action<IServiceCollection>? configure)
    {
        var services = new ServiceCollection().AddLogging().AddSingleton<TimeProvider>(_time);
        services.AddScionMqtt(o => world.Configure(o, "checked")).AddHealthCheck();
        configure?.Invoke(services);
        return services.BuildServiceProvider();
    }
}
