// README shows this program, whole. Its addresses are those of the test network that `mqtt-scion testnet up` starts.
#region first-message
using MqttScion;
using MqttScion.Mqtt;

var options = new ScionMqttClientOptions();
options.Servers.Add("[2-ff00:0:211,127.0.0.1]:4433");               // the proxy
options.Scion.EndhostApi = new Uri("http://127.0.0.1:10231");       // who knows the SCION paths to it
options.Tls.TrustedCertificates = "ca-cert.pem";
options.Tls.Certificate = "client-cert.pem";
options.Tls.Key = "client-key.pem";

await using var client = new ScionMqttClient(options);
await client.ConnectAsync();

var arrived = new TaskCompletionSource();
await using var temperatures = await client.SubscribeAsync("plant/+/temp", (delivery, cancellation) =>
{
    Console.WriteLine($"{delivery.Topic}: {delivery.Message.ConvertPayloadToString()}");
    arrived.TrySetResult();
    return ValueTask.CompletedTask;
});
await client.PublishAsync(new MqttApplicationMessageBuilder()
    .WithTopic("plant/1/temp").WithPayload("21.5")
    .WithQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce).Build());
await arrived.Task;
#endregion
