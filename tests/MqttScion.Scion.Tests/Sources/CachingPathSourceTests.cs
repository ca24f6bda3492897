namespace MqttScion.Scion.Tests;

public sealed class CachingPathSourceTests : IDisposable
{
    private static readonly IsdAs Destination = IsdAs.Parse("2-1");

    private readonly VirtualTime _time = new();
    private readonly ScriptedSource _inner = new();
    private readonly CachingPathSource _source;

    public CachingPathSourceTests() => _source = New(new CachingOptions());

    public void Dispose() => _source.Dispose();

    [Fact]
    public async Task GetPaths_answer_is_kept_for_each_pair()
    {
        _inner.Answer = Paths(hours: 6);

        var first = await _source.GetPathsAsync(Destination);
        (await _source.GetPathsAsync(Destination)).Should().BeSameAs(first);
        await _source.GetPathsAsync(Destination, IsdAs.Parse("1-1"));
        await _source.GetPathsAsync(IsdAs.Parse("2-2"));

        _inner.Calls.Should().Be(3);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(+1)]
    public async Task GetPaths_wall_clock_that_is_set_does_not_change_how_long_an_answer_is_used(int days)
    {
        _inner.Answer = [];
        (await _source.GetPathsAsync(Destination)).Should().BeEmpty();
        _time.Shift = TimeSpan.FromDays(days);

        _time.Advance(TimeSpan.FromSeconds(4));
        await _source.GetPathsAsync(Destination);
        _inner.Calls.Should().Be(1);

        _inner.Answer = Paths(hours: 60);
        _time.Advance(TimeSpan.FromSeconds(2));
        (await _source.GetPathsAsync(Destination)).Should().ContainSingle();
    }

    [Fact]
    public async Task GetPaths_callers_at_the_same_time_share_one_look_up()
    {
        var first = _source.GetPathsAsync(Destination);
        var second = _source.GetPathsAsync(Destination);
        _inner.Calls.Should().Be(1);

        _inner.Pending.Dequeue().SetResult(Paths(hours: 6));

        (await first).Should().BeSameAs(await second).And.HaveCount(1);
    }

    [Fact]
    public async Task GetPaths_caller_that_gives_up_does_not_end_the_look_up_of_others()
    {
        using var giveUp = new CancellationTokenSource();
        var first = _source.GetPathsAsync(Destination, cancellationToken: giveUp.Token);
        var second = _source.GetPathsAsync(Destination);

        await giveUp.CancelAsync();
        await Awaiting(first).Should().ThrowAsync<OperationCanceledException>();
        _inner.LastToken.IsCancellationRequested.Should().BeFalse();
        _inner.Pending.Dequeue().SetResult(Paths(hours: 6));

        (await second).Should().ContainSingle();
    }

    [Fact]
    public async Task GetPaths_last_caller_that_gives_up_ends_the_look_up_and_the_next_starts_anew()
    {
        using var giveUp = new CancellationTokenSource();
        var first = _source.GetPathsAsync(Destination, cancellationToken: giveUp.Token);
        var second = _source.GetPathsAsync(Destination, cancellationToken: giveUp.Token);

        await giveUp.CancelAsync();
        await Awaiting(first).Should().ThrowAsync<OperationCanceledException>();
        await Awaiting(second).Should().ThrowAsync<OperationCanceledException>();
        _inner.LastToken.IsCancellationRequested.Should().BeTrue();

        _inner.Answer = Paths(hours: 6);
        (await _source.GetPathsAsync(Destination)).Should().ContainSingle();
    }

    [Fact]
    public async Task GetPaths_failure_reaches_all_callers_and_is_not_kept()
    {
        var first = _source.GetPathsAsync(Destination);
        var second = _source.GetPathsAsync(Destination);
        _inner.Pending.Dequeue().SetException(Failure());

        await Awaiting(first).Should().ThrowAsync<PathLookupException>();
        await Awaiting(second).Should().ThrowAsync<PathLookupException>();
        _inner.Answer = Paths(hours: 6);
        (await _source.GetPathsAsync(Destination)).Should().ContainSingle();
        _source.FailedRefreshes.Should().Be(0);
    }

