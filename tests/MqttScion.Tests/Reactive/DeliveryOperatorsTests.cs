using System.Collections.Concurrent;
using System.Reactive.Subjects;

namespace MqttScion.Tests.Reactive;

public sealed class DeliveryOperatorsTests
{
    [Fact]
    public async Task OnThreadPool_hands_events_over_in_order_and_not_on_the_publisher_s_thread()
    {
        var source = new Subject<int>();
        var seen = new ConcurrentQueue<int>();
        var done = new TaskCompletionSource();
        var publisher = 0;
        var sameThread = false;
        using var subscription = source.OnThreadPool(_ => { }).Subscribe(
            value =>
            {
                sameThread |= Environment.CurrentManagedThreadId == publisher;
                seen.Enqueue(value);
            },
            done.SetResult);

        var thread = new Thread(() =>
        {
            publisher = Environment.CurrentManagedThreadId;
            for (var i = 0; i < 1000; i++)
            {
                source.OnNext(i);
            }
            source.OnCompleted();
        });
        thread.Start();
        await done.Task.WaitAsync(TimeSpan.FromSeconds(5));

        seen.Should().Equal(Enumerable.Range(0, 1000));
        sameThread.Should().BeFalse();
    }

    [Fact]
    public async Task OnThreadPool_observer_that_throws_is_detached_reported_and_does_not_disturb_others()
    {
        var source = new Subject<int>();
        var failure = new TaskCompletionSource<Exception>();
        var others = new TaskCompletionSource<int>();
        var stream = source.OnThreadPool(e => failure.TrySetResult(e));
        var calls = 0;
        using var bad = stream.Subscribe(_ =>
        {
            calls++;
            throw new InvalidDataException("user fault");
        });
        using var good = stream.Subscribe(value =>
        {
            if (value == 2)
            {
                others.TrySetResult(value);
            }
        });

        source.OnNext(1);
        (await failure.Task.WaitAsync(TimeSpan.FromSeconds(5))).Should().BeOfType<InvalidDataException>();
        source.OnNext(2);

        (await others.Task.WaitAsync(TimeSpan.FromSeconds(5))).Should().Be(2);
        calls.Should().Be(1);
    }
}
