namespace MqttScion.Scion.Tests;

public sealed class PathStoreTests : IDisposable
{
    private static readonly DateTimeOffset Start = DateTimeOffset.FromUnixTimeSeconds(1_700_000_000);

    private readonly PathStore _store = new();
    private readonly List<PathEvent> _events = [];

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
    public void Events_late_observer_gets_the_current_set_first()
    {
        var (a, b) = (TestPaths.Via("1-2"), TestPaths.Via("1-3"));
        _store.Update([a, b]);
        _store.Select(a, "first");
        _store.MarkDown(b, "silence");

        using var subscription = _store.Events.Subscribe(_events.Add);
        _store.Select(b, "recovered");

        _events.Should().Equal(
            new PathEvent.Found(a),
            new PathEvent.Found(b),
            new PathEvent.Down(b, "silence"),
            new PathEvent.Selected(a, null, "first"),
            new PathEvent.Selected(b, a, "recovered"));
        _store.UpPaths.Should().Equal(a, b);
    }

    [Fact]
    public void Update_renewed_path_in_use_is_selected_again()
    {
        var old = TestPaths.Via("1-2", Start);
        var renewed = TestPaths.Via("1-2", Start.AddHours(1));
        _store.Update([old]);
        _store.Select(old, "first");
        using var subscription = _store.Events.Subscribe(_events.Add);
        _events.Clear();

        _store.Update([renewed]);

        _events.Should().ContainSingle().Which.Should().BeOfType<PathEvent.Selected>()
            .Which.Path.Should().BeSameAs(renewed);
        _store.Selected.Should().BeSameAs(renewed);
    }

    [Fact]
    public void Expire_path_in_use_is_expired_and_not_selected_any_more()
    {
        var path = TestPaths.Via("1-2", Start);
        _store.Update([path]);
        _store.Select(path, "first");
        using var subscription = _store.Events.Subscribe(_events.Add);
        _events.Clear();

        _store.Expire(Start.AddTicks(-1)).Should().Be(0);
        _store.Expire(Start).Should().Be(1);

        _events.Should().Equal(new PathEvent.Expired(path));
        _store.Selected.Should().BeNull();
        _store.Paths.Should().BeEmpty();
    }

    [Fact]
    public void MarkDown_twice_is_reported_once_and_MarkUp_finds_the_path_again()
    {
        var path = TestPaths.Via("1-2");
        _store.Update([path]);
        using var subscription = _store.Events.Subscribe(_events.Add);
        _events.Clear();

        _store.MarkDown(path, "SCMP").Should().BeTrue();
        _store.MarkDown(path, "SCMP").Should().BeFalse();
        _store.UpPaths.Should().BeEmpty();
        _store.MarkUp(path).Should().BeTrue();
        _store.MarkUp(path).Should().BeFalse();

        _events.Should().Equal(new PathEvent.Down(path, "SCMP"), new PathEvent.Found(path));
    }

    [Fact]
    public void Unknown_path_is_neither_selected_nor_marked()
    {
        var path = TestPaths.Via("1-2");
        _store.Select(path, "why").Should().BeFalse();
        _store.MarkDown(path, "why").Should().BeFalse();
        _store.MarkDegraded(path, TimeSpan.FromSeconds(1)).Should().BeFalse();
    }

    [Fact]
    public void Dispose_completes_the_events_for_present_and_later_observers()
    {
        var completions = 0;
        _store.Events.Subscribe(_ => { }, _ => { }, () => completions++);
        _store.Dispose();
        _store.Events.Subscribe(_ => { }, _ => { }, () => completions++);
        completions.Should().Be(2);
    }
}
