using MqttScion.Mqtt;
using MqttScion.Proxy;
using MqttScion.Quic;
using MqttScion.Scion;
using MqttScion.Testnet;

namespace MqttScion.Samples.QuickStart;

/// <summary>The whole chain on one machine: test network, broker, proxy, a subscriber and a publisher.</summary>
internal static class Demo
{
    // The demo ends by itself well within 20 seconds, whatever happens.
    private static readonly TimeSpan TimeLimit = TimeSpan.FromSeconds(15);

    private static readonly IsdAs ClientAs = IsdAs.Parse("1-ff00:0:111");
    private static readonly IsdAs ProxyAs = IsdAs.Parse("2-ff00:0:211");

    /// <summary>Runs the demo; the exit code is 0 when every message arrived.</summary>
    public static async Task<int> RunAsync(string? broker, int count, CancellationToken cancellationToken)
    {
        if (!GnuTlsLibrary.TryLoad(out var problem))
        {
            await Console.Error.WriteLineAsync(problem);
            return 1;
        }
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(TimeLimit);
        var delivered = 0;
        try
        {
            delivered = await DeliverAsync(broker, count, limit.Token);
        }
        catch (OperationCanceledException)
        {
            await Console.Error.WriteLineAsync($"Stopped: not done within {TimeLimit.TotalSeconds:0} s.");
        }
        catch (Exception e) when (e is ArgumentException or NoPathException or PathLookupException
            or QuicConnectionException or MqttConnectRefusedException or MqttSubscribeRefusedException
            or MqttSessionEndedException or MqttNotConnectedException)
        {
            await Console.Error.WriteLineAsync(e.Message);
        }
        Console.WriteLine($"delivered {delivered} of {count}");
        return delivered == count ? 0 : 1;
    }

    private static async Task<int> DeliverAsync(string? broker, int count, CancellationToken cancellationToken)
    {
        var directory = Directory.CreateTempSubdirectory("mqttscion-quickstart-");
        try
        {
            var certificates = TestCertificates.Create(directory.FullName);
            await using var network = await EmulatedNetwork.StartAsync(cancellationToken: cancellationToken);
            await using var embedded = broker is null
                ? await PocketBroker.StartAsync(cancellationToken: cancellationToken)
                : null;
            var proxyOptions = new ProxyOptions
            {
                Listen = $"[{ProxyAs},127.0.0.1]:0",
                Broker = broker ?? embedded!.EndPoint.ToString(),
            };
            proxyOptions.Tls.TrustedCertificates = certificates.CaFile;
            proxyOptions.Tls.Certificate = certificates.ServerFile;
            proxyOptions.Tls.Key = certificates.ServerKeyFile;
            await using var proxy = MqttProxy.Start(proxyOptions);
            Console.WriteLine($"network  {network.Topology.Ases.Count} ASes, {network.Topology.Links.Count} links");
            Console.WriteLine($"broker   {proxyOptions.Broker}{(embedded is null ? "" : " (embedded)")}");
            Console.WriteLine($"proxy    {proxy.LocalEndPoint}");
            return await ExchangeAsync(network, proxy, certificates, count, cancellationToken);
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    private static async Task<int> ExchangeAsync(
        EmulatedNetwork network,
        MqttProxy proxy,
        TestCertificates certificates,
        int count,
        CancellationToken cancellationToken)
    {
        var endhostApi = network.EndhostApiUrl(ClientAs);
        var server = proxy.LocalEndPoint.ToString();
        var delivered = 0;
        var all = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

        await using var subscriber = Client("subscriber", server, endhostApi, certificates);
        using var paths = subscriber.Paths.SelectedPaths().Subscribe(path => Console.WriteLine($"path     {path}"));
        await subscriber.ConnectAsync(cancellationToken);
        await using var subscription = await subscriber.SubscribeAsync("plant/+/temp", cancellationToken);
        using var messages = subscription.Messages.Subscribe(
            message =>
            {
                Console.WriteLine($"  {message.Topic}  {message.ConvertPayloadToString()}");
                if (++delivered == count)
                {
                    all.SetResult();
                }
            },
            all.SetException);

        await using var publisher = Client("publisher", server, endhostApi, certificates);
        await publisher.ConnectAsync(cancellationToken);
        for (var i = 1; i <= count; i++)
        {
            var message = new MqttApplicationMessageBuilder()
                .WithTopic($"plant/{i % 3 + 1}/temp")
                .WithPayload($"{20 + i % 7}.{i % 10} °C  #{i}")
                .WithQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce)
                .Build();
            await publisher.PublishAsync(message, cancellationToken);
        }
        await Task.WhenAny(all.Task, Task.Delay(Timeout.Infinite, cancellationToken));
        return delivered;
    }

    private static ScionMqttClient Client(string clientId, string server, Uri endhostApi, TestCertificates certificates)
    {
        var options = new ScionMqttClientOptions { ClientId = clientId };
        options.Servers.Add(server);
        options.Scion.EndhostApi = endhostApi;
        options.Tls.TrustedCertificates = certificates.CaFile;
        options.Tls.Certificate = certificates.ClientFile;
        options.Tls.Key = certificates.ClientKeyFile;
        return new ScionMqttClient(options);
    }
}
