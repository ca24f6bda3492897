using System.Buffers.Binary;
using System.CommandLine;
using System.Diagnostics;
using MqttScion.Mqtt;
using MqttScion.Proxy.Tests.Support;
using MqttScion.Scion;
using MqttScion.Testnet;

namespace MqttScion.Benchmarks;

/// <summary>
/// The gap that a cut leaves: 200 messages/s from a publisher through the proxy, and from the broker to a subscriber
/// that sends nothing, over paths of 10 ms each way. Each sample has a client of its own.
/// </summary>
internal static class FailoverBenchmark
{
    private static readonly TimeSpan Delay = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(1.5);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(40);

    public static Command Command()
    {
        var cuts = new Option<int>("--cuts") { Description = "Cuts of each kind.", DefaultValueFactory = _ => 50 };
        var clients = new Option<int>("--clients")
        {
            Description = "Clients at a time; each is a sample.",
            DefaultValueFactory = _ => 4,
        };
        var command = new Command("failover", "The gap that a cut of the path in use leaves.") { cuts, clients };
        command.SetAction((parse, _) => RunAsync(parse.GetValue(cuts), parse.GetValue(clients)));
        return command;
    }

    private static async Task RunAsync(int cuts, int clients)
    {
        Console.WriteLine(
            $"{cuts} cuts of each kind, {clients} clients at a time, 200 messages/s each, 10 ms each way");
        foreach (var state in new[] { LinkState.Down, LinkState.Silent })
        {
            foreach (var isPublisher in new[] { true, false })
            {
                var samples = new List<Sample>();
                for (var cut = 0; cut < cuts; cut++)
                {
                    samples.AddRange(await CutAsync(state, isPublisher, clients));
                }
                Print($"{state}, {(isPublisher ? "publisher to proxy" : "proxy to subscriber")}", samples);
            }
        }
    }

    private static async Task<Sample[]> CutAsync(LinkState state, bool isPublisher, int count)
    {
        await using var broker = await PocketBroker.StartAsync();
        await using var world = await EmulatedWorld.StartAsync(broker.EndPoint.ToString());
        foreach (var link in world.Network.Links.Where(IsOfClient))
        {
            link.Change(static conditions => conditions with { Delay = Delay });
        }
        var flows = new Flow[count];
        for (var i = 0; i < count; i++)
        {
            flows[i] = await Flow.StartAsync(world, broker, $"flow/{i}", isPublisher);
        }
        await Task.Delay(WarmUp);
        var used = flows[0].Path!.Interfaces[0];
        if (!flows.All(flow => flow.Path!.Interfaces[0] == used))
        {
            throw new InvalidOperationException($"Not all use {used}: {string.Join(' ', flows.Select(f => f.Path))}");
        }
        world.Network.SetLink(used, state);
        var cutAt = Stopwatch.GetTimestamp();
        var samples = new Sample[count];
        for (var i = 0; i < count; i++)
        {
            samples[i] = await flows[i].MeasureAsync(cutAt);
        }
        foreach (var flow in flows)
        {
            await flow.DisposeAsync();
        }
        return samples;
    }

    private static bool IsOfClient(EmulatedLink link) =>
        link.A.StartsWith($"{EmulatedWorld.ClientAs}#", StringComparison.Ordinal)
        || link.B.StartsWith($"{EmulatedWorld.ClientAs}#", StringComparison.Ordinal);

    private static void Print(string name, List<Sample> samples)
    {
        var gaps = samples.Select(static sample => sample.Gap.TotalMilliseconds).Order().ToArray();
        Console.WriteLine(
            $"{name,-32} p50 {gaps[gaps.Length / 2],7:0.0} ms  p99 {gaps[gaps.Length * 99 / 100],7:0.0} ms  "
            + $"most {gaps[^1],7:0.0} ms  lost {samples.Sum(static s => s.Lost)}  "
            + $"twice {samples.Sum(static s => s.Twice)}  reconnects {samples.Sum(static s => s.Reconnects)}  "
            + $"of {gaps.Length}");
    }

    private readonly record struct Sample(TimeSpan Gap, int Lost, int Twice, int Reconnects);

    private sealed class Flow : IAsyncDisposable
    {
        private readonly ScionMqttClient _client;
        private readonly IMessageLink _direct;
        private readonly CancellationTokenSource _stop = new();
        private readonly Lock _gate = new();
        private readonly List<long> _arrivals = [];
        private readonly List<int> _numbers = [];
        private readonly MqttQualityOfServiceLevel _level;
        private readonly List<long> _sentAt = [];
        private int _connects;
        private int _sent;
        private Task _sending = Task.CompletedTask;

