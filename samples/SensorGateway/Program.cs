// The idea: a gateway in the field that loses nothing. Readings are accepted while the network is away, survive the end
// of the process in a durable outbox, and are delivered by the next one. The client lives in a host (configuration,
// health check, logging), and OpenTelemetry sees what it does: set OTEL_EXPORTER_OTLP_ENDPOINT to send it there.
using System.Collections.Concurrent;
using MqttScion.Mqtt;
using MqttScion.Samples;
using MqttScion.Samples.SensorGateway;
using MqttScion.Testnet;

const int Count = 20;

return await SampleRun.RunAsync("delivered", Count, async cancellation =>
{
    await using var network = await SampleNetwork.StartAsync(cancellationToken: cancellation);
    var directory = Directory.CreateTempSubdirectory("mqttscion-gateway-");
    try
    {
        await using var controlRoom = network.ClientBesideProxy("control-room");
        var readings = new ConcurrentDictionary<string, int>();
        var all = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await controlRoom.ConnectAsync(cancellation);
        await using var subscription = await controlRoom.SubscribeAsync(
            new MqttTopicFilter
            {
                Topic = "field/sensor",
                QualityOfServiceLevel = MqttQualityOfServiceLevel.ExactlyOnce,
            },
            cancellation);
        using var messages = subscription.Messages.Subscribe(message =>
        {
            readings.AddOrUpdate(message.ConvertPayloadToString(), 1, (_, count) => count + 1);
            if (readings.Count == Count)
            {
                all.SetResult();
            }
        });

        Console.WriteLine("the gateway's uplinks are down");
        network.SetFieldUplinks(LinkState.Down);
        await RunGatewayAsync(network, directory, first: 1, cancellation, () => Task.CompletedTask);
        Console.WriteLine($"  the first process has ended; delivered so far: {readings.Count}");

        Console.WriteLine("the uplinks are up, and the gateway starts again");
        network.SetFieldUplinks(LinkState.Up);
        await RunGatewayAsync(network, directory, first: 1 + Count / 2, cancellation, () => all.Task);
        return readings.Values.Count(copies => copies == 1);
    }
    finally
    {
        directory.Delete(recursive: true);
    }
});

static async Task RunGatewayAsync(
    SampleNetwork network, DirectoryInfo directory, int first, CancellationToken cancellation, Func<Task> until)
{
    using var host = Gateway.Build(network, Path.Combine(directory.FullName, "outbox.db"), first, Count / 2);
    await host.StartAsync(cancellation);
    await Gateway.WhenAcceptedAsync(host).WaitAsync(cancellation);
    await until().WaitAsync(cancellation);
    Console.WriteLine($"  health: {await Gateway.HealthAsync(host, cancellation)}");
    await host.StopAsync(cancellation);
}
