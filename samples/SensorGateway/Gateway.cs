using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using MqttScion.Sqlite;

namespace MqttScion.Samples.SensorGateway;

/// <summary>The gateway's host: what a service in the field would have in its <c>Program.cs</c>.</summary>
internal static class Gateway
{
    /// <summary>Makes a host that reads sensors and publishes their readings.</summary>
    /// <param name="network">Whose addresses and certificates replace those of appsettings.json.</param>
    /// <param name="outbox">The file that replaces the one of appsettings.json.</param>
    /// <param name="readings">The numbers of the readings.</param>
    public static IHost Build(SampleNetwork network, string outbox, Range readings)
    {
        // Settings lie beside the program, wherever it is started from.
        var builder = Host.CreateApplicationBuilder(
            new HostApplicationBuilderSettings { ContentRootPath = AppContext.BaseDirectory });
        builder.Services
            .AddScionMqtt(builder.Configuration.GetSection("Mqtt"))
            .AddHealthCheck()
            .AsHostedService();
        builder.Services.AddScionMqtt(options =>
            options.OutboxStore = new SqliteOutboxStore(builder.Configuration["Outbox"]!));
        builder.Services.AddSingleton(provider => new SensorReader(
            provider.GetRequiredService<IScionMqttClient>(), readings));
        builder.Services.AddHostedService(provider => provider.GetRequiredService<SensorReader>());
        builder.AddTelemetry();

        // For this demonstration only.
        builder.Configuration["Outbox"] = outbox;
        builder.Services.AddScionMqtt(network.Configure);
        return builder.Build();
    }

    /// <summary>Completes when every reading is in the outbox.</summary>
    public static Task WhenAcceptedAsync(IHost host) => host.Services.GetRequiredService<SensorReader>().ExecuteTask!;

    /// <summary>What a load balancer or an orchestrator would be told.</summary>
    public static async Task<HealthStatus> HealthAsync(IHost host, CancellationToken cancellationToken) =>
        (await host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync(cancellationToken)).Status;
}
