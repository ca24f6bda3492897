using System.Diagnostics;
using System.Globalization;
using MqttScion.Mqtt;

namespace MqttScion.Testnet.Tests;

/// <summary>The broker serves a client of other authors.</summary>
public class MosquittoTests
{
    [MosquittoFact]
    public async Task Mosquitto_sub_gets_what_mosquitto_pub_retains()
    {
        await using var broker = await PocketBroker.StartAsync();

        await RunAsync(broker, "mosquitto_pub", "-t", "a/b", "-m", "hello", "-q", "1", "-r",
            "-D", "publish", "content-type", "text/plain", "-D", "publish", "user-property", "k", "v");
        var heard = await RunAsync(
            broker, "mosquitto_sub", "-t", "a/#", "-q", "1", "-C", "1", "-W", "10", "-F", "%t %p %r %q %C %P");

        heard.Trim().Should().Be("a/b hello 1 1 text/plain k:v");
    }

    [MosquittoFact]
    public async Task Mosquitto_sub_and_our_session_exchange_messages()
    {
        await using var broker = await PocketBroker.StartAsync();
        using var client = await SessionClient.ConnectAsync(broker, new MqttSessionOptions { ClientId = "ours" });
        client.Session.Subscribe([new MqttTopicFilter { Topic = "to/us" }], null, client.Now);
        await client.NextAsync(MqttEventKind.SubscribeCompleted);

        await RunAsync(broker, "mosquitto_pub", "-t", "to/us", "-m", "hi");
        var message = (await client.NextAsync(MqttEventKind.MessageReceived)).Message!;
        client.Session.Publish(new MqttApplicationMessage
        {
            Topic = "to/them",
            Payload = message.Payload,
            QualityOfServiceLevel = MqttQualityOfServiceLevel.AtLeastOnce,
            Retain = true,
        }, client.Now);
        await client.NextAsync(MqttEventKind.PublishCompleted);
        var heard = await RunAsync(broker, "mosquitto_sub", "-t", "to/them", "-C", "1", "-W", "10");

        message.ConvertPayloadToString().Should().Be("hi");
        heard.Trim().Should().Be("hi");
    }

    [MosquittoFact]
    public async Task Mosquitto_sub_tells_the_reason_of_a_refusal()
    {
        await using var broker = await PocketBroker.StartAsync(new PocketBrokerOptions
        {
            AuthorizeConnect = _ => MqttClientConnectResultCode.NotAuthorized,
        });

        var run = async () => await RunAsync(broker, "mosquitto_sub", "-t", "a", "-W", "5");

        (await run.Should().ThrowAsync<InvalidOperationException>()).WithMessage("*uthorized*");
    }

    private static async Task<string> RunAsync(PocketBroker broker, string name, params string[] arguments)
    {
        var port = broker.EndPoint.Port.ToString(CultureInfo.InvariantCulture);
        var start = new ProcessStartInfo(
            MosquittoFactAttribute.FindClient(name)!, ["-V", "5", "-h", "127.0.0.1", "-p", port, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        var output = process.StandardOutput.ReadToEndAsync(timeout.Token);
        var error = process.StandardError.ReadToEndAsync(timeout.Token);
        await process.WaitForExitAsync(timeout.Token);
        return process.ExitCode == 0
            ? await output
            : throw new InvalidOperationException($"{name} ended with {process.ExitCode}: {await output}{await error}");
    }
}
