namespace MqttScion.Scion.Tests;

/// <summary>Segments live for a minute, routers reject expired hop fields, a ping every second never misses.</summary>
public sealed class RenewalTests : IAsyncDisposable
{
    private const int Pings = 900;

    private static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Rtt = TimeSpan.FromMilliseconds(40);

    private readonly VirtualClock _clock = new();
    private readonly ScriptedNetwork _network;
    private readonly PathStore _store;
    private readonly ScriptedPathSource _source;
    private readonly ScmpExchanges<int> _exchanges = new(ScmpPackets.Client, new Random(2));
    private readonly ScmpReactor _reactor;
    private readonly PathRefresher _refresher;
    private readonly StickySelector _selector;
    private readonly List<ProbeOutcome> _outcomes = [];
    private readonly byte[] _packet = new byte[1500];

    public RenewalTests()
    {
        _network = new ScriptedNetwork(_clock);
        _store = new PathStore(_clock);
        _source = new ScriptedPathSource(_clock) { Answer = () => [Mint(exit: 2, "1-2"), Mint(exit: 3, "1-3")] };
        _reactor = new ScmpReactor([_store], _exchanges.Recognizes);
        _refresher = new PathRefresher(
            _source, TestPaths.Destination, _store, policy: null, localIsdAs: null, _clock, new Random(3));
        _selector = new StickySelector(_store);
    }

    public async ValueTask DisposeAsync()
    {
        _selector.Dispose();
        await _refresher.DisposeAsync();
        _store.Dispose();
    }

    [Fact]
    public void Ping_every_second_over_the_current_path_never_misses()
    {
        var used = PingEverySecond(() => _store.Selected);

        _outcomes.Should().HaveCount(Pings).And.OnlyContain(outcome => outcome is ProbeOutcome.Replied);
        _network.ExpiredCount.Should().Be(0);
        used.Select(path => path.Expiry).Distinct().Should().HaveCountGreaterThan(Pings / 60);
        used.Distinct().Should().ContainSingle("a renewal is not another path");
        _exchanges.Counts.Should().Be(default(ProbeCounts));
    }

    [Fact]
    public void Ping_over_one_fixed_path_misses_as_soon_as_it_expires()
    {
        var first = _store.Selected;
        PingEverySecond(() => first);

        _outcomes.Take(59).Should().OnlyContain(outcome => outcome is ProbeOutcome.Replied);
        _outcomes.Skip(61).Should().OnlyContain(outcome => outcome is ProbeOutcome.Refused);
        ((ProbeOutcome.Refused)_outcomes[^1]).Scmp.Code.Should().Be(ScmpCode.PathExpired);
        _store.UpPaths.Should().HaveCount(2, "what routers say about old hop fields is no fault of the renewed path");
    }

    [Fact]
    public void Router_that_rejects_hop_fields_early_costs_one_ping_each_time()
    {
        // Every path has 45 s less than it seems: no look-up is due when routers reject it.
        _source.Answer = () => [Mint(exit: 2, "1-2", lessSeconds: 45), Mint(exit: 3, "1-3", lessSeconds: 45)];
        _refresher.Request();
        _clock.Advance(TimeSpan.FromSeconds(3));

        PingEverySecond(() => _store.Selected);

        var missed = _outcomes.Index().Where(ping => ping.Item is not ProbeOutcome.Replied).Select(ping => ping.Index);
        missed.Should().HaveCountGreaterThan(Pings / 60);
        missed.Zip(missed.Skip(1), (one, next) => next - one).Should().OnlyContain(gap => gap >= 14);
    }

    [Fact]
    public void Link_cut_is_seen_within_one_round_trip_and_the_next_ping_takes_the_other_path()
    {
        List<PathEvent> events = [];
        _store.Events.Subscribe(events.Add);
        PingEverySecond(() => _store.Selected, count: 10);
        events.Clear();
        var cut = _store.Selected!.Interfaces[2];
        _network.Cut.Add(cut);

        PingEverySecond(() => _store.Selected, count: 5);

        _outcomes[10].Should().BeOfType<ProbeOutcome.Refused>();
        _outcomes.Skip(11).Should().OnlyContain(outcome => outcome is ProbeOutcome.Replied);
        events.OfType<PathEvent.Down>().First().Interface.Should().Be(cut);
        events.OfType<PathEvent.Selected>().First().Path.Interfaces.Should().NotContain(cut);
    }

    private List<ScionPath> PingEverySecond(Func<ScionPath?> current, int count = Pings)
    {
        List<ScionPath> used = [];
        for (var i = 0; i < count; i++)
        {
            var path = current();
            path.Should().NotBeNull();
            used.Add(path!);
            Ping(path!, i);
        }
        return used;
    }

    private void Ping(ScionPath path, int number)
    {
        var request = ScmpRequest.Echo(path, ScmpPackets.Server.Host, payloadLength: 56);
        var timeout = TimeSpan.FromSeconds(1);
        _exchanges.TryStart(_packet, request, number, _clock.Elapsed, timeout, out var length, out _).Should().BeTrue();
        _clock.Advance(Rtt / 2);
        var answer = _network.Answer(_packet.AsSpan(0, length));
        _clock.Advance(Rtt / 2);
        answer.Should().NotBeNull();
        _reactor.Receive(ScriptedNetwork.Read(answer!), _clock.Elapsed);
        _exchanges.TryReceive(ScriptedNetwork.Read(answer!), _clock.Elapsed, out var answered, out var outcome)
            .Should().BeTrue();
        answered.Should().Be(number);
        _outcomes.Add(outcome!);
        _clock.Advance(timeout - Rtt);
        _exchanges.TryTimeOut(_clock.Elapsed, out _, out _).Should().BeFalse();
    }

    private ScionPath Mint(ushort exit, string via, int lessSeconds = 0)
    {
        var made = _network.Route(TestPaths.OnWire(_clock.GetUtcNow() + Lifetime, exit, via));
        if (lessSeconds == 0)
        {
            return made;
        }
        // What the wire says is less than what the source tells.
        var early = TestPaths.OnWire(_clock.GetUtcNow() + Lifetime - TimeSpan.FromSeconds(lessSeconds), exit, via);
        return new ScionPath(early.DataplanePath, [.. early.Interfaces], early.Mtu, made.Expiry, early.NextHop);
    }
}
