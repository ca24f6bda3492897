// The idea: a gateway in the field that loses nothing. Readings are accepted while the network is away, survive the end
// of the process in a durable outbox, and are delivered by the next one.
using System.Collections.Concurrent;
using MqttScion.Mqtt;
using MqttScion.Samples;
using MqttScion.Samples.SensorGateway;
using MqttScion.Testnet;

const int Count = 20;

var command = new SampleCommand("Keeps readings in an outbox on disk until they are delivered.");
return await command.RunAsync(args, "delivered", Count, async (settings, cancellation) =>
{
    await using var network = await SampleNetwork.StartAsync(settings, cancellation);
    var directory = Directory.CreateTempSubdirectory("mqttscion-gateway-");
    try
    {
        await using var controlRoom = network.ClientBesideProxy("control-room");
        var arrivals = new Arrivals(Count);
        var readings = new ConcurrentDictionary<string, bool>();
        await controlRoom.ConnectAsync(cancellation);
        await using var subscription = await controlRoom.SubscribeAsync(
            new MqttTopicFilter
            {
                Topic = "field/sensor",
                QualityOfServiceLevel = MqttQualityOfServiceLevel.ExactlyOnce,
            },
            (delivery, _) =>
            {
                readings.TryAdd(delivery.Message.ConvertPayloadToString(), true);
                arrivals.Add();
                return ValueTask.CompletedTask;
            },
            cancellation);

        Console.WriteLine("the gateway's uplinks are down");
        network.Demo?.SetFieldUplinks(LinkState.Down);
        await RunGatewayAsync(network, directory, 1..(1 + Count / 2), Task.CompletedTask, cancellation);
        Console.WriteLine($"  the first process has ended; delivered so far: {arrivals.Count}");

        Console.WriteLine("the uplinks are up, and the gateway starts again");
        network.Demo?.SetFieldUplinks(LinkState.Up);
        var all = arrivals.WaitAsync(cancellation);
        await RunGatewayAsync(network, directory, (1 + Count / 2)..(1 + Count), all, cancellation);
        return await all == readings.Count ? readings.Count : 0; // Each of them once.
    }
    finally
    {
        directory.Delete(recursive: true);
    }
});

static async Task RunGatewayAsync(
    SampleNetwork network, DirectoryInfo directory, Range readings, Task until, CancellationToken cancellation)
{
    using var host = Gateway.Build(network, Path.Combine(directory.FullName, "outbox.db"), readings);
    await host.StartAsync(cancellation);
    await Gateway.WhenAcceptedAsync(host).WaitAsync(cancellation);
    await until;
    Console.WriteLine($"  health: {await Gateway.HealthAsync(host, cancellation)}");
    await host.StopAsync(cancellation);
}
