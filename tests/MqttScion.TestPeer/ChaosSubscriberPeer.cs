using System.Globalization;
using MqttScion.Mqtt;

namespace MqttScion.TestPeer;

/// <summary>A subscriber at QoS 1 whose session outlives it, and that reports each message before it takes it.
/// </summary>
internal static class ChaosSubscriberPeer
{
    public static async Task RunAsync(PeerArguments arguments)
    {
        var options = PatientClient.Options(arguments["client"], arguments["server"]);
        arguments.Fill(options.Tls);
        await using var client = new ScionMqttClient(options);
        using var over = new CancellationTokenSource();
        var filter = new MqttTopicFilter
        {
            Topic = arguments["filter"],
            QualityOfServiceLevel = MqttQualityOfServiceLevel.AtLeastOnce,
        };
        using var observer = client.Messages(filter).Subscribe(
            message => PeerChannel.Report(new ChaosReceived(
                long.Parse(message.ConvertPayloadToString(), CultureInfo.InvariantCulture))),
            error => Environment.FailFast(error.ToString()));
        var connecting = PatientClient.ConnectAsync(client, over.Token);
        await PeerChannel.WhenToldToStopAsync();
        await over.CancelAsync();
        await connecting.ContinueWith(_ => { }, TaskScheduler.Default); // Connected, or cancelled.
    }
}
