using MqttScion.Mqtt;

namespace MqttScion.Samples.QuickStart;

/// <summary>The code that the README shows; QuickStart's exchange is the same with more around it.</summary>
internal static class ReadMe
{
    /// <summary>Subscribes, connects and publishes one message.</summary>
    public static async Task SubscribeAndPublishAsync(ScionMqttClientOptions options)
    {
        #region subscribe-and-publish
        options.Servers.Add("[2-ff00:0:211,127.0.0.1]:4433");
        options.Scion.EndhostApi = new Uri("http://127.0.0.1:10231");
        options.Tls.TrustedCertificates = "ca-cert.pem";
        options.Tls.Certificate = "client-cert.pem";
        options.Tls.Key = "client-key.pem";

        await using var client = new ScionMqttClient(options);
        using var temperatures = client.Messages("plant/+/temp").Subscribe(
            message => Console.WriteLine($"{message.Topic}: {message.ConvertPayloadToString()}"),
            error => Console.WriteLine(error.Message));
        await client.ConnectAsync();
        await client.PublishAsync(new MqttApplicationMessageBuilder()
            .WithTopic("plant/1/temp").WithPayload("21.5")
            .WithQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce).Build());
        #endregion
    }
}
