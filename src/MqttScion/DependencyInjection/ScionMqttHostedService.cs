using Microsoft.Extensions.Hosting;

namespace MqttScion;

/// <summary>Ties a client's connection to the life of the host: up before other services, down after them.</summary>
internal sealed class ScionMqttHostedService(ScionMqttClient client) : IHostedLifecycleService
{
    public Task StartingAsync(CancellationToken cancellationToken)
    {
        client.ConnectPersistently();
        return Task.CompletedTask;
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) =>
        client.DisconnectAsync(cancellationToken: cancellationToken);
}
