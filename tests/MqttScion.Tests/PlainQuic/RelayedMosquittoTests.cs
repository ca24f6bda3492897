using System.Globalization;
using MqttScion.Mqtt;
using MqttScion.Proxy.Tests.Support;
using MqttScion.Quic.Tests;
using MqttScion.Testnet;
using MqttScion.Tests.Support;

namespace MqttScion.Tests.PlainQuic;

/// <summary>
/// Plain QUIC with neither end of it ours: quic-go ends QUIC and TLS, mosquitto is the broker behind it.
/// </summary>
public sealed class RelayedMosquittoTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("mqttscion-test-").FullName;

    private static TimeSpan Patience => PlainQuicWorld.Patience;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [ExternalFact]
    public async Task Messages_of_each_QoS_go_through_quic_go_to_mosquitto_and_back()
    {
        var certificates = TestCertificates.Create(
            _directory, files: new TestCertificateNames(Server: "cert.pem", ServerKey: "key.pem"));
        await using var broker = await Mosquitto.StartAsync();
        using var relay = new PeerProcess(
            QuicGoProgram.Build(_directory), "-listen", "-pki", _directory, "-relay", broker.Address);
        var listening = relay.WaitFor("listening");
        var port = int.Parse(listening[(listening.LastIndexOf(':') + 1)..], CultureInfo.InvariantCulture);
        var options = new ScionMqttClientOptions { ClientId = "c" };
        options.Servers.Add($"mqtt-quic://127.0.0.1:{port}");
        options.Tls.TrustedCertificates = certificates.CaFile;
        options.Tls.Certificate = certificates.ClientFile;
        options.Tls.Key = certificates.ClientKeyFile;
        await using var client = new ScionMqttClient(options);
        await client.ConnectAsync().WaitAsync(Patience);
        await using var subscription = await client.SubscribeAsync(Messages.Filter("t/+", 2));
        var received = subscription.Messages.Collect();

        for (var qos = 0; qos <= 2; qos++)
        {
            var payload = new string('x', 100_000);
            (await client.PublishAsync(Messages.Of($"t/{qos}", payload, qos)).AsTask().WaitAsync(Patience))
                .IsSuccess.Should().BeTrue();
            var message = await received.NextAsync();
            message.QualityOfServiceLevel.Should().Be((MqttQualityOfServiceLevel)qos);
            message.Payload.Length.Should().Be(payload.Length);
        }
        relay.WaitFor("connected").Should().Contain("alpn=mqtt peer=client");
    }
}
