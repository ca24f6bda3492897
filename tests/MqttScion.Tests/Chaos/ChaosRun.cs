using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using MqttScion.Proxy.Tests.Support;
using MqttScion.Sqlite;
using MqttScion.Testnet;
using MqttScion.TestPeer;
using MqttScion.Tests.Support;

namespace MqttScion.Tests.Chaos;

/// <summary>
/// A publisher with a durable outbox, a subscriber in this process and one in its own, a proxy and a broker, to all of
/// whom a plan happens.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "DisposeAsync ends them all.")]
internal sealed class ChaosRun : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly string _directory = Directory.CreateTempSubdirectory("mqttscion-chaos-").FullName;
    private readonly Dictionary<ChaosAct, Task> _subjects = [];
    private readonly TestCertificates _certificates;
    private readonly Stopwatch _watch = Stopwatch.StartNew();
    private readonly ConcurrentQueue<string> _diary = new();
    private readonly WireTap _broker;
    private TestPeerProcess? _proxy;
    private TestPeerProcess? _publisher;
    private Task _publisherReports = Task.CompletedTask;
    private TestPeerProcess? _subscriberPeer;
    private Task _subscriberReports = Task.CompletedTask;
    private ScionMqttClient? _subscriber;
    private string _proxyAddress = $"[{SameAsWorld.IsdAs},127.0.0.1]:0";
    private int _reconnects;

    private ChaosRun(string directory, IChaosBroker broker)
    {
        _certificates = TestCertificates.Create(_directory);
        _broker = new WireTap(broker, _watch);
        StateDirectory = directory;
    }

    /// <summary>What the publisher's outbox accepted, by quality of service.</summary>
    public ChaosSightings[] Accepted { get; } = [new(), new(), new()];

    /// <summary>What came to the subscriber in this process, by quality of service.</summary>
    public ChaosSightings[] Seen { get; } = [new(), new(), new()];

    /// <summary>What came to the subscriber that is killed.</summary>
    public ChaosSightings SeenByKilled { get; } = new();

    /// <summary>What happened when, and what the broker took more than once.</summary>
    public IEnumerable<string> Diary => _diary.Concat(_broker.Repetitions);

    /// <summary>What came at QoS 2, but for what the broker itself repeats.</summary>
    public IReadOnlyList<long> SeenOnce =>
        _broker.RepeatsAfterRestart ? Seen[2].NumbersNotSentAgain() : Seen[2].Numbers;

    /// <summary>What passed between proxy and broker.</summary>
    public WireRecord Wire => _broker.Record;

    /// <summary>True when the broker may send a message before one that it took earlier.</summary>
    public bool BrokerOvertakes => _broker.Overtakes;

    /// <summary>How many processes the publisher had.</summary>
    public int PublisherLives { get; private set; }

    private string StateDirectory { get; }

    private string Now => $"{_watch.Elapsed.TotalSeconds:F3}";

    private string OutboxFile => Path.Combine(_directory, "outbox.db");

    public static async Task<ChaosRun> StartAsync(Func<string, Task<IChaosBroker>> startBroker)
    {
        var directory = Directory.CreateTempSubdirectory("mqttscion-chaos-broker-").FullName;
        var run = new ChaosRun(directory, await startBroker(directory));
        await run.StartProxyAsync();
        await run.StartSubscribersAsync();
        run.StartPublisher();
        return run;
    }

    /// <summary>Lets a plan happen, then gathers what is left. Gives the line that sums it up.</summary>
    public async Task<string> RunAsync(ChaosPlan plan)
    {
        foreach (var act in plan.Acts)
        {
            await Task.Delay(plan.NextPause());
            await AfterAsync(act, plan.NextAbsence());
        }
        await Task.WhenAll(_subjects.Values);
        await DrainAsync();
        var counts = plan.Acts.CountBy(a => a).ToDictionary();
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{counts[ChaosAct.RestartBroker]} broker and {counts[ChaosAct.KillProxy]} + {counts[ChaosAct.StopProxy]} "
            + $"proxy restarts (killed + in order), publisher killed {counts[ChaosAct.KillPublisher]}, subscriber "
            + $"killed {counts[ChaosAct.KillSubscriber]} and cut {counts[ChaosAct.CutSubscriber]} times, "
            + $"{_reconnects} lost connections; QoS 1: {Accepted[1].Numbers.Count} accepted, {Count(Seen[1])} (to the "
            + $"one that was killed {Count(SeenByKilled)}); QoS 2: {Accepted[2].Numbers.Count} accepted, "
            + $"{Count(Seen[2])}; {_watch.Elapsed.TotalSeconds:F0} s");
    }

    public async ValueTask DisposeAsync()
    {
        if (_subscriber is not null)
        {
            await _subscriber.DisposeAsync();
        }
        foreach (var process in new[] { _publisher, _subscriberPeer, _proxy })
        {
            if (process is not null)
            {
                await process.DisposeAsync();
            }
        }
        await _broker.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
        Directory.Delete(StateDirectory, recursive: true);
    }

    // Acts on the same subject follow each other; others go on side by side.
    private async Task AfterAsync(ChaosAct act, TimeSpan absence)
    {
        var subject = act == ChaosAct.StopProxy ? ChaosAct.KillProxy : act;
        if (_subjects.TryGetValue(subject, out var before))
        {
            await before;
        }
        _subjects[subject] = NoteAsync(act, act switch
        {
            ChaosAct.RestartBroker => _broker.RestartAsync(absence),
            ChaosAct.KillProxy => RestartProxyAsync(inOrder: false, absence),
            ChaosAct.StopProxy => RestartProxyAsync(inOrder: true, absence),
            ChaosAct.KillPublisher => RestartPublisherAsync(absence),
            ChaosAct.KillSubscriber => RestartSubscriberAsync(absence),
            _ => CutSubscriberAsync(absence),
        });
    }

    private async Task NoteAsync(ChaosAct act, Task doing)
    {
        var begun = Now;
        await doing;
        _diary.Enqueue($"{begun} to {Now} {act}");
    }

    private async Task StartProxyAsync()
    {
        _proxy = TestPeerProcess.Start(
            "proxy", [$"listen={_proxyAddress}", $"broker={_broker.Address}", .. Server()]);
        _proxyAddress = (await _proxy.ReadAsync<ProxyReady>(Patience)).Address;
    }

    private async Task RestartProxyAsync(bool inOrder, TimeSpan absence)
    {
        if (!inOrder)
        {
            await _proxy!.KillAsync();
        }
        await _proxy!.DisposeAsync();
        await Task.Delay(absence);
        await StartProxyAsync();
    }

    private async Task StartSubscribersAsync()
    {
        var options = PatientClient.Options("subscriber", _proxyAddress);
        (options.Tls.TrustedCertificates, options.Tls.Certificate, options.Tls.Key) =
            (_certificates.CaFile, _certificates.ClientFile, _certificates.ClientKeyFile);
        _subscriber = new ScionMqttClient(options);
        _subscriber.Messages(Messages.Filter("chaos/+", qos: 2)).Subscribe(
            message => Seen[message.Topic[^1] - '0'].Add(
                long.Parse(message.ConvertPayloadToString(), CultureInfo.InvariantCulture),
                $"{Now}{(message.Dup ? " DUP" : "")}",
                message.Dup),
            error => Seen[1].Add(long.MinValue));
        _subscriber.ConnectionStates.Subscribe(state =>
        {
            _diary.Enqueue($"{Now} subscriber {state}");
            if (state is ConnectionState.Reconnecting { Attempt: 1 })
            {
                Interlocked.Increment(ref _reconnects);
            }
        });
        await PatientClient.ConnectAsync(_subscriber).WaitAsync(Patience);
        await using var subscribed = await _subscriber.SubscribeAsync(Messages.Filter("chaos/+", qos: 2))
            .AsTask().WaitAsync(Patience);
        // The session of the other one must be there before the first message is.
        var other = PatientClient.Options("killed", _proxyAddress);
        (other.Tls.TrustedCertificates, other.Tls.Certificate, other.Tls.Key) =
            (_certificates.CaFile, _certificates.ClientFile, _certificates.ClientKeyFile);
        await using (var client = new ScionMqttClient(other))
        {
            await PatientClient.ConnectAsync(client).WaitAsync(Patience);
            await client.SubscribeAsync(Messages.Filter("chaos/1", qos: 1)).AsTask().WaitAsync(Patience);
        }
        StartSubscriberPeer();
    }

    private void StartSubscriberPeer()
    {
        _subscriberPeer = TestPeerProcess.Start(
            "chaos-subscriber", ["client=killed", "filter=chaos/1", $"server={_proxyAddress}", .. Client()]);
        _subscriberReports = _subscriberPeer.ReadAllAsync<ChaosReceived>(r => SeenByKilled.Add(r.Number));
    }

    private async Task RestartSubscriberAsync(TimeSpan absence)
    {
        await _subscriberPeer!.KillAsync();
        await _subscriberReports;
        await _subscriberPeer.DisposeAsync();
        await Task.Delay(absence);
        StartSubscriberPeer();
    }

    private async Task CutSubscriberAsync(TimeSpan absence)
    {
        await _subscriber!.DisconnectAsync();
        await Task.Delay(absence);
        await PatientClient.ConnectAsync(_subscriber).WaitAsync(Patience);
    }

    private void StartPublisher()
    {
        PublisherLives++;
        // One number is left out: whether the last one was accepted before the kill, its process can't say.
        var last = Accepted.SelectMany(a => a.Numbers).Append(-2).Max();
        _diary.Enqueue($"{Now} publisher {PublisherLives} begins with {last + 2}");
        _publisher = TestPeerProcess.Start(
            "chaos-publisher", [$"file={OutboxFile}", $"first={last + 2}", $"server={_proxyAddress}", .. Client()]);
        _publisherReports = _publisher.ReadAllAsync<OutboxAccepted>(a => Accepted[1 + a.Number % 2].Add(a.Number));
    }

    private async Task RestartPublisherAsync(TimeSpan absence)
    {
        await _publisher!.KillAsync();
        await _publisherReports;
        foreach (var line in _publisher.Errors)
        {
            _diary.Enqueue($"publisher {PublisherLives}: {line}");
        }
        await _publisher.DisposeAsync();
        await Task.Delay(absence);
        StartPublisher();
    }

    private async Task DrainAsync()
    {
        _publisher!.TellToStop();
        (await EndsAsync(_publisherReports)).Should().BeTrue("the publisher was told to stop");
        await _publisher.DisposeAsync();
        _publisher = null;
        var options = PatientClient.Options("publisher", _proxyAddress);
        (options.Tls.TrustedCertificates, options.Tls.Certificate, options.Tls.Key) =
            (_certificates.CaFile, _certificates.ClientFile, _certificates.ClientKeyFile);
        options.OutboxStore = new SqliteOutboxStore(OutboxFile);
        await using var client = new ScionMqttClient(options);
        await PatientClient.ConnectAsync(client).WaitAsync(Patience);
        // A broker that lets messages overtake others would do so with the last ones, too. What never comes, the test
        // tells.
        _ = await EndsAsync(Task.WhenAll(
            Seen[1].WhenCameAsync(Accepted[1].Numbers),
            Seen[2].WhenCameAsync(Accepted[2].Numbers),
            SeenByKilled.WhenCameAsync(Accepted[1].Numbers)));
        foreach (var quality in new[] { 1, 2 })
        {
            var end = Messages.Of($"chaos/{quality}", $"{ChaosSightings.End}", quality);
            var published = client.PublishAsync(end).AsTask();
            (await EndsAsync(published)).Should().BeTrue("the broker answers");
            (await published).IsSuccess.Should().BeTrue();
        }
        (await EndsAsync(Task.WhenAll(Seen[1].Ended, Seen[2].Ended, SeenByKilled.Ended)))
            .Should().BeTrue("the last messages come");
    }

    // How much is left depends on the machine, and so does how long it takes: there is time as long as messages come.
    private async Task<bool> EndsAsync(Task task)
    {
        for (var before = -1; await Task.WhenAny(task, Task.Delay(Patience)) != task;)
        {
            var now = Seen[1].Numbers.Count + Seen[2].Numbers.Count + SeenByKilled.Numbers.Count;
            if (now == before)
            {
                return false;
            }
            before = now;
        }
        await task;
        return true;
    }

    private static string Count(ChaosSightings seen)
    {
        var (all, different) = (seen.Numbers.Count, seen.Numbers.Distinct().Count());
        return $"{different} delivered, {all - different} again";
    }

    private string[] Server() => Files(_certificates.ServerFile, _certificates.ServerKeyFile);

    private string[] Client() => Files(_certificates.ClientFile, _certificates.ClientKeyFile);

    private string[] Files(string certificate, string key) =>
        [$"ca={_certificates.CaFile}", $"certificate={certificate}", $"key={key}"];
}
