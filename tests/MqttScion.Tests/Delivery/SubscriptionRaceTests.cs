using System.Reactive.Disposables;
using MqttScion.Tests.Support;

namespace MqttScion.Tests.Delivery;

/// <summary>Threads that subscribe and dispose, while answers and messages come and connections are lost.</summary>
public sealed class SubscriptionRaceTests
{
    private const int ThreadCount = 4;
    private const int StepCount = 2000;

    private static readonly string[] _filters = ["a", "a/b", "a/#", "+/b", "$share/g/a/b"];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task What_is_observed_at_the_end_is_what_the_server_holds(int seed)
    {
        var hub = new SubscriptionHub(
            TestSettings.With(o =>
            {
                o.MaxQueuedMessages = 10;
                o.MaxQueuedBytes = 1000;
                o.UnsubscribeDelay = TimeSpan.Zero; // Shared filters too go at once.
            }),
            new DropRecorder());
        var server = new HashSet<string>();
        var link = Connect(hub, server, isFirst: true);
        using var left = new CompositeDisposable();
        var users = Start(i => Use(hub, (seed * 100) + i, left));
        var random = new Random(seed);
        var acknowledged = 0;

        while (!users.All(u => u.IsCompleted))
        {
            switch (random.Next(20))
            {
                case 0:
                    hub.OnDisconnected(link);
                    // What was asked for on the wire that is cut is lost, but for what was written.
                    Replay(link, server);
                    link = Connect(hub, server, isFirst: random.Next(2) == 0);
                    break;
                case < 6:
                    link.Grant();
                    break;
                case < 10:
                    link.AnswerUnsubscribe();
                    break;
                default:
                    acknowledged += link.Say("a/b", "x", qos: random.Next(2)) > 0 ? 1 : 0;
                    break;
            }
            link.Write();
        }
        await Task.WhenAll(users);
        hub.OnDisconnected(link);
        Replay(link, server);
        link = Connect(hub, server, isFirst: false);
        link.Grant();
        Replay(link, server);

        server.Should().BeEquivalentTo(left.Cast<Held>().Select(h => h.Filter).Distinct());
        left.Dispose();
        Replay(link, server);
        server.Should().BeEmpty();
        acknowledged.Should().BePositive();
    }

    [Fact]
    public async Task Every_message_is_answered_once_while_consumers_come_and_go()
    {
        var hub = new SubscriptionHub(
            TestSettings.With(o =>
            {
                o.MaxQueuedMessages = 10;
                o.MaxQueuedBytes = 1000;
                o.UnsubscribeDelay = TimeSpan.Zero; // Shared filters too go at once.
            }),
            new DropRecorder());
        var link = Connect(hub, [], isFirst: true);
        using var left = new CompositeDisposable();
        var users = Start(i => Use(hub, i, left));
        var said = 0;

        while (!users.All(u => u.IsCompleted) && said < 60_000)
        {
            link.Say(said % 2 == 0 ? "a/b" : "a", "x", qos: 1);
            said++;
        }
        await Task.WhenAll(users);
        left.Dispose();
        await link.WhenAnsweredAsync(said);

        link.Answers.Select(a => a.PacketId).Should().OnlyHaveUniqueItems();
        link.Answers.Should().HaveCount(said);
    }

    private static Task[] Start(Action<int> use) =>
        [.. Enumerable.Range(0, ThreadCount).Select(i => Task.Run(() => use(i)))];

    private static void Use(SubscriptionHub hub, int seed, CompositeDisposable left)
    {
        var random = new Random(seed);
        var held = new List<IDisposable>();
        for (var i = 0; i < StepCount; i++)
        {
            if (held.Count > 0 && random.Next(2) == 0)
            {
                var at = random.Next(held.Count);
                held[at].Dispose();
                held.RemoveAt(at);
                continue;
            }
            var filter = Messages.Filter(_filters[random.Next(_filters.Length)], random.Next(2));
            held.Add(random.Next(3) switch
            {
                0 => hub.Messages(filter).Subscribe(_ => { }, _ => { }),
                1 => hub.Handle(filter, null, (_, _) => default),
                _ => hub.Read(filter, hub.BoundsOf(null)),
            });
        }
        held.ForEach(h => h.Dispose());
        var last = _filters[seed % _filters.Length];
        left.Add(new Held(last, hub.Messages(last).Subscribe(_ => { }, _ => { })));
    }

    private static FakeLink Connect(SubscriptionHub hub, HashSet<string> server, bool isFirst)
    {
        var link = new FakeLink(hub);
        if (isFirst)
        {
            server.Clear();
        }
        hub.OnConnected(link, isSessionPresent: !isFirst, isKnown: !isFirst);
        return link;
    }

    private static void Replay(FakeLink link, HashSet<string> server)
    {
        foreach (var line in link.Wire)
        {
            var words = line.Split(' ');
            _ = words[0] == "SUBSCRIBE" ? server.Add(words[1]) : server.Remove(words[1]);
        }
    }

    private sealed record Held(string Filter, IDisposable Subscription) : IDisposable
    {
        public void Dispose() => Subscription.Dispose();
    }
}
