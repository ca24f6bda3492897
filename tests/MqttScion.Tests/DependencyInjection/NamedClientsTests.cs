using System.Diagnostics.CodeAnalysis;
using System.Reactive.Linq;
using System.Reactive.Threading.Tasks;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using MqttScion.Proxy.Tests.Support;
using MqttScion.Testnet;

namespace MqttScion.Tests.DependencyInjection;

[SuppressMessage("Design", "CA1001", Justification = "xunit disposes it through IAsyncLifetime.")]
public sealed class NamedClientsTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private PocketBroker _broker = null!;
    private SameAsWorld _world = null!;

    public async Task InitializeAsync()
    {
        _broker = await PocketBroker.StartAsync();
        _world = new SameAsWorld(_broker.EndPoint.ToString());
    }

    public async Task DisposeAsync()
    {
        await _world.DisposeAsync();
        await _broker.DisposeAsync();
    }

    [Fact]
    public async Task Named_clients_have_options_and_a_connection_of_their_own()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddScionMqtt("a", o => _world.Configure(o, "client-a")).AsHostedService();
        builder.Services.AddScionMqtt("b", o => _world.Configure(o, "client-b")).AsHostedService();
        using var host = builder.Build();
        var first = host.Services.GetRequiredKeyedService<IScionMqttClient>("a");
        var second = host.Services.GetRequiredKeyedService<IScionMqttClient>("b");

        await host.StartAsync();
        await ConnectedAsync(first);
        await ConnectedAsync(second);

        _broker.ConnectedClients.Should().BeEquivalentTo("client-a", "client-b");
        second.Should().NotBeSameAs(first);
        host.Services.GetService<IScionMqttClient>().Should().BeNull("no default client was added");
        await host.StopAsync();
        _broker.ConnectedClients.Should().BeEmpty();
    }

    [Fact]
    public async Task Default_client_and_a_named_one_are_two()
    {
        var services = new ServiceCollection();
        services.AddScionMqtt(o => _world.Configure(o, "default"));
        services.AddScionMqtt("other", o => _world.Configure(o, "other"));
        await using var provider = services.BuildServiceProvider();

        var client = provider.GetRequiredService<IScionMqttClient>();

        client.Should().NotBeSameAs(provider.GetRequiredKeyedService<IScionMqttClient>("other"));
        await client.ConnectAsync().WaitAsync(Patience);
        _broker.ConnectedClients.Should().Equal("default");
    }

    [Fact]
    public async Task Constructor_gets_the_client_of_its_key()
    {
        var services = new ServiceCollection();
        services.AddScionMqtt("a", o => _world.Configure(o, "a"));
        services.AddScionMqtt("b", o => _world.Configure(o, "b"));
        services.AddSingleton<User>();
        await using var provider = services.BuildServiceProvider();

        provider.GetRequiredService<User>().Client
            .Should().BeSameAs(provider.GetRequiredKeyedService<IScionMqttClient>("b"));
    }

    [Fact]
    public async Task Invalid_options_of_a_named_client_fail_the_start_and_name_it()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddScionMqtt("good", o => _world.Configure(o, "good"));
        builder.Services.AddScionMqtt("bad", o => o.Servers.Add("nonsense"));
        using var host = builder.Build();

        var act = () => host.StartAsync();

        var error = (await act.Should().ThrowAsync<OptionsValidationException>()).Which;
        error.OptionsName.Should().Be("bad");
        error.Failures.Should().OnlyContain(f => f.StartsWith("Client 'bad': "));
    }

    [Fact]
    public async Task Invalid_options_of_two_hosted_clients_are_told_at_once()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddScionMqtt("a", o => o.Servers.Add("nonsense")).AsHostedService();
        builder.Services.AddScionMqtt("b", o => o.Servers.Add("nonsense")).AsHostedService();
        using var host = builder.Build();

        var act = () => host.StartAsync();

        (await act.Should().ThrowAsync<AggregateException>()).Which.InnerExceptions
            .Cast<OptionsValidationException>().Select(e => e.OptionsName).Should().BeEquivalentTo("a", "b");
    }

    [Fact]
    public async Task Calls_with_the_same_name_add_up_to_one_client()
    {
        var services = new ServiceCollection();
        services.AddScionMqtt("a", o => _world.Configure(o, "first")).AsHostedService();
        services.AddScionMqtt("a", o => o.ClientId = "second").AsHostedService();
        await using var provider = services.BuildServiceProvider();

        provider.GetRequiredService<IOptionsMonitor<ScionMqttClientOptions>>().Get("a").ClientId.Should().Be("second");
        provider.GetServices<IHostedService>().OfType<ScionMqttHostedService>().Should().ContainSingle();
    }

    [Fact]
    public async Task Configure_with_services_sees_them()
    {
        var services = new ServiceCollection();
        services.AddSingleton(new Uri("http://127.0.0.1:1"));
        services.AddScionMqtt("a", (provider, o) => o.Scion.EndhostApi = provider.GetRequiredService<Uri>());
        services.AddScionMqtt("a", o => _world.Configure(o, "a"));
        await using var provider = services.BuildServiceProvider();

        provider.GetRequiredService<IOptionsMonitor<ScionMqttClientOptions>>().Get("a")
            .Scion.EndhostApi.Should().Be(new Uri("http://127.0.0.1:1"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Hosted_service_publishes_while_it_stops_wherever_it_was_added(bool isFirst)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        if (isFirst)
        {
            builder.Services.AddHostedService<LastWords>();
        }
        builder.Services.AddScionMqtt(o => _world.Configure(o, "speaker")).AsHostedService();
        if (!isFirst)
        {
            builder.Services.AddHostedService<LastWords>();
        }
        using var host = builder.Build();
        await host.StartAsync();
        await ConnectedAsync(host.Services.GetRequiredService<IScionMqttClient>());

        await host.StopAsync();

        _broker.Statistics.Received.Should().Be(1);
        _broker.ConnectedClients.Should().BeEmpty();
    }

    [Fact]
    public async Task Log_category_carries_the_name()
    {
        using var loggers = new CategoryList();
        var services = new ServiceCollection();
        services.AddSingleton<ILoggerFactory>(loggers);
        services.AddScionMqtt("plant", o => _world.Configure(o, "plant"));
        await using var provider = services.BuildServiceProvider();

        provider.GetRequiredKeyedService<IScionMqttClient>("plant").Should().NotBeNull();

        loggers.Names.Should().Contain("MqttScion.ScionMqttClient.plant");
    }

    private static async Task ConnectedAsync(IScionMqttClient client) =>
        await client.ConnectionStates.FirstAsync(s => s is ConnectionState.Connected).ToTask().WaitAsync(Patience);

    private sealed record User([FromKeyedServices("b")] IScionMqttClient Client);

    private sealed class LastWords(IScionMqttClient client) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public async Task StopAsync(CancellationToken cancellationToken) => await client.PublishAsync(
            Support.Messages.Of("last/words", "bye", qos: 1), cancellationToken);
    }

    private sealed class CategoryList : ILoggerFactory
    {
        public List<string> Names { get; } = [];

        public ILogger CreateLogger(string categoryName)
        {
            Names.Add(categoryName);
            return Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance;
        }

        public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

        public void Dispose()
        {
        }
    }
}
