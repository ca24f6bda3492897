using Microsoft.Extensions.Hosting;

namespace MqttScion;

/// <summary>Ties a client's connection to the life of the host: up before other services, down after them.</summary>
/// <remarks>Services that subscribe in <c>ExecuteAsync</c> may do so after the host has started, and end long before
/// the client disconnects: the client is told of both, so that its session loses nothing by it.</remarks>
/// <param name="resolve">Gives the client. Called at the start and not before, so that the validation at start tells
/// what is wrong with the options of all clients, and not of the first alone.</param>
/// <param name="lifetime">The host's.</param>
internal sealed class ScionMqttHostedService(Func<ScionMqttClient> resolve, IHostApplicationLifetime? lifetime)
    : IHostedLifecycleService
{
    private ScionMqttClient? _client;

    public Task StartingAsync(CancellationToken cancellationToken)
    {
        var client = _client = resolve();
        client.AwaitHost();
        lifetime?.ApplicationStarted.UnsafeRegister(static c => ((ScionMqttClient)c!).OnHostStarted(), client);
        // Before any service is stopped, whoever stops the host.
        lifetime?.ApplicationStopping.UnsafeRegister(static c => ((ScionMqttClient)c!).OnHostStopping(), client);
        client.ConnectPersistently();
        return Task.CompletedTask;
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken)
    {
        if (lifetime is null)
        {
            _client?.OnHostStarted();
        }
        return Task.CompletedTask;
    }

    public Task StoppingAsync(CancellationToken cancellationToken)
    {
        _client?.OnHostStopping();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) =>
        _client?.DisconnectAsync(cancellationToken: cancellationToken) ?? Task.CompletedTask;
}
