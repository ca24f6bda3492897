namespace MqttScion.Scion.Tests;

public sealed class PathRefresherTests : IAsyncDisposable
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly VirtualClock _clock = new();
    private readonly PathStore _store;
    private readonly ScriptedPathSource _source;
    private readonly List<PathEvent> _events = [];
    private readonly List<PathRefresh> _refreshes = [];
    private PathRefresher? _refresher;

    public PathRefresherTests()
    {
        _store = new PathStore(_clock);
        _source = new ScriptedPathSource(_clock);
        _store.Events.Subscribe(_events.Add);
    }

    public async ValueTask DisposeAsync()
    {
        if (_refresher is not null)
        {
            await _refresher.DisposeAsync();
        }
        _store.Dispose();
    }

    [Fact]
    public void First_look_up_fills_the_store_and_the_next_comes_within_five_minutes()
    {
        _source.Answer = () => [Path("1-2", TimeSpan.FromHours(6))];
        Start();
        _store.Paths.Should().ContainSingle();
        _refreshes.Should().ContainSingle().Which.Returned.Should().Be(1);

        _clock.Advance(TimeSpan.FromHours(1));

        Gaps().Should().OnlyContain(gap => gap >= 270 && gap <= 330).And.HaveCountGreaterThan(10);
        Gaps().Distinct().Should().HaveCountGreaterThan(1, "hosts that start together must not stay so");
    }

    [Fact]
    public void Paths_are_renewed_before_they_expire_and_without_a_gap()
    {
        _source.Answer = () => [Path("1-2", 60 * Second), Path("1-3", 90 * Second)];
        Start();
        using var selector = new StickySelector(_store);
        _events.Clear();

        for (var i = 0; i < 600; i++)
        {
            _clock.Advance(Second);
            _store.Selected!.Expiry.Should().BeAfter(_clock.GetUtcNow());
        }

        _events.Should().OnlyContain(e => e is PathEvent.Selected && ((PathEvent.Selected)e).Why == "renewed");
        _events.Should().HaveCountGreaterThan(15);
    }

    [Fact]
    public void Path_that_the_source_does_not_renew_expires_at_its_time()
    {
        var path = Path("1-2", 60 * Second);
        _source.Answer = () => [path];
        Start();
        _clock.Advance(59 * Second);
        _store.Paths.Should().ContainSingle();
        _clock.Advance(2 * Second);
        _store.Paths.Should().BeEmpty();
        _events.OfType<PathEvent.Expired>().Should().ContainSingle();
        Gaps().Should().OnlyContain(gap => gap >= 2 || gap < 1.1);
    }

    [Fact]
    public void Failed_look_up_keeps_the_paths_is_reported_and_tried_again_with_back_off()
    {
        _source.Answer = () => [Path("1-2", TimeSpan.FromHours(6))];
        Start();
        var fault = new PathLookupException("The source at … answered 500.", ScriptedPathSource.Url);
        _source.Answer = () => throw fault;

        _clock.Advance(TimeSpan.FromMinutes(10));

        _store.Paths.Should().ContainSingle();
        _refreshes.Skip(1).Should().OnlyContain(refresh => ReferenceEquals(refresh.Failure, fault));
        Gaps().Skip(1).Take(7).Select(gap => (int)Math.Round(gap / 60 * 64))
            .Should().BeInAscendingOrder().And.OnlyHaveUniqueItems();
        Gaps().Max().Should().BeLessThan(331);
    }

    [Fact]
    public void Look_up_without_an_answer_ends_after_its_timeout()
    {
        _source.IsHanging = true;
        Start();
        _refreshes.Should().BeEmpty();
        _clock.Advance(30 * Second);
        _refreshes.Should().ContainSingle().Which.Failure.Should().BeOfType<TimeoutException>();
        _source.IsHanging = false;
        _source.Answer = () => [Path("1-2", TimeSpan.FromHours(6))];
        _clock.Advance(2 * Second);
        _store.Paths.Should().ContainSingle();
    }

    [Fact]
    public void All_paths_down_asks_the_source_at_once_but_not_more_often_than_every_two_seconds()
    {
        _source.Answer = () => [Path("1-2", TimeSpan.FromHours(6)), Path("1-3", TimeSpan.FromHours(6))];
        Start();
        _clock.Advance(10 * Second);
        _store.MarkDown(_store.Paths[0], "silence");
        _clock.Advance(TimeSpan.Zero);
        _source.Asked.Should().HaveCount(1, "one path is up");
        _store.MarkDown(_store.Paths[1], "silence");
        _clock.Advance(TimeSpan.Zero);
        _source.Asked.Should().HaveCount(2);

        for (var i = 0; i < 40; i++)
        {
            _refresher!.Request();
            _clock.Advance(0.1 * Second);
        }
        Gaps().Skip(1).Should().OnlyContain(gap => gap >= 2).And.HaveCount(2);
    }

    [Fact]
    public void Rejected_hop_fields_ask_the_source_at_once()
    {
        _source.Answer = () => [Path("1-2", TimeSpan.FromHours(6)), Path("1-3", TimeSpan.FromHours(6))];
        Start();
        _clock.Advance(10 * Second);
        var expired = new ScmpMessage(ScmpType.ParameterProblem, ScmpCode.PathExpired);
        _store.MarkDown(_store.Paths[0], "SCMP", expired, endsOnRenewal: true);
        _clock.Advance(TimeSpan.Zero);
        _source.Asked.Should().HaveCount(2);
        _store.Candidates.Should().Equal(_store.Paths, "the renewed path is up");
    }

    [Fact]
    public void Hold_offs_end_on_time_without_any_other_call()
    {
        _source.Answer = () => [Path("1-2", TimeSpan.FromHours(6)), Path("1-3", TimeSpan.FromHours(6))];
        Start();
        _clock.Advance(Second);
        _store.MarkDown(_store.Paths[0], "silence");
        _refresher!.Request();
        _clock.Advance(2 * Second);
        _events.Clear();
        _clock.Advance(8 * Second);
        _events.Should().ContainSingle().Which.Should().BeOfType<PathEvent.Found>();
    }

    [Fact]
    public void New_policy_is_applied_at_once_and_the_selected_path_moves_on()
    {
        _source.Answer = () => [Path("1-2", TimeSpan.FromHours(6)), Path("1-3", TimeSpan.FromHours(6))];
        Start();
        using var selector = new StickySelector(_store);
        var (first, second) = (_store.Paths[0], _store.Paths[1]);
        _store.Selected.Should().Be(first);
        _events.Clear();

        _refresher!.Policy = PathPolicies.Avoid("1-2");
        _clock.Advance(TimeSpan.Zero);

        _events.Should().Equal(
            new PathEvent.Forbidden(first),
            new PathEvent.Selected(second, first, "the policy no longer allows the path in use"));
        _source.Asked.Should().HaveCount(1);
        _refresher.Policy = PathPolicies.Any();
        _clock.Advance(TimeSpan.Zero);
        _store.Paths.Should().Equal(first, second);
        _store.Selected.Should().Be(second, "it is up");
    }

    [Fact]
    public async Task Policy_that_throws_ends_the_refresher_with_its_exception()
    {
        _source.Answer = () => [Path("1-2", TimeSpan.FromHours(6))];
        Start(new ThrowingPolicy());
        var completion = () => _refresher!.Completion;
        await completion.Should().ThrowAsync<InvalidOperationException>();
    }

    [Fact]
    public async Task Dispose_cancels_a_look_up_under_way_and_completes()
    {
        _source.IsHanging = true;
        Start();
        var isCompleted = false;
        _refresher!.Refreshes.Subscribe(_ => { }, _ => { }, () => isCompleted = true);
        await _refresher.DisposeAsync();
        await _refresher.DisposeAsync();
        _refresher.Completion.IsCompletedSuccessfully.Should().BeTrue();
        isCompleted.Should().BeTrue();
        _refreshes.Should().BeEmpty("an end asked for is no failure");
        _clock.Advance(TimeSpan.FromHours(1));
        _source.Asked.Should().HaveCount(1);
    }

    private void Start(IPathPolicy? policy = null)
    {
        _refresher = new PathRefresher(
            _source, TestPaths.Destination, _store, policy, localIsdAs: null, _clock, new Random(1));
        _refresher.Refreshes.Subscribe(_refreshes.Add);
    }

    private ScionPath Path(string via, TimeSpan lifetime) =>
        TestPaths.OnWire(_clock.GetUtcNow() + lifetime, exit: via == "1-2" ? (ushort)2 : (ushort)3, via);

    private List<double> Gaps() =>
        [.. _source.Asked.Zip(_source.Asked.Skip(1), (one, next) => (next - one).TotalSeconds)];

    private sealed class ThrowingPolicy : IPathPolicy
    {
        public IReadOnlyList<ScionPath> Apply(IReadOnlyList<ScionPath> paths) =>
            throw new InvalidOperationException("a defect");
    }
}
