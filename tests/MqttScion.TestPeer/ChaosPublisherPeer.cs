using System.Text;
using MqttScion.Mqtt;
using MqttScion.Sqlite;

namespace MqttScion.TestPeer;

/// <summary>
/// A publisher with a durable outbox that counts on, in turn at QoS 1 and QoS 2, whether or not there is a connection.
/// </summary>
internal static class ChaosPublisherPeer
{
    public static async Task RunAsync(PeerArguments arguments)
    {
        var options = PatientClient.Options("publisher", arguments["server"]);
        // The kernel outlives a kill: a commit that it has is safe from that.
        options.OutboxStore = new SqliteOutboxStore(arguments["file"], SqliteDurability.ProcessCrash);
        arguments.Fill(options.Tls);
        await using var client = new ScionMqttClient(options);
        using var over = new CancellationTokenSource();
        var stop = PeerChannel.WhenToldToStopAsync();
        var connecting = PatientClient.ConnectAsync(client, over.Token);
        for (var number = arguments.Number("first"); !stop.IsCompleted; number++)
        {
            await EnqueueAsync(client, number, stop);
        }
        await over.CancelAsync();
        await connecting.ContinueWith(_ => { }, TaskScheduler.Default); // Connected, or cancelled.
    }

    private static async Task EnqueueAsync(ScionMqttClient client, long number, Task stop)
    {
        var quality = 1 + (int)(number % 2);
        var message = new MqttApplicationMessage
        {
            Topic = $"chaos/{quality}",
            Payload = Encoding.UTF8.GetBytes($"{number}"),
            QualityOfServiceLevel = (MqttQualityOfServiceLevel)quality,
        };
        while (!stop.IsCompleted)
        {
            try
            {
                await client.EnqueueAsync(message);
                PeerChannel.Report(new OutboxAccepted(number));
                return;
            }
            catch (MqttNotConnectedException e)
            {
                // The outbox was full and the attempt to connect failed: the message was not taken.
                await Console.Error.WriteLineAsync($"{number} was not taken: {e.Message}");
            }
        }
    }
}
