using System.Collections.Concurrent;
using MqttScion.Quic;
using MqttScion.Udp;

namespace MqttScion.Transport.Tests;

public sealed class OffloadedTlsTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    private readonly ManualResetEventSlim _gate = new();
    private readonly HandshakeWorkers _workers = new(threadCount: 1, capacity: 1);
    private readonly BlockingCollection<ILoopWork> _posted = [];
    private readonly GatedTls _inner;
    private readonly OffloadedTls _tls;

    public OffloadedTlsTests()
    {
        _inner = new GatedTls(_gate);
        _tls = Offload(_inner);
    }

    public void Dispose()
    {
        _gate.Set();
        _workers.Dispose();
        _posted.Dispose();
        _gate.Dispose();
    }

    [Fact]
    public void Step_is_computed_on_a_worker_and_told_to_the_loop()
    {
        _tls.TryReadHandshake(EncryptionLevel.Initial, [1, 2, 3]).Should().BeTrue();

        _inner.Reached.Wait(Patience).Should().BeTrue();
        _tls.IsBusy.Should().BeTrue();
        _posted.Should().BeEmpty();
        _gate.Set();
        _posted.TryTake(out var work, Patience).Should().BeTrue();
        work.Should().BeSameAs(_tls);
        _tls.IsBusy.Should().BeTrue("the loop has not been told yet");
        _inner.Input.Should().Equal(1, 2, 3);
        _inner.ThreadId.Should().NotBe(Environment.CurrentManagedThreadId);
    }

    [Fact]
    public void Step_under_way_refuses_another()
    {
        _tls.TryReadHandshake(EncryptionLevel.Initial, [1]);

        var act = () => _tls.TryReadHandshake(EncryptionLevel.Initial, [2]);

        act.Should().Throw<InvalidOperationException>();
    }

    [Fact]
    public void Start_of_a_server_is_no_work()
    {
        _tls.TryStart([1, 2]).Should().BeTrue();

        _tls.IsBusy.Should().BeFalse();
        _inner.ThreadId.Should().Be(Environment.CurrentManagedThreadId);
    }

    [Fact]
    public void First_step_waits_without_a_thread_for_what_it_needs()
    {
        var ready = new TaskCompletionSource();
        var waiting = new GatedTls(_gate);
        var tls = Offload(waiting, isServer: true, ready.Task);
        _gate.Set();

        tls.TryReadHandshake(EncryptionLevel.Initial, [1]).Should().BeTrue();
        _tls.TryReadHandshake(EncryptionLevel.Initial, [2]);

        _posted.TryTake(out var first, Patience).Should().BeTrue();
        first.Should().BeSameAs(_tls, "the one worker is free");
        tls.IsBusy.Should().BeTrue();
        waiting.ReadCount.Should().Be(0);
        ready.SetResult();
        _posted.TryTake(out var second, Patience).Should().BeTrue();
        second.Should().BeSameAs(tls);
        waiting.Input.Should().Equal(1);
    }

    [Fact]
    public void Dispose_of_a_step_that_waits_for_what_it_needs_disposes_the_handshake_then()
    {
        var ready = new TaskCompletionSource();
        var waiting = new GatedTls(_gate);
        var tls = Offload(waiting, isServer: true, ready.Task);
        tls.TryReadHandshake(EncryptionLevel.Initial, [1]);

        tls.Dispose();
        ready.SetResult();

        waiting.Disposed.Wait(Patience).Should().BeTrue();
        waiting.ReadCount.Should().Be(0);
    }

    [Fact]
    public void Start_of_a_client_is_computed_on_a_worker()
    {
        var inner = new GatedTls(_gate);
        var tls = Offload(inner, isServer: false);

        tls.TryStart([1, 2]).Should().BeTrue();

        tls.IsBusy.Should().BeTrue();
        _posted.TryTake(out _, Patience).Should().BeTrue();
        inner.ThreadId.Should().NotBe(Environment.CurrentManagedThreadId);
    }

    [Fact]
    public void Dispose_under_a_step_leaves_the_handshake_to_the_worker()
    {
        _tls.TryReadHandshake(EncryptionLevel.Initial, [1]);
        _inner.Reached.Wait(Patience).Should().BeTrue();

        _tls.Dispose();

        _inner.Disposed.IsSet.Should().BeFalse();
        _gate.Set();
        _inner.Disposed.Wait(Patience).Should().BeTrue();
        _posted.Should().BeEmpty();
    }

    [Fact]
    public void Dispose_of_a_step_that_waits_saves_computing_it()
    {
        var waiting = new GatedTls(_gate);
        var tls = Offload(waiting);
        _tls.TryReadHandshake(EncryptionLevel.Initial, [1]);
        _inner.Reached.Wait(Patience).Should().BeTrue();
        tls.TryReadHandshake(EncryptionLevel.Initial, [2]);

        tls.Dispose();
        _gate.Set();

        waiting.Disposed.Wait(Patience).Should().BeTrue();
        waiting.ReadCount.Should().Be(0);
    }

    [Fact]
    public void Dispose_between_a_step_and_the_loop_is_the_callers()
    {
        _gate.Set();
        _tls.TryReadHandshake(EncryptionLevel.Initial, [1]);
        _posted.TryTake(out var work, Patience).Should().BeTrue();

        _tls.Dispose();

        _inner.Disposed.IsSet.Should().BeTrue();
        work!.Run(TimeSpan.Zero); // There is no connection that it could tell: it must not try.
    }

    [Fact]
    public void Step_for_which_there_is_no_room_is_computed_by_the_caller()
    {
        _tls.TryReadHandshake(EncryptionLevel.Initial, [1]);
        _inner.Reached.Wait(Patience).Should().BeTrue();
        Offload(new GatedTls(_gate)).TryReadHandshake(EncryptionLevel.Initial, [2]);
        using var open = new ManualResetEventSlim(initialState: true);
        var third = new GatedTls(open);
        var tls = Offload(third);

        tls.TryReadHandshake(EncryptionLevel.Initial, [3]).Should().BeTrue();

        tls.IsBusy.Should().BeFalse();
        third.ThreadId.Should().Be(Environment.CurrentManagedThreadId);
        third.Input.Should().Equal(3);
        tls.Dispose();
        third.Disposed.IsSet.Should().BeTrue();
    }

    [Fact]
    public void Defect_in_a_step_comes_out_on_the_loop()
    {
        _gate.Set();
        _inner.Defect = new TimeZoneNotFoundException("a defect");
        _tls.TryReadHandshake(EncryptionLevel.Initial, [1]);
        _posted.TryTake(out var work, Patience).Should().BeTrue();

        var act = () => work!.Run(TimeSpan.Zero);

        act.Should().Throw<TimeZoneNotFoundException>();
    }

    [Fact]
    public void Workers_that_end_do_what_waits_and_take_no_more()
    {
        _gate.Set();
        _tls.TryReadHandshake(EncryptionLevel.Initial, [1]);

        _workers.Dispose();

        _inner.ReadCount.Should().Be(1);
        _workers.TryPost(_tls).Should().BeFalse();
    }

    private OffloadedTls Offload(GatedTls inner, bool isServer = true, Task? ready = null) =>
        new(inner, isServer, _workers, work => _posted.TryAdd(work), ready);
}
