using System.Collections.Concurrent;
using System.Reactive.Linq;
using System.Reactive.Subjects;
using System.Runtime.CompilerServices;
using MqttScion.Mqtt;

namespace MqttScion.Tests;

public sealed class MessageOperatorsTests : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    private readonly Subject<MqttApplicationMessage> _source = new();

    public void Dispose() => _source.Dispose();

    [Fact]
    public void WhereTopic_lets_the_messages_of_a_filter_through()
    {
        var topics = new List<string>();
        using var _ = _source.WhereTopic("plant/+/temp").Subscribe(message => topics.Add(message.Topic));

        Send("plant/1/temp", "plant/1/press", "plant/2/temp", "$SYS/x");

        topics.Should().Equal("plant/1/temp", "plant/2/temp");
    }

    [Fact]
    public void WhereTopic_refuses_a_filter_that_is_none() =>
        FluentActions.Invoking(() => _source.WhereTopic("a/#/b")).Should().Throw<ArgumentException>()
            .WithMessage("*MQTT-4.7.1-1*");

    [Fact]
    public void WhereTopic_with_a_template_gives_the_values()
    {
        var lines = new List<string>();
        using var _ = _source.WhereTopic(TopicTemplate.Parse("plant/{line}/temp"))
            .Subscribe(match => lines.Add(match["line"]));

        Send("plant/1/temp", "x", "plant/2/temp");

        lines.Should().Equal("1", "2");
    }

    [Fact]
    public void A_match_knows_no_other_names()
    {
        var match = new TopicMatch(Message("a/1"), TopicTemplate.Parse("a/{x}"), ["1"]);

        FluentActions.Invoking(() => match["y"]).Should().Throw<KeyNotFoundException>().WithMessage("*'y'*");
    }

    [Fact]
    public async Task Conflate_skips_to_the_newest_of_each_topic_while_the_observer_is_busy()
    {
        using var entered = new SemaphoreSlim(0);
        using var go = new SemaphoreSlim(0);
        var seen = new ConcurrentQueue<string>();
        var ended = new TaskCompletionSource();
        using var _ = _source.Conflate().Subscribe(
            message =>
            {
                seen.Enqueue($"{message.Topic}={message.ConvertPayloadToString()}");
                entered.Release();
                go.Wait(Limit);
            },
            ended.SetResult);
        SendValue("a", "0");
        (await entered.WaitAsync(Limit)).Should().BeTrue();

        SendValue("b", "1");
        SendValue("a", "2");
        SendValue("b", "3");
        SendValue("a", "4");
        _source.OnCompleted();
        go.Release(10);
        await ended.Task.WaitAsync(Limit);

        seen.Should().Equal("a=0", "b=3", "a=4");
    }

    [Fact]
    public async Task Conflate_ends_when_more_keys_wait_than_allowed()
    {
        using var entered = new SemaphoreSlim(0);
        using var go = new SemaphoreSlim(0);
        var failure = new TaskCompletionSource<Exception>();
        using var _ = _source.Conflate(maxWaiting: 2).Subscribe(
            _ =>
            {
                entered.Release();
                go.Wait(Limit);
            },
            failure.SetResult);
        Send("x");
        (await entered.WaitAsync(Limit)).Should().BeTrue();

        Send("a", "b");
        _source.HasObservers.Should().BeTrue();
        Send("c");
        _source.HasObservers.Should().BeFalse("a source that nobody hears any more is let go");
        go.Release(10);

        (await failure.Task.WaitAsync(Limit)).Should().BeOfType<InvalidOperationException>()
            .Which.Message.Should().Contain("2 keys");
    }

    [Fact]
    public async Task Publish_holds_the_source_back_and_gives_the_results_in_order()
    {
        var client = new ScriptedClient();
        var results = new ConcurrentQueue<ushort?>();
        var ended = new TaskCompletionSource();
        using var _ = _source.Publish(client, maxInFlight: 2).Subscribe(
            result => results.Enqueue(result.PacketIdentifier),
            ended.SetResult);
        Send("a", "b");
        var third = Task.Run(() => Send("c"));
        client.Answer("b", 2);

        client.Published.Should().Equal("a", "b");
        third.IsCompleted.Should().BeFalse("the result of b waits for that of a");
        client.Answer("a", 1);
        await third.WaitAsync(Limit);
        client.Answer("c", 3);
        _source.OnCompleted();
        await ended.Task.WaitAsync(Limit);

        results.Should().Equal(1, 2, 3);
    }

    [Fact]
    public async Task Failures_behind_the_first_are_no_unobserved_exceptions()
    {
        var unobserved = new ConcurrentQueue<Exception>();
        void OnUnobserved(object? sender, UnobservedTaskExceptionEventArgs e) =>
            unobserved.Enqueue(e.Exception.InnerException!);
        TaskScheduler.UnobservedTaskException += OnUnobserved;
        try
        {
            await FailTwiceAsync();
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
        finally
        {
            TaskScheduler.UnobservedTaskException -= OnUnobserved;
        }

        unobserved.OfType<IOException>().Select(e => e.Message).Should().NotContain("b is nobody's");

        [MethodImpl(MethodImplOptions.NoInlining)]
        async Task FailTwiceAsync()
        {
            var client = new ScriptedClient();
            var failure = new TaskCompletionSource<Exception>();
            using var _ = _source.Publish(client, maxInFlight: 2).Subscribe(_ => { }, failure.SetResult);
            Send("a", "b");
            client.Fail("b", new IOException("b is nobody's"));
            client.Fail("a", new IOException("a is told"));
            (await failure.Task.WaitAsync(Limit)).Message.Should().Be("a is told");
        }
    }

    [Fact]
    public async Task Publish_ends_with_the_first_that_fails()
    {
        var client = new ScriptedClient();
        var failure = new TaskCompletionSource<Exception>();
        using var _ = _source.Publish(client).Subscribe(static _ => { }, failure.SetResult);
        Send("a");

        client.Fail("a", new MqttNotConnectedException("gone"));

        (await failure.Task.WaitAsync(Limit)).Should().BeOfType<MqttNotConnectedException>();
    }

    [Fact]
    public async Task Publish_lets_go_of_a_source_that_waits_when_nobody_listens_any_more()
    {
        var client = new ScriptedClient();
        var subscription = _source.Publish(client, maxInFlight: 1).Subscribe();
        Send("a");
        var second = Task.Run(() => Send("b"));

        subscription.Dispose();

        await second.WaitAsync(Limit);
        client.Published.Should().Equal("a");
    }

    private static MqttApplicationMessage Message(string topic, string payload = "") =>
        new() { Topic = topic, Payload = System.Text.Encoding.UTF8.GetBytes(payload) };

    private void SendValue(string topic, string payload) => _source.OnNext(Message(topic, payload));

    private void Send(params string[] topics)
    {
        foreach (var topic in topics)
        {
            _source.OnNext(Message(topic));
        }
    }
}