    [Fact]
    public async Task GetPaths_in_use_are_renewed_in_the_background_after_the_interval()
    {
        _inner.Answer = Paths(hours: 6);
        var old = await _source.GetPathsAsync(Destination);
        _inner.Answer = Paths(hours: 7);

        _time.Advance(TimeSpan.FromSeconds(299));
        _inner.Calls.Should().Be(1);
        _time.Advance(TimeSpan.FromSeconds(1));
        _inner.Calls.Should().Be(2);

        (await _source.GetPathsAsync(Destination)).Should().NotBeSameAs(old);
        _inner.Calls.Should().Be(2);
    }

    [Fact]
    public async Task GetPaths_not_in_use_are_left_alone_and_renewed_when_asked_for()
    {
        _inner.Answer = Paths(hours: 6);
        await _source.GetPathsAsync(Destination);
        _time.Advance(TimeSpan.FromHours(1));
        _inner.Calls.Should().Be(2, "the first answer was used, the second was not");

        _inner.Answer = null;
        (await _source.GetPathsAsync(Destination)).Should().ContainSingle();
        _inner.Calls.Should().Be(3);
    }

    [Theory]
    [InlineData(10, 300)] // the interval comes first
    [InlineData(5, 180)] // two minutes before the expiry
    [InlineData(1, 2)] // too late: as soon as it is allowed
    public async Task GetPaths_are_renewed_before_they_expire(double minutes, int expectedSeconds)
    {
        _inner.Answer = Paths(hours: minutes / 60);
        await _source.GetPathsAsync(Destination);

        _time.Advance(TimeSpan.FromSeconds(expectedSeconds - 0.001));
        _inner.Calls.Should().Be(1);
        _time.Advance(TimeSpan.FromSeconds(0.001));
        _inner.Calls.Should().Be(2);
    }

    [Theory]
    [InlineData(0.0, 270)]
    [InlineData(0.999999999, 330)]
    public async Task GetPaths_renewals_vary_by_a_tenth(double random, int expectedSeconds)
    {
        using var source = New(new CachingOptions(), new FixedRandom(random));
        _inner.Answer = Paths(hours: 6);
        await source.GetPathsAsync(Destination);

        _time.Advance(TimeSpan.FromSeconds(expectedSeconds - 0.001));
        _inner.Calls.Should().Be(1);
        _time.Advance(TimeSpan.FromSeconds(0.001));
        _inner.Calls.Should().Be(2);
    }

    [Fact]
    public async Task GetPaths_while_renewals_fail_are_given_out_until_they_expire()
    {
        _inner.Answer = Paths(hours: 0.1);
        var old = await _source.GetPathsAsync(Destination);
        _inner.Answer = null;
        _inner.Failure = Failure();

        _time.Advance(TimeSpan.FromSeconds(240));
        (await _source.GetPathsAsync(Destination)).Should().BeSameAs(old);
        (_inner.Calls, _source.FailedRefreshes).Should().Be((2, 1));
        _time.Advance(TimeSpan.FromSeconds(10));
        (_inner.Calls, _source.FailedRefreshes).Should().Be((3, 2), "it is tried again after a pause");
        _time.Advance(TimeSpan.FromSeconds(109));
        (await _source.GetPathsAsync(Destination)).Should().BeSameAs(old);
        _time.Advance(TimeSpan.FromSeconds(1));

        await Awaiting(_source.GetPathsAsync(Destination)).Should().ThrowAsync<PathLookupException>();
        _inner.Failure = null;
        _inner.Answer = Paths(hours: 6);
        (await _source.GetPathsAsync(Destination)).Should().ContainSingle();
    }

