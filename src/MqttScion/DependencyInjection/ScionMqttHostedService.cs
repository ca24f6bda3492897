using Microsoft.Extensions.Hosting;

namespace MqttScion;

/// <summary>Ties the client's connection to the life of the host.</summary>
internal sealed class ScionMqttHostedService(ScionMqttClient client) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        client.ConnectPersistently();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) =>
        client.DisconnectAsync(cancellationToken: cancellationToken);
}
