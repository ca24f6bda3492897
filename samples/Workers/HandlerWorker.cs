using Microsoft.Extensions.Hosting;

namespace MqttScion.Samples.Workers;

/// <summary>Handles jobs: each is acknowledged when its task ends. One that is given up is not, and comes again.
/// </summary>
internal sealed class HandlerWorker(IScionMqttClient client, Workshop workshop) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await using var subscription = await client.SubscribeAsync(
            "jobs/paint", (job, stop) => workshop.DoAsync(job.Message, stop), stoppingToken);
        await subscription.Completion.WaitAsync(stoppingToken);
    }
}
