using MqttScion.TestPeer;

if (args.Length > 0 && PeerArguments.TryParse(args[1..], out var arguments))
{
    switch (args[0])
    {
        case "proxy":
            await ProxyPeer.RunAsync(arguments);
            return 0;
        case "outbox":
            await OutboxPeer.RunAsync(arguments);
            return 0;
        case "chaos-publisher":
            await ChaosPublisherPeer.RunAsync(arguments);
            return 0;
        case "chaos-subscriber":
            await ChaosSubscriberPeer.RunAsync(arguments);
            return 0;
        case "soak":
            await SoakPeer.RunAsync(arguments);
            return 0;
        case "subscribe":
            await SubscriberPeer.RunAsync(arguments);
            return 0;
    }
}
await Console.Error.WriteLineAsync(
    "Usage: MqttScion.TestPeer proxy|subscribe|outbox|chaos-publisher|chaos-subscriber|soak NAME=VALUE... "
    + "(until stdin is closed)");
return 2;
