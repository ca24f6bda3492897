namespace MqttScion.Scion.Tests;

public sealed class PathStoreTests : IDisposable
{
    private readonly VirtualClock _clock = new();
    private readonly PathStore _store;
    private readonly List<PathEvent> _events = [];

    public PathStoreTests() => _store = new PathStore(_clock);

    public void Dispose() => _store.Dispose();

    [Fact]
    public void Update_new_and_missing_paths_are_found_and_lost()
    {
        using var subscription = _store.Events.Subscribe(_events.Add);
        var (a, b, c) = (TestPaths.Via("1-2"), TestPaths.Via("1-3"), TestPaths.Via("1-4"));

        _store.Update([a, b]);
        _store.Update([b, c]);

        _events.Should().Equal(
            new PathEvent.Found(a), new PathEvent.Found(b), new PathEvent.Lost(a), new PathEvent.Found(c));
        _store.Paths.Should().Equal(b, c);
    }

    [Fact]
    public void Path_that_follows_one_that_is_lost_names_it_as_the_previous()
    {
        var (a, b) = (TestPaths.Via("1-2"), TestPaths.Via("1-3"));
        _store.Update([a, b]);
        _store.Select(a, "first");
        _store.Update([b]);
        using var subscription = _store.Events.Subscribe(_events.Add);
        _events.Clear();

        _store.Select(b, "chosen");

        _events.Should().Equal(new PathEvent.Selected(b, a, "chosen"));
    }

    [Fact]
    public void Silence_behind_a_path_is_told_as_unanswered_and_holds_the_path_back()
    {
        var (a, b) = (TestPaths.Via("1-2"), TestPaths.Via("1-3"));
        _store.Update([a, b]);
        using var subscription = _store.Events.Subscribe(_events.Add);
        _events.Clear();

        _store.MarkUnanswered(a, "no answer").Should().BeTrue();
        _store.MarkUnanswered(a, "no answer").Should().BeFalse();

        _events.Should().Equal(new PathEvent.Unanswered(a, "no answer"));
        _store.Candidates.Should().Equal(b, a);
        _store.UpPaths.Should().Equal(b);
    }

    [Fact]
    public void Path_behind_which_nobody_answered_is_told_as_down_once_there_is_evidence()
    {
        var a = TestPaths.Via("1-2");
        _store.Update([a]);
        _store.MarkUnanswered(a, "no answer");
        using var subscription = _store.Events.Subscribe(_events.Add);
        _events.Should().Equal(new PathEvent.Found(a), new PathEvent.Unanswered(a, "no answer"));
        _events.Clear();

        _store.MarkDown(a, "SCMP").Should().BeTrue();
        _store.MarkUnanswered(a, "no answer").Should().BeFalse();

        _events.Should().Equal(new PathEvent.Down(a, "SCMP"));
    }

    [Fact]
    public void Interface_that_is_down_tells_more_than_silence_did()
    {
        var a = TestPaths.Via("1-2");
        _store.Update([a]);
        _store.MarkUnanswered(a, "no answer");
        using var subscription = _store.Events.Subscribe(_events.Add);
        _events.Clear();

        _store.MarkDown(a.Interfaces[0], "cut");

        _events.Should().Equal(new PathEvent.Down(a, "cut"));
    }

    [Fact]
    public void Update_beyond_the_bound_leaves_the_last_paths_out()
    {
        var paths = Enumerable.Range(1, PathStore.MaxPaths + 1).Select(i => TestPaths.Via($"1-{i}")).ToList();
        _store.Update(paths);
        _store.Paths.Should().Equal(paths.Take(PathStore.MaxPaths));
    }

