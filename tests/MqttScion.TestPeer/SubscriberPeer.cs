using MqttScion.Mqtt;

namespace MqttScion.TestPeer;

/// <summary>A subscriber that reads at a given rate, in a process of its own.</summary>
internal static class SubscriberPeer
{
    public static async Task RunAsync(PeerArguments arguments)
    {
        var filter = new MqttTopicFilter
        {
            Topic = arguments["filter"],
            QualityOfServiceLevel = (MqttQualityOfServiceLevel)arguments.Number("qos"),
        };
        using var reader = new PacedReader(
            arguments.Number("bytes-per-second"), arguments.Number("messages"), TimeProvider.System);
        await using var client = new ScionMqttClient(ClientOptions(arguments));
        using var drops = client.DroppedMessages.Subscribe(reader.OnDropped, _ => { });
        await client.ConnectAsync();
        await using var subscription = await client.SubscribeAsync(filter);
        using var observer = subscription.Messages.Subscribe(reader);
        PeerChannel.Report(new SubscriberReady(filter.Topic));
        await Task.WhenAny(reader.Done, PeerChannel.WhenToldToStopAsync());
        reader.Stop();
        PeerChannel.Report(reader.Totals());
    }

    private static ScionMqttClientOptions ClientOptions(PeerArguments arguments)
    {
        var options = new ScionMqttClientOptions
        {
            ClientId = "slow",
            MaxQueuedBytes = arguments.Number("max-queued-bytes"),
        };
        options.Servers.Add(arguments["server"]);
        options.Scion.EndhostApi = new Uri(arguments["endhost-api"]);
        arguments.Fill(options.Tls);
        return options;
    }
}
