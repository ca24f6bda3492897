using System.Text;
using MqttScion.Mqtt;
using MqttScion.Proxy.Tests.Support;
using MqttScion.Scion;
using MqttScion.Sqlite;

namespace MqttScion.TestPeer;

/// <summary>A publisher with a durable outbox that counts on until it is killed.</summary>
internal static class OutboxPeer
{
    public static async Task RunAsync(PeerArguments arguments)
    {
        var server = ScionEndPoint.Parse(arguments["server"]);
        var options = new ScionMqttClientOptions
        {
            ClientId = "outbox",
            CleanStart = false,
            SessionExpiryInterval = TimeSpan.FromHours(1),
            // The kernel outlives a kill: a commit that it has is safe from that.
            OutboxStore = new SqliteOutboxStore(arguments["file"], SqliteDurability.ProcessCrash),
        };
        options.Servers.Add(arguments["server"]);
        options.Scion.PathSource = new SameAsPathSource(server.IsdAs);
        arguments.Fill(options.Tls);
        await using var client = new ScionMqttClient(options);
        var stop = PeerChannel.WhenToldToStopAsync();
        var connecting = client.ConnectAsync();
        for (var number = arguments.Number("first"); !stop.IsCompleted; number++)
        {
            await client.EnqueueAsync(new MqttApplicationMessage
            {
                Topic = "outbox",
                Payload = Encoding.UTF8.GetBytes($"{number}"),
                QualityOfServiceLevel = (MqttQualityOfServiceLevel)arguments.Number("qos"),
            });
            PeerChannel.Report(new OutboxAccepted(number));
        }
        await connecting;
    }
}
