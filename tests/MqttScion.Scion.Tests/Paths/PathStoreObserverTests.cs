namespace MqttScion.Scion.Tests;

/// <summary>Observers that call the store, block, throw or come late.</summary>
public sealed class PathStoreObserverTests : IDisposable
{
    private static readonly TimeSpan LongEnough = TimeSpan.FromSeconds(5);

    private readonly PathStore _store = new(new VirtualClock());
    private readonly ScionPath _a = TestPaths.Via("1-2");
    private readonly ScionPath _b = TestPaths.Via("1-3");

    public void Dispose() => _store.Dispose();

    [Fact]
    public void Observer_that_calls_the_store_gets_the_consequence_after_it_returned()
    {
        List<string> order = [];
        _store.Events.Subscribe(e =>
        {
            order.Add($"in {e.GetType().Name}");
            if (e is PathEvent.Found)
            {
                _store.MarkDown(e.Path, "refused").Should().BeTrue();
            }
            order.Add($"out {e.GetType().Name}");
        });
        List<Type> second = [];
        _store.Events.Subscribe(e => second.Add(e.GetType()));

        _store.Update([_a]);

        order.Should().Equal("in Found", "out Found", "in Down", "out Down");
        second.Should().Equal(typeof(PathEvent.Found), typeof(PathEvent.Down));
    }

    [Fact]
    public void Observer_that_subscribes_within_an_event_sees_each_event_once()
    {
        List<PathEvent> inner = [];
        IDisposable? subscription = null;
        _store.Events.Subscribe(_ => subscription ??= _store.Events.Subscribe(inner.Add));

        _store.Update([_a, _b]);
        _store.MarkDown(_b, "silence");

        inner.Should().Equal(
            new PathEvent.Found(_a), new PathEvent.Found(_b), new PathEvent.Down(_b, "silence"));
    }

    [Fact]
    public async Task Blocked_observer_holds_up_neither_the_store_nor_the_order()
    {
        using var entered = new SemaphoreSlim(0);
        using var goOn = new SemaphoreSlim(0);
        List<PathEvent> seen = [];
        _store.Events.Subscribe(e =>
        {
            if (seen.Count == 0)
            {
                entered.Release();
                goOn.Wait(LongEnough).Should().BeTrue();
            }
            seen.Add(e);
        });
        var blocked = Task.Run(() => _store.Update([_a, _b]));
        (await entered.WaitAsync(LongEnough)).Should().BeTrue();

        _store.MarkDown(_a, "silence").Should().BeTrue("the store is not locked");
        _store.UpPaths.Should().Equal(_b);
        seen.Should().BeEmpty();
        goOn.Release();
        await blocked.WaitAsync(LongEnough);

        seen.Should().Equal(
            new PathEvent.Found(_a), new PathEvent.Found(_b), new PathEvent.Down(_a, "silence"));
    }

    [Fact]
    public void Events_beyond_the_bound_give_way_to_the_current_set()
    {
        List<PathEvent> seen = [];
        var isFlooded = false;
        _store.Events.Subscribe(e =>
        {
            seen.Add(e);
            if (!isFlooded)
            {
                isFlooded = true;
                for (var i = 0; i <= PathEventQueue.MaxPending; i++)
                {
                    _store.MarkDegraded(_a, TimeSpan.FromTicks(i));
                }
                _store.MarkDown(_b, "after");
            }
        });

        _store.Update([_a, _b]);

        _store.SkippedEventCount.Should().Be(PathEventQueue.MaxPending);
        seen[^1].Should().Be(new PathEvent.Down(_b, "after"));
        seen.Count.Should().BeLessThan(10);
        seen.Count(e => e == new PathEvent.Found(_b)).Should().Be(2, "once by itself, once in the current set");
    }

    [Fact]
    public void End_of_the_store_is_not_among_the_events_that_give_way()
    {
        var isCompleted = false;
        var isFlooded = false;
        _store.Events.Subscribe(
            _ =>
            {
                if (!isFlooded)
                {
                    isFlooded = true;
                    _store.Dispose();
                    for (var i = 0; i <= PathEventQueue.MaxPending; i++)
                    {
                        _store.MarkDegraded(_a, TimeSpan.FromTicks(i));
                    }
                }
            },
            () => isCompleted = true);

        _store.Update([_a]);

        isCompleted.Should().BeTrue();
    }

    [Fact]
    public void Selector_does_not_look_at_all_paths_for_each_event()
    {
        var paths = Enumerable.Range(1, PathStore.MaxPaths).Select(i => TestPaths.Via($"1-{i + 10}")).ToList();
        using var selector = new StickySelector(_store);

        var before = GC.GetAllocatedBytesForCurrentThread();
        _store.Update(paths);
        var allocatedBytes = GC.GetAllocatedBytesForCurrentThread() - before;

        _store.Selected.Should().Be(paths[0]);
        allocatedBytes.Should().BeLessThan(paths.Count * 10_000L);
    }

    [Fact]
    public void Observer_that_throws_does_not_keep_later_events_from_the_others()
    {
        List<PathEvent> seen = [];
        _store.Events.Subscribe(seen.Add);
        _store.Events.Subscribe(e => throw new InvalidOperationException("mine"));

        var update = () => _store.Update([_a]);
        update.Should().Throw<InvalidOperationException>();
        _store.MarkDown(_a, "silence");

        seen.Should().Equal(new PathEvent.Found(_a), new PathEvent.Down(_a, "silence"));
    }

    [Fact]
    public void Observer_that_left_sees_nothing_more()
    {
        List<PathEvent> seen = [];
        var subscription = _store.Events.Subscribe(seen.Add);
        _store.Update([_a]);
        subscription.Dispose();
        _store.Update([_b]);
        seen.Should().Equal(new PathEvent.Found(_a));
    }
}