        private Flow(ScionMqttClient client, IMessageLink direct, MqttQualityOfServiceLevel level) =>
            (_client, _direct, _level) = (client, direct, level);

        public ScionPath? Path { get; private set; }

        public static async Task<Flow> StartAsync(
            EmulatedWorld world, PocketBroker broker, string topic, bool isPublisher)
        {
            var client = new ScionMqttClient(world.ClientOptions(topic));
            var direct = await TcpLink.ConnectAsync("127.0.0.1", broker.EndPoint.Port, $"{topic}-direct", 256);
            // A subscriber of QoS 0 sends nothing at all.
            var level = isPublisher ? MqttQualityOfServiceLevel.AtLeastOnce : MqttQualityOfServiceLevel.AtMostOnce;
            var flow = new Flow(client, direct, level);
            client.ConnectionStates.Subscribe(flow.OnState);
            client.Paths.Subscribe(e => flow.Path = e is PathEvent.Selected selected ? selected.Path : flow.Path);
            await client.ConnectAsync();
            IMessageLink through = new Through(client);
            await (isPublisher ? direct : through).SubscribeAsync(
                new MqttTopicFilter { Topic = topic, QualityOfServiceLevel = level }, flow.OnMessage);
            flow._sending = Task.Run(() => flow.SendAsync(isPublisher ? through : direct, topic));
            return flow;
        }

        public async Task<Sample> MeasureAsync(long cutAt)
        {
            // What was behind the link when it was cut still arrives; what was sent later does over a new path only.
            long first = 0;
            var startedAt = Stopwatch.GetTimestamp();
            while (first == 0 && Stopwatch.GetElapsedTime(startedAt) < Patience)
            {
                await Task.Delay(20);
                lock (_gate)
                {
                    for (var i = 0; i < _arrivals.Count && first == 0; i++)
                    {
                        first = _sentAt[_numbers[i]] >= cutAt ? _arrivals[i] : 0;
                    }
                }
            }
            await Task.Delay(200);
            await _stop.CancelAsync();
            await _sending;
            await Task.Delay(300);
            var gap = first == 0 ? Patience : Stopwatch.GetElapsedTime(cutAt, first);
            lock (_gate)
            {
                var distinct = _numbers.Distinct().Count();
                var lost = _level == MqttQualityOfServiceLevel.AtMostOnce ? 0 : _sent - distinct;
                return new Sample(gap, lost, _numbers.Count - distinct, _connects - 1);
            }
        }

        public async ValueTask DisposeAsync()
        {
            await _client.DisposeAsync();
            await _direct.DisposeAsync();
            _stop.Dispose();
        }

        private void OnState(ConnectionState state)
        {
            if (state is ConnectionState.Connected)
            {
                Interlocked.Increment(ref _connects);
            }
        }

        private void OnMessage(MqttApplicationMessage message)
        {
            lock (_gate)
            {
                _arrivals.Add(Stopwatch.GetTimestamp());
                _numbers.Add(BinaryPrimitives.ReadInt32BigEndian(message.Payload.Span));
            }
        }

        private async Task SendAsync(IMessageLink link, string topic)
        {
            var pending = new List<Task>();
            using var timer = new PeriodicTimer(Interval);
            while (!_stop.IsCancellationRequested && await timer.WaitForNextTickAsync())
            {
                var payload = new byte[64];
                BinaryPrimitives.WriteInt32BigEndian(payload, _sent++);
                lock (_gate)
                {
                    _sentAt.Add(Stopwatch.GetTimestamp());
                }
                pending.Add(link.PublishAsync(new MqttApplicationMessage
                {
                    Topic = topic,
                    Payload = payload,
                    QualityOfServiceLevel = _level,
                }).AsTask());
            }
            await Task.WhenAll(pending).WaitAsync(Patience);
        }
    }

    private sealed class Through(ScionMqttClient client) : IMessageLink
    {
        public async Task SubscribeAsync(MqttTopicFilter filter, Action<MqttApplicationMessage> onMessage) =>
            (await client.SubscribeAsync(filter)).Messages.Subscribe(onMessage);

        public ValueTask<MqttClientPublishResult> PublishAsync(MqttApplicationMessage message) =>
            client.PublishAsync(message);

        public ValueTask DisposeAsync() => default;
    }
}