    [Fact]
    public void Events_late_observer_gets_the_current_set_first()
    {
        var (a, b) = (TestPaths.Via("1-2"), TestPaths.Via("1-3"));
        _store.Update([a, b]);
        _store.Select(a, "first");
        _store.MarkDown(b, "silence");

        using var subscription = _store.Events.Subscribe(_events.Add);
        _store.Select(b, "chosen");

        _events.Should().Equal(
            new PathEvent.Found(a),
            new PathEvent.Found(b),
            new PathEvent.Down(b, "silence"),
            new PathEvent.Selected(a, null, "first"),
            new PathEvent.Selected(b, a, "chosen"));
        _store.UpPaths.Should().Equal(a);
        _store.Candidates.Should().Equal(a, b);
    }

    [Fact]
    public void Update_renewed_path_in_use_is_selected_again_and_an_identical_one_is_not()
    {
        var old = TestPaths.Via("1-2", VirtualClock.Start);
        var renewed = TestPaths.Via("1-2", VirtualClock.Start.AddHours(1));
        _store.Update([old]);
        _store.Select(old, "first");
        Watch();

        _store.Update([TestPaths.Via("1-2", VirtualClock.Start)]);
        _store.Update([renewed]);

        _events.Should().ContainSingle().Which.Should().BeOfType<PathEvent.Selected>()
            .Which.Path.Should().BeSameAs(renewed);
        _store.Selected.Should().BeSameAs(renewed);
        _store.Paths.Should().ContainSingle().Which.Should().BeSameAs(renewed);
    }

    [Fact]
    public void Advance_path_in_use_is_expired_and_not_selected_any_more()
    {
        var path = TestPaths.Via("1-2", VirtualClock.Start.AddSeconds(5));
        _store.Update([path]);
        _store.Select(path, "first");
        Watch();

        _store.Advance().Should().Be(TimeSpan.FromSeconds(5));
        _store.Selected.Should().BeSameAs(path);
        _clock.Advance(TimeSpan.FromSeconds(5));
        _store.Advance().Should().BeNull();

        _events.Should().Equal(new PathEvent.Expired(path));
        _store.Selected.Should().BeNull();
        _store.Paths.Should().BeEmpty();
    }

    [Fact]
    public void MarkDown_twice_is_reported_once_and_MarkUp_finds_the_path_again()
    {
        var path = TestPaths.Via("1-2");
        _store.Update([path]);
        Watch();

        _store.MarkDown(path, "SCMP").Should().BeTrue();
        _store.MarkDown(path, "SCMP").Should().BeFalse();
        _store.UpPaths.Should().Equal([path], "the only path is offered even so");
        _store.MarkUp(path).Should().BeTrue();
        _store.MarkUp(path).Should().BeFalse();

        _events.Should().Equal(new PathEvent.Down(path, "SCMP"), new PathEvent.Found(path));
    }

    [Fact]
    public void Path_down_is_found_again_when_its_hold_off_ends_and_held_back_longer_next_time()
    {
        var path = TestPaths.Via("1-2", VirtualClock.Start.AddDays(1));
        _store.Update([path]);
        Watch();

        _store.MarkDown(path, "one");
        _store.Advance().Should().Be(TimeSpan.FromSeconds(10));
        _clock.Advance(TimeSpan.FromSeconds(9));
        _store.MarkDown(path, "the same incident");
        _clock.Advance(TimeSpan.FromSeconds(1));
        _store.Advance();
        _store.MarkDown(path, "two");
        _store.Advance().Should().Be(TimeSpan.FromSeconds(20));

        _events.Should().Equal(
            new PathEvent.Down(path, "one"), new PathEvent.Found(path), new PathEvent.Down(path, "two"));
    }

    [Fact]
    public void MarkUp_ends_a_first_hold_off_but_not_that_of_a_flapping_link()
    {
        var (a, b) = (TestPaths.Through(["1-2", "1-3"]), TestPaths.Through(["1-2", "1-4"]));
        var shared = new PathInterface(IsdAs.Parse("1-2"), 1);
        _store.Update([a, b]);

        _store.MarkDown(shared, "cut").Should().Be(2);
        _store.MarkUp(a).Should().BeTrue();
        _store.UpPaths.Should().Equal([a, b], "a packet over the one shows that the shared link works");

        _store.MarkDown(shared, "cut").Should().Be(2);
        Watch();
        _store.MarkUp(a).Should().BeFalse();
        _events.Should().BeEmpty();
        _clock.Advance(TimeSpan.FromSeconds(20));
        _store.UpPaths.Should().Equal(a, b);
        _events.Should().Equal(new PathEvent.Found(a), new PathEvent.Found(b));
    }

