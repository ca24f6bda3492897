namespace MqttScion.Udp.Tests;

/// <summary>How a loop ends, and what becomes of what was posted.</summary>
public sealed class SocketLoopEndTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly InvalidOperationException _defect = new("a mistake");

    [Theory]
    [InlineData("post")]
    [InlineData("receive")]
    [InlineData("time")]
    [InlineData("flush")]
    public async Task Defect_ends_the_loop_and_is_told_to_all(string where)
    {
        using var world = new LoopWorld();
        world.OnReceive = _ => where == "receive" ? throw _defect : false;
        world.NextTimeout = where == "time" ? TimeSpan.Zero : null;
        world.OnDue = () => throw _defect;
        world.OnFlush = () => where == "flush" ? throw _defect : false;
        Exception? dropped = null;
        if (where == "post")
        {
            world.Loop.Post(new Work(() =>
            {
                world.Loop.Post(new Work(() => { }, defect => dropped = defect));
                throw _defect;
            }));
        }
        world.Loop.Start("defect");

        var end = () => world.Loop.Ended.WaitAsync(Patience);
        (await end.Should().ThrowAsync<InvalidOperationException>()).Which.Should().BeSameAs(_defect);
        world.Ends.Should().Equal(_defect);
        dropped.Should().Be(where == "post" ? _defect : null);
        world.Loop.Post(new Work(() => { })).Should().BeFalse();
        await world.Loop.DisposeAsync();
    }

    [Fact]
    public async Task Defect_at_the_end_is_reported_beside_the_first()
    {
        using var world = new LoopWorld { OnEnd = () => throw new NotSupportedException() };
        world.Loop.Post(new Work(() => throw _defect));
        world.Loop.Start("two defects");

        var end = () => world.Loop.Ended.WaitAsync(Patience);

        (await end.Should().ThrowAsync<AggregateException>()).Which.InnerExceptions
            .Should().SatisfyRespectively(
                one => one.Should().BeSameAs(_defect), other => other.Should().BeOfType<NotSupportedException>());
    }

    [Fact]
    public async Task Work_may_dispose_its_own_loop()
    {
        using var world = new LoopWorld();
        world.Loop.Post(new Work(world.Loop.Dispose));
        world.Loop.Start("disposes itself");

        await world.Loop.Ended.WaitAsync(Patience);

        world.Ends.Should().Equal([null]);
    }

    [Fact]
    public async Task Work_may_dispose_its_own_loop_and_wait_elsewhere()
    {
        using var world = new LoopWorld();
        var disposal = new TaskCompletionSource<Task>();
        world.Loop.Post(new Work(() => disposal.SetResult(world.Loop.DisposeAsync().AsTask())));
        world.Loop.Start("disposes itself");

        await (await disposal.Task.WaitAsync(Patience)).WaitAsync(Patience);

        world.Ends.Should().Equal([null]);
    }

    [Fact]
    public async Task Disposal_ends_a_loop_that_waits_once()
    {
        using var world = new LoopWorld();
        world.Loop.Start("waits");

        await world.Loop.DisposeAsync();
        world.Loop.Dispose();
        await world.Loop.DisposeAsync();

        world.Ends.Should().Equal([null]);
        world.Loop.Ended.IsCompletedSuccessfully.Should().BeTrue();
    }

    [Fact]
    public void Loop_that_was_never_started_ends_too()
    {
        using var world = new LoopWorld();
        var isDropped = false;
        world.Loop.Post(new Work(() => { }, _ => isDropped = true));

        world.Loop.Dispose();
        world.Loop.Dispose();

        world.Ends.Should().Equal([null]);
        isDropped.Should().BeTrue();
    }

    [Fact]
    public async Task Disposal_of_a_loop_that_is_stuck_says_so()
    {
        using var gate = new ManualResetEventSlim();
        using var world = new LoopWorld();
        using var loop = new SocketLoop(world, []) { StopLimit = TimeSpan.FromMilliseconds(50) };
        loop.Post(new Work(() => gate.Wait(Patience)));
        loop.Start("stuck");

        try
        {
            var dispose = loop.Dispose;
            var disposeAsync = () => loop.DisposeAsync().AsTask();
            dispose.Should().Throw<TimeoutException>().WithMessage("The loop stuck did not end within 0.05 s*blocks*");
            await disposeAsync.Should().ThrowAsync<TimeoutException>();
        }
        finally
        {
            gate.Set();
            await loop.Ended.WaitAsync(Patience);
        }
    }

    [Fact]
    public async Task What_is_posted_while_the_loop_ends_is_run_or_dropped_once()
    {
        for (var round = 0; round < 50; round++)
        {
            using var world = new LoopWorld();
            world.Loop.Start("ends");
            var (taken, settled) = (0, 0);
            var posting = Task.WhenAll(Enumerable.Range(0, 3).Select(_ => Task.Run(() =>
            {
                while (world.Loop.Post(new Work(Settle, _ => Settle())))
                    Interlocked.Increment(ref taken);
            })));
            SpinWait.SpinUntil(() => Volatile.Read(ref taken) > 10, Patience).Should().BeTrue();

            await world.Loop.DisposeAsync();
            await posting.WaitAsync(Patience);

            settled.Should().Be(taken);

            void Settle() => Interlocked.Increment(ref settled);
        }
    }

    [Fact]
    public void Second_start_is_refused()
    {
        using var world = new LoopWorld();
        world.Loop.Start("first");

        var start = () => world.Loop.Start("second");

        start.Should().Throw<InvalidOperationException>().WithMessage("*first was started before*");
    }
}
