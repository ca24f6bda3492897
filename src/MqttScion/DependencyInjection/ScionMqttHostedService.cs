using Microsoft.Extensions.Hosting;

namespace MqttScion;

/// <summary>Ties a client's connection to the life of the host: up before other services, down after them.</summary>
/// <param name="resolve">Gives the client. Called at the start and not before, so that the validation at start tells
/// what is wrong with the options of all clients, and not of the first alone.</param>
internal sealed class ScionMqttHostedService(Func<ScionMqttClient> resolve) : IHostedLifecycleService
{
    private ScionMqttClient? _client;

    public Task StartingAsync(CancellationToken cancellationToken)
    {
        _client = resolve();
        _client.ConnectPersistently();
        return Task.CompletedTask;
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) =>
        _client?.DisconnectAsync(cancellationToken: cancellationToken) ?? Task.CompletedTask;
}