    [Fact]
    public async Task GetPaths_none_is_kept_shortly()
    {
        _inner.Answer = [];
        (await _source.GetPathsAsync(Destination)).Should().BeEmpty();
        _time.Advance(TimeSpan.FromSeconds(4.9));
        (await _source.GetPathsAsync(Destination)).Should().BeEmpty();
        _inner.Calls.Should().Be(1);
        _time.Advance(TimeSpan.FromSeconds(0.1));
        _inner.Answer = Paths(hours: 6);
        (await _source.GetPathsAsync(Destination)).Should().ContainSingle();
    }

    [Fact]
    public async Task GetPaths_expired_among_others_is_not_given_out()
    {
        _inner.Answer = [.. Paths(hours: 0.05), TestPaths.Via("1-9", _time.GetUtcNow().AddHours(6))];
        (await _source.GetPathsAsync(Destination)).Should().HaveCount(2);
        _inner.Answer = null;
        _time.Advance(TimeSpan.FromMinutes(3));
        (await _source.GetPathsAsync(Destination)).Should().ContainSingle();
    }

    [Fact]
    public async Task GetPaths_beyond_the_bound_forget_the_pair_not_used_for_longest()
    {
        using var source = New(new CachingOptions { MaxEntries = 2 });
        _inner.Answer = Paths(hours: 6);
        IsdAs[] pairs = [new(2, 1), new(2, 2), new(2, 3)];
        await source.GetPathsAsync(pairs[0]);
        await source.GetPathsAsync(pairs[1]);
        await source.GetPathsAsync(pairs[0]);
        await source.GetPathsAsync(pairs[2]);
        _inner.Calls.Should().Be(3);

        await source.GetPathsAsync(pairs[0]);
        _inner.Calls.Should().Be(3);
        await source.GetPathsAsync(pairs[1]);
        _inner.Calls.Should().Be(4);
    }

    [Fact]
    public async Task ReportDown_is_passed_on_and_the_paths_over_the_interface_are_dropped_and_asked_for_again()
    {
        var (downed, other) = (TestPaths.Via("1-8", In(6)), TestPaths.Via("1-9", In(6)));
        _inner.Answer = [downed, other];
        await _source.GetPathsAsync(Destination);
        _time.Advance(TimeSpan.FromSeconds(1));

        await _source.ReportDownAsync(downed.Interfaces[1]);

        _inner.Reported.Should().Equal(downed.Interfaces[1]);
        (await _source.GetPathsAsync(Destination)).Should().Equal(other);
        _inner.Calls.Should().Be(1, "nothing is asked within two seconds of an answer");
        _time.Advance(TimeSpan.FromSeconds(1));
        _inner.Calls.Should().Be(2);
        (await _source.GetPathsAsync(Destination)).Should().Equal(downed, other);
    }

    [Fact]
    public async Task ReportDown_of_an_interface_on_no_path_changes_nothing()
    {
        _inner.Answer = Paths(hours: 6);
        var paths = await _source.GetPathsAsync(Destination);
        await _source.ReportDownAsync(new PathInterface(IsdAs.Parse("7-7"), 1));
        _time.Advance(TimeSpan.FromSeconds(200));
        (await _source.GetPathsAsync(Destination)).Should().BeSameAs(paths);
        _inner.Calls.Should().Be(1);
    }

    [Fact]
    public async Task Dispose_ends_look_ups_and_refuses_new_ones()
    {
        var waiting = _source.GetPathsAsync(Destination);
        _source.Dispose();
        await Awaiting(waiting).Should().ThrowAsync<OperationCanceledException>();
        await Awaiting(_source.GetPathsAsync(Destination)).Should().ThrowAsync<ObjectDisposedException>();
    }

