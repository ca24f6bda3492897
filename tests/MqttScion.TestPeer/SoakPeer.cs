using System.Reactive.Linq;
using MqttScion.Mqtt;
using MqttScion.Scion;

namespace MqttScion.TestPeer;

/// <summary>
/// The clients of a soak: a publisher and a subscriber for each quality of service, who change paths, and one client
/// that subscribes, unsubscribes and reconnects all the time. Reports a sample at each interval.
/// </summary>
internal sealed class SoakPeer(PeerArguments arguments)
{
    private static readonly TimeSpan PathInterval = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan DrainTimeout = TimeSpan.FromSeconds(30);

    private readonly SoakFlow[] _flows =
    [
        new(MqttQualityOfServiceLevel.AtMostOnce),
        new(MqttQualityOfServiceLevel.AtLeastOnce),
        new(MqttQualityOfServiceLevel.ExactlyOnce),
    ];

    private long _reconnects;
    private long _pathSwitches;
    private long _subscriptions;

    public static Task RunAsync(PeerArguments arguments) => new SoakPeer(arguments).RunAsync();

    private async Task RunAsync()
    {
        using var stop = new CancellationTokenSource();
        var told = PeerChannel.WhenToldToStopAsync();
        var publishers = _flows.Select((_, i) => Client($"publisher-{i}")).ToArray();
        var subscribers = _flows.Select((_, i) => Client($"subscriber-{i}")).ToArray();
        await using var restless = Client("restless");
        foreach (var client in subscribers.Concat(publishers))
        {
            await client.ConnectAsync();
        }
        foreach (var (flow, subscriber) in _flows.Zip(subscribers))
        {
            subscriber.Messages(flow.Filter).Subscribe(flow.Take, error => Environment.FailFast($"{error}"));
            await subscriber.SubscribeAsync(flow.Filter);
        }
        List<Task> work =
        [
            .. _flows.Zip(publishers, (flow, publisher) => flow.PublishAsync(publisher, stop.Token)),
            .. publishers.Concat(subscribers).Select(client => SwitchPathsAsync(client, stop.Token)),
            ChurnAsync(restless, stop.Token),
        ];
        var interval = TimeSpan.FromSeconds(arguments.Number("sample-seconds"));
        PeerChannel.Report(Sample());
        while (await Task.WhenAny(told, Task.Delay(interval)) != told)
        {
            PeerChannel.Report(Sample());
            await Task.WhenAll(work.Where(t => t.IsFaulted)); // Tells at once what went wrong.
        }
        await stop.CancelAsync();
        await Task.WhenAll(work);
        await DrainAsync();
        PeerChannel.Report(Sample());
        foreach (var client in publishers.Concat(subscribers))
        {
            await client.DisposeAsync();
        }
    }

    private ScionMqttClient Client(string clientId)
    {
        var options = new ScionMqttClientOptions
        {
            ClientId = clientId,
            IdleTimeout = TimeSpan.FromSeconds(5),
            KeepAlivePeriod = TimeSpan.FromSeconds(3),
            PingResponseTimeout = TimeSpan.FromSeconds(3),
            ReconnectDelay = TimeSpan.FromMilliseconds(50),
            MaxReconnectDelay = TimeSpan.FromMilliseconds(500),
        };
        options.Servers.Add(arguments["server"]);
        options.Scion.EndhostApi = new Uri(arguments["endhost-api"]);
        arguments.Fill(options.Tls);
        var client = new ScionMqttClient(options);
        client.ConnectionStates.Buffer(2, 1).Subscribe(states => Count(ref _reconnects,
            states is [ConnectionState.Connected, ConnectionState.Reconnecting]));
        client.Paths.Subscribe(e => Count(ref _pathSwitches, e is PathEvent.Selected { Previous: not null }));
        return client;
    }

    private static void Count(ref long counter, bool isOne)
    {
        if (isOne)
        {
            Interlocked.Increment(ref counter);
        }
    }

    private async Task SwitchPathsAsync(ScionMqttClient client, CancellationToken stop)
    {
        for (var round = 0; !stop.IsCancellationRequested; round++)
        {
            await client.UsePathPolicyAsync(
                round % 2 == 0 ? PathPolicies.Avoid(arguments["transit"]) : PathPolicies.Any(), CancellationToken.None);
            await PauseAsync(PathInterval, stop);
        }
        await client.UsePathPolicyAsync(PathPolicies.Any(), CancellationToken.None);
    }

    private async Task ChurnAsync(ScionMqttClient client, CancellationToken stop)
    {
        for (var round = 0; !stop.IsCancellationRequested; round++)
        {
            try
            {
                if (round % 20 == 0)
                {
                    await client.DisconnectAsync(cancellationToken: CancellationToken.None);
                    await client.ConnectAsync(stop);
                }
                await using var held = await client.SubscribeAsync($"churn/{round % 50}/+/#", stop);
                using var observer = held.Messages.Subscribe(_ => { }, _ => { });
                await PauseAsync(TimeSpan.FromMilliseconds(50), stop);
                Interlocked.Increment(ref _subscriptions);
            }
            catch (Exception e) when (
                e is MqttNotConnectedException or QuicConnectionException or MqttSessionEndedException
                    or NoPathException or OperationCanceledException)
            {
                round = -1; // A cut came in between: connect again.
                await PauseAsync(TimeSpan.FromMilliseconds(200), stop);
            }
        }
    }

    private async Task DrainAsync()
    {
        using var patience = new CancellationTokenSource(DrainTimeout);
        while (_flows.Skip(1).Any(f => f.Waiting > 0) && !patience.IsCancellationRequested)
        {
            await PauseAsync(TimeSpan.FromMilliseconds(50), patience.Token);
        }
    }

    private static Task PauseAsync(TimeSpan pause, CancellationToken stop) =>
        Task.Delay(pause, stop).ContinueWith(_ => { }, TaskScheduler.Default);

    private SoakSample Sample() => new(
        _flows.Sum(f => f.Published),
        _flows.Sum(f => f.Received),
        _flows[0].Lost,
        _flows[1].Lost + _flows[2].Lost,
        _flows[1].Again,
        _flows[2].Again,
        _flows[1].Waiting + _flows[2].Waiting,
        Interlocked.Read(ref _reconnects),
        Interlocked.Read(ref _pathSwitches),
        Interlocked.Read(ref _subscriptions),
        ProcessSample.Take());
}
