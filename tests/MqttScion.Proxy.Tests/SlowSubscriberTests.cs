using System.Globalization;
using System.Reactive.Linq;
using System.Reactive.Threading.Tasks;
using MqttScion.Mqtt;
using MqttScion.Proxy.Tests.Support;
using MqttScion.TestPeer;
using Xunit.Abstractions;

namespace MqttScion.Proxy.Tests;

/// <summary>
/// A subscriber that reads 1 MB/s of what mosquitto has at once, through a proxy. Both are processes of their own, and
/// neither may grow with what waits in the broker.
/// </summary>
/// <remarks>
/// The suite sends 16 MiB; <c>MQTTSCION_SLOW_MIB</c> gives another size (<c>tests/nightly.sh slow</c> takes 64).
/// </remarks>
public sealed class SlowSubscriberTests(ITestOutputHelper output)
{
    private const int MessageBytes = 64 * 1024;
    private const int BytesPerSecond = 1_000_000;
    private const long MaxResidentBytes = 200 * 1024 * 1024;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly int TotalMebibytes = int.Parse(
        Environment.GetEnvironmentVariable("MQTTSCION_SLOW_MIB") ?? "16", CultureInfo.InvariantCulture);
    private static readonly int MessageCount = TotalMebibytes * 1024 * 1024 / MessageBytes;

    [MosquittoFact]
    public async Task QoS_1_loses_nothing_and_neither_process_grows()
    {
        var (subscriber, _) = await RunAsync(MqttQualityOfServiceLevel.AtLeastOnce);

        subscriber.Received.Should().Be(MessageCount);
        subscriber.ReceivedBytes.Should().Be((long)MessageCount * MessageBytes);
        subscriber.DroppedTotal.Should().Be(0);
        var leastTime = TimeSpan.FromSeconds((double)subscriber.ReceivedBytes / BytesPerSecond);
        subscriber.Duration.Should().BeGreaterThanOrEqualTo(leastTime, "the subscriber is a slow one");
    }

    [MosquittoFact]
    public async Task QoS_0_reports_every_message_that_it_drops_and_neither_process_grows()
    {
        var (subscriber, lostInBroker) = await RunAsync(MqttQualityOfServiceLevel.AtMostOnce);

        subscriber.DroppedTotal.Should().BePositive("the subscriber is a slow one and its queue short");
        subscriber.DroppedByFullQueue.Should().Be(subscriber.DroppedTotal, "each drop is reported with its reason");
        subscriber.DroppedReports.Should().Be(subscriber.DroppedTotal);
        lostInBroker.Should().Be(0, "max_queued_messages 0 is no bound");
        (subscriber.Received + subscriber.DroppedTotal).Should().Be(MessageCount);
    }

    private async Task<(SubscriberTotals Subscriber, long LostInBroker)> RunAsync(MqttQualityOfServiceLevel quality)
    {
        await using var broker = await Mosquitto.StartAsync(
            "max_queued_messages 0", "max_inflight_messages 20", "sys_interval 1");
        await using var world = await EmulatedWorld.StartAsync(broker.Address, startsProxy: false);
        await using var proxy = StartProxy(world);
        var address = (await proxy.ReadAsync<ProxyReady>(Patience)).Address;
        await using var subscriber = StartSubscriber(world, address, quality);
        await subscriber.ReadAsync<SubscriberReady>(Patience);
        await using var publisher = new ScionMqttClient(world.ClientOptions("publisher", server: address));
        await publisher.ConnectAsync();

        for (var number = 0; number < MessageCount; number++)
        {
            await publisher.PublishAsync(new MqttApplicationMessageBuilder()
                .WithTopic("slow").WithPayload(NumberedPayload.Create(number, MessageBytes))
                .WithQualityOfServiceLevel(quality).Build()).AsTask().WaitAsync(Patience);
        }
        var result = await TotalsOfAsync(subscriber);
        var lostInBroker = result.Received + result.DroppedTotal == MessageCount
            ? 0
            : await LostInBrokerAsync(publisher);
        proxy.TellToStop();
        var proxyTotals = await proxy.ReadAsync<ProxyTotals>(Patience);

        output.WriteLine($"{result} {proxyTotals}");
        result.Failure.Should().BeNull();
        result.Damaged.Should().Be(0);
        result.OutOfOrder.Should().Be(0);
        result.PeakResidentBytes.Should().BeLessThan(MaxResidentBytes, "the client is bounded");
        proxyTotals.PeakResidentBytes.Should().BeLessThan(MaxResidentBytes, "the proxy is bounded");
        return (result, lostInBroker);
    }

    // One that does not come to its end by itself is told to stop: what it has got by then says what is wrong.
    private static async Task<SubscriberTotals> TotalsOfAsync(TestPeerProcess subscriber)
    {
        var readingTime = TimeSpan.FromSeconds((double)MessageCount * MessageBytes / BytesPerSecond);
        var totals = subscriber.ReadAsync<SubscriberTotals>(2 * Patience + readingTime);
        await Task.WhenAny(totals, Task.Delay(Patience + readingTime));
        if (!totals.IsCompleted)
        {
            subscriber.TellToStop();
        }
        return await totals;
    }

    private static TestPeerProcess StartProxy(EmulatedWorld world) => TestPeerProcess.Start(
        "proxy",
        $"listen={world.ProxyOptions.Listen}",
        $"broker={world.ProxyOptions.Broker}",
        $"ca={world.Certificates.CaFile}",
        $"certificate={world.Certificates.ServerFile}",
        $"key={world.Certificates.ServerKeyFile}");

    private static TestPeerProcess StartSubscriber(
        EmulatedWorld world,
        string server,
        MqttQualityOfServiceLevel quality) => TestPeerProcess.Start(
        "subscribe",
        $"server={server}",
        $"endhost-api={world.Network.EndhostApiUrl(EmulatedWorld.ClientAs)}",
        $"ca={world.Certificates.CaFile}",
        $"certificate={world.Certificates.ClientFile}",
        $"key={world.Certificates.ClientKeyFile}",
        "filter=slow",
        $"qos={(int)quality}",
        $"messages={MessageCount}",
        $"bytes-per-second={BytesPerSecond}",
        $"max-queued-bytes={(long)TotalMebibytes * 1024 * 1024 / 8}");

    private static async Task<long> LostInBrokerAsync(ScionMqttClient client)
    {
        var count = await client
            .Messages(new MqttTopicFilter { Topic = "$SYS/broker/publish/messages/dropped" })
            .FirstAsync().ToTask().WaitAsync(Patience);
        return long.Parse(count.ConvertPayloadToString(), CultureInfo.InvariantCulture);
    }
}