    [Fact]
    public async Task GetPaths_from_many_threads_at_once_never_fail_and_share_look_ups()
    {
        var source = new CachingPathSource(new SlowSource());
        using (source)
        {
            var callers = Enumerable.Range(0, 200).Select(i => Task.Run(async () =>
            {
                var patience = i % 3 == 0 ? TimeSpan.Zero : TimeSpan.FromSeconds(30);
                using var impatient = new CancellationTokenSource(patience);
                try
                {
                    return (await source.GetPathsAsync(new IsdAs(2, (ulong)(1 + i % 4)), null, impatient.Token)).Count;
                }
                catch (OperationCanceledException) when (i % 3 == 0)
                {
                    return 1;
                }
            }));
            (await Task.WhenAll(callers)).Should().OnlyContain(count => count == 1);
        }
    }

    [Theory]
    [InlineData("RefreshInterval")]
    [InlineData("ExpiryLead")]
    [InlineData("MaxEntries")]
    public void Source_option_out_of_its_range_is_refused(string option)
    {
        var options = option switch
        {
            "RefreshInterval" => new CachingOptions { RefreshInterval = TimeSpan.Zero },
            "ExpiryLead" => new CachingOptions { ExpiryLead = TimeSpan.FromTicks(-1) },
            _ => new CachingOptions { MaxEntries = 0 },
        };
        var make = () => New(options);
        make.Should().Throw<ArgumentException>().WithMessage($"*{option}*");
    }

    private CachingPathSource New(CachingOptions options, Random? random = null) =>
        new(_inner, options, _time, random ?? new FixedRandom(0.5));

    private DateTimeOffset In(double hours) => _time.GetUtcNow().AddHours(hours);

    private IReadOnlyList<ScionPath> Paths(double hours) => [TestPaths.Via("1-8", In(hours))];

    private static PathLookupException Failure() => new("no answer", new Uri("http://127.0.0.1:1"));

    private static Func<Task> Awaiting(Task task) => () => task;

    /// <summary>Always the same number.</summary>
    private sealed class FixedRandom(double number) : Random
    {
        public override double NextDouble() => number;
    }

    /// <summary>Answers at once with <see cref="Answer"/> or <see cref="Failure"/>, or when the test says so.</summary>
    private sealed class ScriptedSource : IPathSource
    {
        public IReadOnlyList<ScionPath>? Answer { get; set; }

        public PathLookupException? Failure { get; set; }

        public int Calls { get; private set; }

        public CancellationToken LastToken { get; private set; }

        public Queue<TaskCompletionSource<IReadOnlyList<ScionPath>>> Pending { get; } = [];

        public List<PathInterface> Reported { get; } = [];

        public Task<IReadOnlyList<LocalAs>> GetLocalAsync(CancellationToken cancellationToken = default) =>
            throw new NotSupportedException();

        public async Task<IReadOnlyList<ScionPath>> GetPathsAsync(
            IsdAs destination, IsdAs? source = null, CancellationToken cancellationToken = default)
        {
            Calls++;
            LastToken = cancellationToken;
            if (Failure is not null)
            {
                throw Failure;
            }
            if (Answer is not null)
            {
                return Answer;
            }
            var pending = new TaskCompletionSource<IReadOnlyList<ScionPath>>();
            Pending.Enqueue(pending);
            return await pending.Task.WaitAsync(cancellationToken);
        }

        public Task ReportDownAsync(PathInterface end, CancellationToken cancellationToken = default)
        {
            Reported.Add(end);
            return Task.CompletedTask;
        }
    }

    /// <summary>Answers on another thread.</summary>
    private sealed class SlowSource : IPathSource
    {
        public Task<IReadOnlyList<LocalAs>> GetLocalAsync(CancellationToken cancellationToken = default) =>
            throw new NotSupportedException();

        public async Task<IReadOnlyList<ScionPath>> GetPathsAsync(
            IsdAs destination, IsdAs? source = null, CancellationToken cancellationToken = default)
        {
            await Task.Yield();
            cancellationToken.ThrowIfCancellationRequested();
            return [TestPaths.Via("1-8", DateTimeOffset.UtcNow.AddHours(1))];
        }
    }
}
