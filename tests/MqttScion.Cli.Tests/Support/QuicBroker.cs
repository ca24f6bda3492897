using System.Text;
using MqttScion.Mqtt;
using MqttScion.Testnet;

namespace MqttScion.Cli.Tests;

/// <summary>A broker in this process that commands reach by QUIC on plain IP.</summary>
internal sealed class QuicBroker : IAsyncDisposable
{
    private readonly string _directory;

    private QuicBroker(string directory, TestCertificates certificates, PocketBroker broker) =>
        (_directory, Certificates, Broker) = (directory, certificates, broker);

    public TestCertificates Certificates { get; }

    public PocketBroker Broker { get; }

    public string Remote => $"mqtt-quic://{Broker.QuicEndPoint}";

    /// <summary>The options with which a command connects.</summary>
    public string[] Options => ["--ca-cert", Certificates.CaFile, "--log", "error"];

    public static async Task<QuicBroker> StartAsync()
    {
        var directory = Directory.CreateTempSubdirectory("mqttscion-cli-").FullName;
        var certificates = TestCertificates.Create(directory);
        return new QuicBroker(directory, certificates, await PocketBroker.StartAsync(new PocketBrokerOptions
        {
            Quic = new PocketBrokerQuicOptions
            {
                Certificate = certificates.ServerFile,
                Key = certificates.ServerKeyFile,
            },
        }));
    }

    /// <summary>Starts a command: its name, then what follows the address of this broker.</summary>
    public CommandRun Start(string command, params string[] args) =>
        CommandRun.Cli([command, Remote, .. args, .. Options]);

    /// <summary>Starts a command with a standard input.</summary>
    public CommandRun Start(byte[] input, string command, params string[] args) =>
        CommandRun.Cli(input, [command, Remote, .. args, .. Options]);

    /// <summary>Publishes as another client would.</summary>
    public void Publish(string topic, string payload, bool retain = false) => Broker.Publish(new MqttApplicationMessage
    {
        Topic = topic,
        Payload = Encoding.UTF8.GetBytes(payload),
        QualityOfServiceLevel = MqttQualityOfServiceLevel.AtLeastOnce,
        Retain = retain,
    });

    /// <summary>Waits until the broker's statistics are so.</summary>
    public async Task WaitForAsync(Func<PocketBrokerStatistics, bool> isSo)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!isSo(Broker.Statistics))
            await Task.Delay(TimeSpan.FromMilliseconds(20), limit.Token);
    }

    public async ValueTask DisposeAsync()
    {
        await Broker.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }
}
