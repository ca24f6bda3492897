namespace MqttScion.Udp.Tests;

public sealed class SocketLoopTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(1);

    [Fact]
    public void Turn_runs_posted_work_then_receives_then_times_then_flushes()
    {
        using var world = new LoopWorld { NextTimeout = TimeSpan.Zero };
        var order = new List<string>();
        world.OnReceive = _ => Note("receive", result: false);
        world.OnDue = () => Note("time", result: false);
        world.OnFlush = () => Note("flush", result: true);
        world.Loop.Post(new Work(() => order.Add("posted")));

        world.Loop.Turn();

        order.Should().Equal("posted", "receive", "time", "flush");

        bool Note(string what, bool result)
        {
            order.Add(what);
            return result;
        }
    }

    [Fact]
    public void Timeout_comes_when_the_clock_says_so()
    {
        using var world = new LoopWorld { NextTimeout = Step };

        world.Loop.Turn();
        world.Timeouts.Should().BeEmpty();
        world.Advance(Step);
        world.OnFlush = () => true;
        world.Loop.Turn();

        world.Timeouts.Should().Equal(Step);
    }

    [Fact]
    public void Busy_socket_keeps_neither_posted_work_nor_timers_waiting()
    {
        using var world = new LoopWorld(receivesPerTurn: 3) { NextTimeout = TimeSpan.Zero };
        var receives = 0;
        var hasRun = false;
        world.OnReceive = _ => ++receives > 0;
        world.Loop.Post(new Work(() => hasRun = true));

        world.Loop.Turn();

        (receives, hasRun, world.Timeouts.Count).Should().Be((3, true, 1));
    }

    [Fact]
    public void Work_that_posts_work_keeps_no_socket_waiting()
    {
        using var world = new LoopWorld { OnFlush = () => true };
        var (runs, others) = (0, 0);
        Work again = null!;
        again = new Work(() =>
        {
            runs++;
            world.Loop.Post(again);
        });
        world.Loop.Post(again);
        world.Loop.Post(new Work(() => others++));
        world.SendTo(0);

        world.Loop.Turn();

        (runs, others, world.Received.Count).Should().Be((1, 1, 1));
    }

    [Fact]
    public void Busy_socket_keeps_no_other_socket_waiting()
    {
        using var world = new LoopWorld(socketCount: 2, receivesPerTurn: 2);
        foreach (var index in (int[])[0, 0, 0, 0, 0, 0, 1])
            world.SendTo(index);

        TurnUntil(world, () => world.Received.Count == 7);

        world.Received.Should().Equal(0, 0, 1, 0, 0, 0, 0);
    }

    [Fact]
    public void Loop_that_never_waits_still_finds_what_comes_to_any_socket()
    {
        using var world = new LoopWorld(socketCount: 2) { OnFlush = () => true };
        world.Loop.Turn();
        world.SendTo(1);

        TurnUntil(world, () => world.Received.Count == 1);

        world.Received.Should().Equal(1);
    }

    [Fact]
    public void What_is_left_of_a_batch_is_asked_for_without_the_system()
    {
        using var world = new LoopWorld(socketCount: 2, receivesPerTurn: 2);
        var left = 5;
        world.OnReceive = index => index == 1 && (left == 5 ? world.TryTake(1) : left > 0) && left-- > 0;
        world.SendTo(1);

        TurnUntil(world, () => left == 0);

        left.Should().Be(0);
    }

    [Fact]
    public void Added_socket_is_served()
    {
        using var world = new LoopWorld();
        world.SendTo(world.AddSocket());

        TurnUntil(world, () => world.Received.Count == 1);

        world.Received.Should().Equal(1);
    }

    [Fact]
    public void Turns_and_posts_allocate_nothing()
    {
        using var world = new LoopWorld(socketCount: 2) { OnReceive = _ => false };
        world.OnDue = () => world.NextTimeout = TimeSpan.Zero; // No wait is long.
        world.NextTimeout = TimeSpan.Zero;
        world.Timeouts.EnsureCapacity(10_000);
        var work = new Work(() => { });

        Allocation.Of(() =>
        {
            for (var i = 0; i < 200; i++)
            {
                world.Loop.Post(work);
                world.Loop.Turn();
            }
        }).Should().Be(0);
    }

    [Fact]
    public async Task Posts_of_many_threads_run_each_in_its_order()
    {
        const int ThreadCount = 4, PostCount = 2000;
        using var world = new LoopWorld();
        var seen = Enumerable.Range(0, ThreadCount).Select(_ => new List<int>()).ToArray();
        using var all = new CountdownEvent(ThreadCount * PostCount);
        world.Loop.Start("many posts");

        await Task.WhenAll(seen.Select(list => Task.Run(() =>
        {
            for (var i = 0; i < PostCount; i++)
            {
                var number = i;
                world.Loop.Post(new Work(() =>
                {
                    list.Add(number);
                    all.Signal();
                })).Should().BeTrue();
            }
        }))).WaitAsync(Patience);

        all.Wait(Patience).Should().BeTrue();
        foreach (var list in seen)
            list.Should().Equal(Enumerable.Range(0, PostCount));
    }

    [Fact]
    public void Post_and_datagram_each_wake_a_loop_that_waits()
    {
        using var world = new LoopWorld();
        using var come = new AutoResetEvent(initialState: false);
        world.OnTaken = () => come.Set();
        world.Loop.Start("waits");

        for (var i = 0; i < 500; i++)
        {
            world.Loop.Post(new Work(() => come.Set()));
            come.WaitOne(Patience).Should().BeTrue("post {0} wakes it", i);
            world.SendTo(0);
            come.WaitOne(Patience).Should().BeTrue("datagram {0} wakes it", i);
        }
    }

    private static void TurnUntil(LoopWorld world, Func<bool> isDone)
    {
        for (var i = 0; i < 100 && !isDone(); i++)
        {
            world.NextTimeout = world.Loop.Now + Step; // A turn that finds nothing ends soon.
            world.Loop.Turn();
        }
    }
}
