// The idea: the session stays, the path under it changes. The application forbids an AS while messages flow, then a
// link is cut. Nothing is lost, and MQTT does not even reconnect.
using MqttScion;
using MqttScion.Mqtt;
using MqttScion.Samples;
using MqttScion.Scion;
using MqttScion.Testnet;

const int Count = 30;

var command = new SampleCommand("Changes the path under a session: by a policy, and by a cut link.");
return await command.RunAsync(args, "delivered", Count, async (settings, cancellation) =>
{
    await using var network = await SampleNetwork.StartAsync(settings, cancellation);
    await using var client = network.Client("path-aware");

    // What happens to paths and to the connection are two streams.
    ScionPath? current = null;
    var reconnects = 0;
    using var selected = client.Paths.SelectedPaths().Subscribe(path => current = path);
    using var events = client.Paths.Subscribe(e => Console.WriteLine(e switch
    {
        PathEvent.Selected now => $"  path   {now.Path} ({now.Why})",
        PathEvent.Down down => $"  down   {down.Path}: {down.Why}",
        _ => $"  {e.GetType().Name.ToLowerInvariant(),-6} {e.Path}",
    }));
    using var states = client.ConnectionStates.Subscribe(state =>
        reconnects += state is ConnectionState.Reconnecting ? 1 : 0);

    await client.ConnectAsync(cancellation);
    var arrivals = new Arrivals(Count);
    await using var subscription = await client.SubscribeAsync(
        "plant/1/temp",
        (_, _) =>
        {
            arrivals.Add();
            return ValueTask.CompletedTask;
        },
        cancellation);

    for (var i = 1; i <= Count; i++)
    {
        if (i == Count / 3 && current!.Hops.Count > 2)
        {
            var transit = current.Hops[1].IsdAs;
            Console.WriteLine($"avoiding {transit}");
            await client.UsePathPolicyAsync(PathPolicies.Avoid($"{transit}"), cancellation);
        }
        if (i == Count * 2 / 3)
        {
            await client.UsePathPolicyAsync(PathPolicies.Any(), cancellation);
            if (network.Demo is { } demo) // Your own network's links are yours to cut.
            {
                Console.WriteLine($"cutting  {current!.Interfaces[0]}");
                demo.Scion.SetLink(current.Interfaces[0], LinkState.Down);
            }
        }
        await client.PublishAsync(
            new MqttApplicationMessageBuilder()
                .WithTopic("plant/1/temp").WithPayload($"{i}")
                .WithQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce).Build(),
            cancellation);
        await Task.Delay(20, cancellation);
    }
    var arrived = await arrivals.WaitAsync(cancellation);
    Console.WriteLine($"reconnects {reconnects}");
    return reconnects == 0 ? arrived : 0;
});
