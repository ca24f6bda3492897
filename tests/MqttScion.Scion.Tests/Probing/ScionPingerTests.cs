using System.Net;
using System.Reactive.Linq;
using System.Reactive.Threading.Tasks;

namespace MqttScion.Scion.Tests;

public sealed class ScionPingerTests : IAsyncDisposable
{
    private static readonly TimeSpan LongEnough = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(100);
    private static readonly ScionHost Host = ScmpPackets.Server.Host;

    private readonly ScriptedNetwork _network;
    private readonly LoopbackRouter _router;
    private readonly PathStore _store = new();
    private readonly ScionPinger _pinger;
    private readonly ScionPath _a;
    private readonly ScionPath _b;

    public ScionPingerTests()
    {
        var clock = new VirtualClock();
        _network = new ScriptedNetwork(clock);
        _router = new LoopbackRouter(_network);
        _a = _network.Route(TestPaths.OnWire(clock.GetUtcNow().AddMinutes(5), exit: 2, "1-2", "1-4"))
            .WithNextHop(_router.Address);
        _b = _network.Route(TestPaths.OnWire(clock.GetUtcNow().AddMinutes(5), exit: 3, "1-3"))
            .WithNextHop(_router.Address);
        var socket = new ScionSocket(TestPaths.Source, new UdpUnderlay(new IPEndPoint(IPAddress.Loopback, 0)));
        _pinger = new ScionPinger(socket, [_store], (ushort)_router.Address.Port);
    }

    public async ValueTask DisposeAsync()
    {
        await _pinger.DisposeAsync();
        await _router.DisposeAsync();
        _store.Dispose();
    }

    [Fact]
    public async Task Ping_over_a_path_gives_round_trip_and_size()
    {
        var result = await _pinger.PingAsync(_a, Host, payloadLength: 1000, LongEnough);
        result.Path.Should().BeSameAs(_a);
        var reply = result.Outcome.Should().BeOfType<ProbeOutcome.Replied>().Subject;
        reply.PayloadLength.Should().Be(1000);
        reply.From.Should().Be(ScmpPackets.Server with { Port = 0 });
        reply.Rtt.Should().BePositive().And.BeLessThan(LongEnough);
    }

    [Fact]
    public async Task Ping_inside_one_as_goes_to_the_responder_of_the_host()
    {
        var local = ScionPath.SameAs(TestPaths.Source, 1400, DateTimeOffset.MaxValue);
        var host = ScionHost.FromIPAddress(IPAddress.Loopback);
        var result = await _pinger.PingAsync(local, host, payloadLength: 8, LongEnough);
        result.Outcome.Should().BeOfType<ProbeOutcome.Replied>();
    }

    [Fact]
    public async Task Pings_at_once_each_get_their_own_answer()
    {
        var sizes = Enumerable.Range(0, 200).ToList();
        var results = await Task.WhenAll(
            sizes.Select(size => _pinger.PingAsync(size % 2 == 0 ? _a : _b, Host, size, LongEnough)));
        results.Select(result => ((ProbeOutcome.Replied)result.Outcome).PayloadLength).Should().Equal(sizes);
        _pinger.Counts.Should().Be(default(ProbeCounts));
    }

    [Fact]
    public async Task Ping_without_an_answer_times_out()
    {
        _network.Silent.Add(_a.Interfaces[0]);
        var result = await _pinger.PingAsync(_a, Host, payloadLength: 8, Short);
        result.Outcome.Should().Be(new ProbeOutcome.TimedOut(Short));
    }

    [Fact]
    public async Task Ping_answered_by_an_error_reports_it_and_marks_the_store()
    {
        _store.Update([_a, _b]);
        _network.Cut.Add(_a.Interfaces[2]);
        var result = await _pinger.PingAsync(_a, Host, payloadLength: 8, LongEnough);
        var refused = result.Outcome.Should().BeOfType<ProbeOutcome.Refused>().Subject;
        refused.Scmp.Should().Be(ScmpPackets.InterfaceDown("1-2", 2));
        refused.From.IsdAs.Should().Be(IsdAs.Parse("1-2"));
        _store.UpPaths.Should().Equal(_b);
    }

