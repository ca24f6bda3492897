using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using MqttScion.Sqlite;

namespace MqttScion.Samples.SensorGateway;

/// <summary>The gateway's host: what a service in the field would have in its <c>Program.cs</c>.</summary>
internal static class Gateway
{
    /// <summary>Builds a host that reads sensors and publishes their readings.</summary>
    /// <param name="network">Where the proxy and the certificates are.</param>
    /// <param name="outbox">The file that keeps readings until they are delivered.</param>
    /// <param name="first">The number of the first reading.</param>
    /// <param name="count">How many readings there are.</param>
    public static IHost Build(SampleNetwork network, string outbox, int first, int count)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        // In a real gateway these lines are in appsettings.json.
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Mqtt:CleanStart"] = "false", // The session goes on where the last process left it.
            ["Mqtt:SessionExpiryInterval"] = "01:00:00",
            ["Mqtt:ReconnectDelay"] = "00:00:00.100",
        });
        builder.Logging.SetMinimumLevel(LogLevel.Error).AddConsole();
        builder.Services
            .AddScionMqtt(builder.Configuration.GetSection("Mqtt"))
            .AddHealthCheck()
            .AsHostedService();
        builder.Services.AddScionMqtt(options =>
        {
            network.Configure(options, clientId: "gateway-7");
            options.OutboxStore = new SqliteOutboxStore(outbox);
        });
        builder.Services.AddHostedService<Telemetry>();
        builder.Services.AddSingleton(provider => new SensorReader(
            provider.GetRequiredService<IScionMqttClient>(), first, count));
        builder.Services.AddHostedService(provider => provider.GetRequiredService<SensorReader>());
        return builder.Build();
    }

    /// <summary>Completes when every reading is in the outbox.</summary>
    public static Task WhenAcceptedAsync(IHost host) => host.Services.GetRequiredService<SensorReader>().ExecuteTask!;

    /// <summary>What a load balancer or an orchestrator would be told.</summary>
    public static async Task<HealthStatus> HealthAsync(IHost host, CancellationToken cancellationToken) =>
        (await host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync(cancellationToken)).Status;
}
