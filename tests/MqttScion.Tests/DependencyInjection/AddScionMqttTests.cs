using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using MqttScion.Proxy.Tests.Support;
using MqttScion.Quic;
using MqttScion.Scion;
using MqttScion.Testnet;

namespace MqttScion.Tests.DependencyInjection;

public sealed class AddScionMqttTests
{
    [Fact]
    public async Task AddScionMqtt_with_invalid_options_fails_at_start_and_names_each_fault()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddScionMqtt(o => o.Servers.Add("nonsense"));
        using var host = builder.Build();

        var act = () => host.StartAsync();

        (await act.Should().ThrowAsync<OptionsValidationException>()).Which.Failures
            .Should().Contain(f => f.Contains("nonsense")).And.Contain(f => f.StartsWith("Tls.Key:"));
    }

    [Fact]
    public async Task AsHostedService_connects_with_the_host_and_disconnects_with_it()
    {
        await using var broker = await PocketBroker.StartAsync();
        await using var world = new SameAsWorld(broker.EndPoint.ToString());
        var policy = new CountingPolicy();
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services
            .AddScionMqtt(o => world.Configure(o, "hosted"))
            .WithPathPolicy(policy)
            .AsHostedService();
        using var host = builder.Build();
        var client = host.Services.GetRequiredService<IScionMqttClient>();
        var connected = new TaskCompletionSource();
        var disconnected = new TaskCompletionSource();
        using var states = client.ConnectionStates.Subscribe(state =>
        {
            if (state is ConnectionState.Connected)
            {
                connected.TrySetResult();
            }
            if (state is ConnectionState.Disconnected { Reason: null } && connected.Task.IsCompleted)
            {
                disconnected.TrySetResult();
            }
        });

        await host.StartAsync();
        await connected.Task.WaitAsync(TimeSpan.FromSeconds(10));
        broker.ConnectedClients.Should().Equal("hosted");
        await host.StopAsync();

        await disconnected.Task.WaitAsync(TimeSpan.FromSeconds(10));
        policy.Calls.Should().BePositive();
    }

    [Fact]
    public async Task Key_that_can_not_be_used_fails_the_start_of_the_host()
    {
        await using var broker = await PocketBroker.StartAsync();
        await using var world = new SameAsWorld(broker.EndPoint.ToString());
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services
            .AddScionMqtt(o =>
            {
                world.Configure(o, "hosted");
                o.Tls.Key = o.Tls.TrustedCertificates;
            })
            .AsHostedService();
        using var host = builder.Build();

        await FluentActions.Awaiting(() => host.StartAsync()).Should().ThrowAsync<TlsConfigurationException>();
    }

    private sealed class CountingPolicy : IPathPolicy
    {
        public int Calls { get; private set; }

        public IReadOnlyList<ScionPath> Apply(IReadOnlyList<ScionPath> paths)
        {
            Calls++;
            return paths;
        }
    }
}
