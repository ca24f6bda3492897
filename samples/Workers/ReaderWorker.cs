using Microsoft.Extensions.Hosting;

namespace MqttScion.Samples.Workers;

/// <summary>Reads jobs, at its own pace: each is acknowledged when the reader says so. One in hand when the service
/// stops is not, and comes again.</summary>
internal sealed class ReaderWorker(IScionMqttClient client, Workshop workshop) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await foreach (var job in client.ReadMessagesAsync("jobs/print", stoppingToken))
        {
            await workshop.DoAsync(job.Message, stoppingToken);
            job.Acknowledge();
        }
    }
}