    [Fact]
    public async Task Pings_take_the_path_that_is_current_each_time()
    {
        ScionPath?[] current = [null, _a, _b];
        var turn = -1;
        var results = await _pinger
            .Pings(() => current[Math.Min(++turn, 2)], Host, 8, TimeSpan.FromMilliseconds(30), LongEnough)
            .Distinct(result => result.Path)
            .Take(3)
            .ToList()
            .ToTask();
        results[0].Should().Be(new PingResult(Path: null, new ProbeOutcome.NotSent("no path")));
        results.Skip(1).Select(result => result.Path).Should().BeEquivalentTo([_a, _b]);
        results.Skip(1).Should().OnlyContain(result => result.Outcome is ProbeOutcome.Replied);
    }

    [Fact]
    public async Task Traceroute_finds_every_interface_in_the_order_of_travel()
    {
        _network.Cut.Add(_a.Interfaces[4]);
        List<TracerouteHop> hops = [];
        await foreach (var hop in _pinger.TracerouteAsync(_a, LongEnough, requestsPerHop: 2))
        {
            hops.Add(hop);
        }
        hops.Select(hop => hop.Interface).Should().Equal(_a.Interfaces);
        hops.SkipLast(1).SelectMany(hop => hop.Outcomes).Should().HaveCount(10)
            .And.OnlyContain(outcome => outcome is ProbeOutcome.Replied);
        hops[^1].Outcomes.Should().OnlyContain(outcome => outcome is ProbeOutcome.Refused, "the link before is cut");
    }

    [Fact]
    public async Task Probe_tells_the_status_of_each_path()
    {
        _network.Cut.Add(_b.Interfaces[0]);
        var silent = _network.Route(TestPaths.OnWire(VirtualClock.Start.AddMinutes(5), exit: 4, "1-5"))
            .WithNextHop(_router.Address);
        _network.Silent.Add(silent.Interfaces[0]);
        var local = ScionPath.SameAs(TestPaths.Source, 1400, DateTimeOffset.MaxValue);

        var statuses = await _pinger.ProbeAsync([_a, _b, silent, local, _a.WithNextHop(null)], LongEnough / 2);

        statuses.Select(status => status.Outcome.GetType()).Should().Equal(
            typeof(ProbeOutcome.Replied),
            typeof(ProbeOutcome.Refused),
            typeof(ProbeOutcome.TimedOut),
            typeof(ProbeOutcome.NotSent),
            typeof(ProbeOutcome.NotSent));
        statuses.Select(status => status.IsAlive).Should().Equal(true, false, false, true, false);
    }

    [Fact]
    public async Task Request_that_cannot_be_sent_says_why()
    {
        var elsewhere = ScionPath.SameAs(TestPaths.Destination, 1400, DateTimeOffset.MaxValue);
        var result = await _pinger.PingAsync(elsewhere, Host, payloadLength: 8, LongEnough);
        result.Outcome.Should().Be(new ProbeOutcome.NotSent("the path starts in 2-1, not in 1-1"));
        result = await _pinger.PingAsync(_a, Host, payloadLength: 70_000, LongEnough);
        result.Outcome.Should().BeOfType<ProbeOutcome.NotSent>();
    }

    [Fact]
    public async Task Longest_possible_timeout_does_not_end_the_loop()
    {
        var result = await _pinger.PingAsync(_a, Host, payloadLength: 8, TimeSpan.MaxValue);
        result.Outcome.Should().BeOfType<ProbeOutcome.Replied>();
    }

    [Fact]
    public async Task Cancellation_ends_the_wait()
    {
        _network.Silent.Add(_a.Interfaces[0]);
        using var cancellation = new CancellationTokenSource();
        var ping = _pinger.PingAsync(_a, Host, 8, LongEnough, cancellation.Token);
        await cancellation.CancelAsync();
        var wait = () => ping;
        await wait.Should().ThrowAsync<OperationCanceledException>();
    }

    [Fact]
    public async Task Dispose_fails_open_requests_and_later_ones()
    {
        _network.Silent.Add(_a.Interfaces[0]);
        var open = _pinger.PingAsync(_a, Host, 8, LongEnough);
        await _pinger.DisposeAsync();
        var wait = () => open;
        await wait.Should().ThrowAsync<ObjectDisposedException>();
        var later = () => _pinger.PingAsync(_a, Host, 8, LongEnough);
        await later.Should().ThrowAsync<ObjectDisposedException>();
    }
}
