namespace MqttScion.Scion.Tests;

public sealed class PathProberTests : IDisposable
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(10);
    private static readonly DateTimeOffset Expiry = VirtualClock.Start.AddHours(2);

    private readonly VirtualClock _clock = new();
    private readonly ScriptedNetwork _network;
    private readonly PathStore _store;
    private readonly List<PathEvent> _events = [];
    private readonly List<(TimeSpan At, ScionPath Path)> _sent = [];
    private readonly PriorityQueue<byte[], TimeSpan> _onTheWay = new();
    private readonly byte[] _packet = new byte[1500];
    private readonly ScionPath _a;
    private readonly ScionPath _b;

    public PathProberTests()
    {
        (_network, _store) = (new ScriptedNetwork(_clock), new PathStore(_clock));
        _a = _network.Route(TestPaths.OnWire(Expiry, exit: 2, "1-2"));
        _b = _network.Route(TestPaths.OnWire(Expiry, exit: 3, "1-3"));
        _store.Update([_a, _b]);
        _store.Events.Subscribe(_events.Add);
        _events.Clear();
    }

    public void Dispose() => _store.Dispose();

    [Fact]
    public void Standby_paths_are_probed_at_the_interval_and_the_one_in_use_is_not()
    {
        _store.Select(_a, "first");
        var prober = Prober();
        Run(prober, 60 * Second);
        _sent.Should().OnlyContain(probe => probe.Path == _b).And.HaveCountGreaterThanOrEqualTo(6);
        _sent.Zip(_sent.Skip(1), (one, next) => (next.At - one.At).TotalSeconds)
            .Should().OnlyContain(gap => gap >= 9 && gap <= 11.02);
        prober.QualityOf(_b)!.ReplyCount.Should().Be(prober.QualityOf(_b)!.SentCount);
        prober.QualityOf(_a)!.SentCount.Should().Be(0);
    }

    [Fact]
    public void Rate_over_all_paths_is_limited()
    {
        var paths = Enumerable.Range(10, 100).Select(i => TestPaths.OnWire(Expiry, (ushort)i, "1-2")).ToList();
        paths.ForEach(path => _network.Route(path));
        _store.Update(paths);
        var prober = Prober(new PathProberOptions { MaxPerSecond = 5 });
        Run(prober, 10 * Second);
        _sent.Should().HaveCountLessThanOrEqualTo(51).And.HaveCountGreaterThan(45);
        _sent.Select(probe => probe.Path).Should().OnlyHaveUniqueItems("a path waits until the others had their turn");
    }

    [Fact]
    public void Silence_marks_down_after_three_losses_in_a_row_and_an_answer_up_again()
    {
        var prober = Prober();
        Run(prober, 15 * Second);
        _network.Silent.Add(new PathInterface(IsdAs.Parse("1-3"), 2));
        Run(prober, 15 * Second);

        _events.Should().Equal(new PathEvent.Down(_b, "3 probes in a row lost"));
        var lost = _sent.Where(probe => probe.Path == _b && probe.At > 15 * Second).Take(3).ToList();
        (lost[2].At - lost[0].At).Should().BeLessThan(2.5 * Second, "a loss is followed up at once");
        prober.QualityOf(_b)!.Loss.Should().BeGreaterThan(0);

        _network.Silent.Clear();
        _events.Clear();
        Run(prober, 12 * Second);
        _events.Should().Contain(new PathEvent.Found(_b));
        _store.UpPaths.Should().Equal(_a, _b);
    }

    [Fact]
    public void Network_that_answers_no_probe_at_all_takes_no_path_down()
    {
        _network.Silent.UnionWith([_a.Interfaces[^2], _b.Interfaces[^2]]);
        var prober = Prober();
        Run(prober, 30 * Second);
        _sent.Should().HaveCountGreaterThan(5);
        _store.UpPaths.Should().Equal(_a, _b);
        prober.QualityOf(_b)!.Loss.Should().Be(1);
    }

    [Fact]
    public void Path_in_use_that_is_down_is_probed_until_it_is_up()
    {
        _store.Select(_a, "first");
        var prober = Prober();
        Run(prober, Second);
        _store.MarkDown(_a, "silence");
        _sent.Should().NotContain(probe => probe.Path == _a);
        Run(prober, 9 * Second);
        _events.Should().Contain(new PathEvent.Found(_a), "before its hold-off ended");
    }

    [Fact]
    public void Round_trips_twice_as_long_are_reported_once_and_again_after_they_recovered()
    {
        _network.Rtts[3] = 0.02 * Second;
        var prober = Prober(new PathProberOptions { Interval = Second });
        Run(prober, 20 * Second);
        prober.QualityOf(_b)!.SmoothedRtt.Should().BeCloseTo(0.02 * Second, Step);
        _network.Rtts[3] = 0.1 * Second;
        Run(prober, 60 * Second);
        var degraded = _events.OfType<PathEvent.Degraded>().Should().ContainSingle().Subject;
        degraded.Path.Should().Be(_b);
        degraded.Rtt.Should().BeGreaterThan(0.04 * Second);
        prober.QualityOf(_b)!.BaselineRtt.Should().BeCloseTo(0.02 * Second, Step);

        _network.Rtts[3] = 0.02 * Second;
        Run(prober, 60 * Second);
        _network.Rtts[3] = 0.1 * Second;
        Run(prober, 60 * Second);
        _events.OfType<PathEvent.Degraded>().Should().HaveCount(2);
    }

    [Fact]
    public void Request_probes_even_the_path_in_use_but_once_a_second_at_most()
    {
        _store.Select(_a, "first");
        var prober = Prober();
        Run(prober, 2 * Second);
        _sent.Clear();
        for (var i = 0; i < 300; i++)
        {
            prober.Request(_a, _clock.Elapsed);
            Run(prober, Step);
        }
        _sent.Count(probe => probe.Path == _a).Should().BeInRange(3, 4);
        prober.Request(TestPaths.Via("9-9"), _clock.Elapsed);
    }

    [Fact]
    public void Echo_to_a_host_serves_as_well()
    {
        var prober = Prober(new PathProberOptions { EchoHost = ScmpPackets.Server.Host });
        Run(prober, 3 * Second);
        prober.QualityOf(_a)!.LastRtt.Should().NotBeNull();
        prober.Counts.Should().Be(default(ProbeCounts));
    }

    [Fact]
    public void Error_to_a_probe_is_a_loss_and_is_recognized_by_a_reactor()
    {
        var prober = Prober();
        var reactor = new ScmpReactor([_store], prober.Recognizes);
        _network.Cut.Add(new PathInterface(IsdAs.Parse("1-3"), 2));
        Run(prober, Second, reactor);
        _events.OfType<PathEvent.Down>().Should().ContainSingle()
            .Which.Fault!.Interface.Should().Be(new PathInterface(IsdAs.Parse("1-3"), 2));
        reactor.Count(ScmpType.ExternalInterfaceDown, ScmpReaction.MarkedDown).Should().BeGreaterThan(0);
    }

    [Fact]
    public void Refusal_by_the_destination_shows_that_the_path_is_up()
    {
        _network.IsDeafToAlerts = true;
        var prober = Prober();
        Run(prober, 15 * Second);
        _events.Should().BeEmpty();
        prober.QualityOf(_b)!.Loss.Should().Be(0);
        prober.QualityOf(_b)!.LastRtt.Should().BeCloseTo(Step, Step);
    }

    [Fact]
    public void Path_that_left_the_store_is_not_probed_any_more_and_its_answer_harms_nothing()
    {
        var prober = Prober();
        prober.TryTransmit(_packet, _clock.Elapsed, out var probe).Should().BeTrue();
        var answer = _network.Answer(_packet.AsSpan(0, probe.Length))!;
        _store.Update([_b]);
        Run(prober, 30 * Second);
        _sent.Should().OnlyContain(sent => sent.Path == _b);
        prober.QualityOf(_a).Should().BeNull();
        prober.Receive(ScriptedNetwork.Read(answer), _clock.Elapsed).Should().BeFalse();
    }

    [Fact]
    public void Path_inside_one_as_or_without_a_router_is_left_out()
    {
        _store.Update([ScionPath.SameAs(TestPaths.Source, 1400, Expiry), _a.WithNextHop(null)]);
        var prober = Prober();
        Run(prober, 3 * Second);
        _sent.Should().BeEmpty();
    }

    [Fact]
    public void Options_out_of_range_are_refused()
    {
        var make = () => Prober(new PathProberOptions { MaxPerSecond = 0 });
        make.Should().Throw<ArgumentOutOfRangeException>().WithMessage("*MaxPerSecond*");
        make = () => Prober(new PathProberOptions { Interval = TimeSpan.MaxValue });
        make.Should().Throw<ArgumentOutOfRangeException>().WithMessage("*Interval*");
        make = () => Prober(new PathProberOptions { Timeout = TimeSpan.MaxValue });
        make.Should().Throw<ArgumentOutOfRangeException>().WithMessage("*Timeout*");
    }

    private PathProber Prober(PathProberOptions? options = null) =>
        new(_store, ScmpPackets.Client, new Random(1), options);

    private void Run(PathProber prober, TimeSpan duration, ScmpReactor? reactor = null)
    {
        for (var end = _clock.Elapsed + duration; _clock.Elapsed < end; _clock.Advance(Step))
        {
            var now = _clock.Elapsed;
            while (_onTheWay.TryPeek(out var answer, out var due) && due <= now)
            {
                _onTheWay.Dequeue();
                reactor?.Receive(ScriptedNetwork.Read(answer), now);
                prober.Receive(ScriptedNetwork.Read(answer), now);
            }
            prober.OnTimeout(now);
            while (prober.TryTransmit(_packet, now, out var probe))
            {
                _sent.Add((now, probe.Path));
                if (_network.Answer(_packet.AsSpan(0, probe.Length)) is { } answered)
                {
                    var rtt = _network.Rtts.GetValueOrDefault(probe.Path.Interfaces[0].Id, Step);
                    _onTheWay.Enqueue(answered, now + rtt);
                }
            }
            prober.NextTimeout.Should().NotBeNull();
            if (_sent.Count > 0)
                prober.NextTimeout!.Value.Should().BeGreaterThan(now);
        }
    }
}