    [Fact]
    public void All_paths_down_the_one_with_the_oldest_report_is_offered()
    {
        var (a, b, c) = (TestPaths.Via("1-2"), TestPaths.Via("1-3"), TestPaths.Via("1-4"));
        _store.Update([a, b, c]);
        foreach (var path in new[] { b, c, a })
        {
            _clock.Advance(TimeSpan.FromSeconds(1));
            _store.MarkDown(path, "down");
        }
        _store.UpPaths.Should().Equal(b);
        _store.Candidates.Should().Equal(b, c, a);

        _clock.Advance(TimeSpan.FromSeconds(1));
        _store.MarkDown(b, "still");
        _store.UpPaths.Should().Equal([c], "b was tried in vain after c went down");
    }

    [Fact]
    public void Path_found_over_an_interface_that_is_held_back_starts_down()
    {
        _store.MarkDown(new PathInterface(IsdAs.Parse("1-2"), 2), "cut").Should().Be(0);
        Watch();
        var (a, b) = (TestPaths.Via("1-2"), TestPaths.Via("1-3"));

        _store.Update([a, b]);

        _events.Should().Equal(
            new PathEvent.Found(a),
            new PathEvent.Down(a, "cut"),
            new PathEvent.Found(b));
        _store.UpPaths.Should().Equal(b);
        _clock.Advance(TimeSpan.FromSeconds(10));
        _store.UpPaths.Should().Equal(a, b);
    }

    [Fact]
    public void Path_with_two_faults_is_found_again_after_the_last()
    {
        var path = TestPaths.Via("1-2", VirtualClock.Start.AddDays(1));
        _store.Update([path]);
        Watch();
        _store.MarkDown(path.Interfaces[0], "first");
        _clock.Advance(TimeSpan.FromSeconds(5));
        _store.MarkDown(path.Interfaces[1], "second").Should().Be(0);
        _clock.Advance(TimeSpan.FromSeconds(5));
        _store.Advance();
        _events.Should().ContainSingle();
        _clock.Advance(TimeSpan.FromSeconds(5));
        _store.Advance();
        _events.Should().HaveCount(2);
    }

    [Fact]
    public void Marks_are_bounded_and_the_one_that_ends_first_gives_way()
    {
        var path = TestPaths.Via("1-2");
        _store.Update([path]);
        _store.MarkDown(path, "down");
        for (var i = 1; i <= PathStore.MaxMarks; i++)
        {
            _clock.Advance(TimeSpan.FromTicks(1));
            _store.MarkDown(new PathInterface(new IsdAs(1, (ulong)(1000 + i)), 1), "flood");
        }
        Watch();
        _store.MarkDown(path, "down").Should().BeTrue("its mark was the oldest");
    }

    [Fact]
    public void Unknown_path_is_neither_selected_nor_marked()
    {
        var path = TestPaths.Via("1-2");
        _store.Select(path, "why").Should().BeFalse();
        _store.MarkDown(path, "why").Should().BeFalse();
        _store.MarkUp(path).Should().BeFalse();
        _store.MarkDegraded(path, TimeSpan.FromSeconds(1)).Should().BeFalse();
        _store.UsableMtu(path).Should().Be(path.Mtu);
    }

    [Fact]
    public void Dispose_completes_the_events_for_present_and_later_observers()
    {
        var completions = 0;
        _store.Events.Subscribe(_ => { }, _ => { }, () => completions++);
        _store.Dispose();
        _store.Dispose();
        _store.Events.Subscribe(_ => { }, _ => { }, () => completions++);
        completions.Should().Be(2);
    }

    private void Watch()
    {
        _store.Events.Subscribe(_events.Add);
        _events.Clear();
    }
}
