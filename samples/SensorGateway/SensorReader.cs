using Microsoft.Extensions.Hosting;
using MqttScion.Mqtt;

namespace MqttScion.Samples.SensorGateway;

/// <summary>Reads a sensor that isn't there. A reading is safe once <c>EnqueueAsync</c> has returned.</summary>
internal sealed class SensorReader(IScionMqttClient client, Range readings) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        for (var i = readings.Start.Value; i < readings.End.Value; i++)
        {
            await client.EnqueueAsync(
                new MqttApplicationMessageBuilder()
                    .WithTopic("field/sensor")
                    .WithPayload($"#{i}: {20 + i % 5} °C")
                    .WithQualityOfServiceLevel(MqttQualityOfServiceLevel.ExactlyOnce)
                    .Build(),
                stoppingToken);
        }
        Console.WriteLine($"  accepted: readings {readings.Start} to {readings.End.Value - 1}");
    }
}
