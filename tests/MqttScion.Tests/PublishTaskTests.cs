using System.Diagnostics.CodeAnalysis;
using MqttScion.Mqtt;
using MqttScion.Tests.Memory;
using MqttScion.Tests.Support;

namespace MqttScion.Tests;

/// <summary>What a caller of <c>PublishAsync</c> may do with what it gets.</summary>
public sealed class PublishTaskTests
{
    private static readonly TimeSpan _patience = ScriptedConnection.Patience;
    private static readonly MqttApplicationMessage _message = Messages.Of("t", "x", qos: 1);

    [Fact]
    public async Task Continuation_that_blocks_holds_nobody_up()
    {
        await using var client = await ConnectAsync();

        var isAnswered = await BlockAfterAsync(client);

        isAnswered.Should().BeTrue();
    }

    [Fact]
    public async Task Second_await_of_one_publish_is_refused()
    {
        await using var client = await ConnectAsync();
        var publish = client.PublishAsync(_message);
        await publish;

        Func<Task> again = async () => await publish;

        await again.Should().ThrowAsync<InvalidOperationException>();
    }

    [Fact]
    [SuppressMessage("Reliability", "CA2012", Justification = "It is what is tested.")]
    public async Task Publishes_that_nobody_awaits_do_no_harm_to_others()
    {
        await using var client = await ConnectAsync();
        for (var i = 0; i < 100; i++)
        {
            _ = client.PublishAsync(_message);
            (await client.PublishAsync(_message).AsTask().WaitAsync(_patience)).IsSuccess.Should().BeTrue();
        }
    }

    [Fact]
    public async Task Cancellation_after_the_answer_reaches_no_later_publish()
    {
        await using var client = await ConnectAsync();
        for (var i = 0; i < 200; i++)
        {
            using var cancellation = new CancellationTokenSource();
            await client.PublishAsync(_message, cancellation.Token);
            var later = client.PublishAsync(_message);
            await cancellation.CancelAsync();

            (await later).IsSuccess.Should().BeTrue();
        }
    }

    [Fact]
    public async Task Cancellation_beside_the_answer_ends_each_publish_once()
    {
        await using var client = await ConnectAsync();
        for (var i = 0; i < 500; i++)
        {
            using var cancellation = new CancellationTokenSource();
            var publish = client.PublishAsync(_message, cancellation.Token).AsTask();
            var cancelling = cancellation.CancelAsync();
            await Task.WhenAny(publish).WaitAsync(_patience);
            await cancelling.WaitAsync(_patience);

            if (publish.IsCompletedSuccessfully)
            {
                (await publish).IsSuccess.Should().BeTrue();
            }
            else
            {
                publish.IsCanceled.Should().BeTrue();
            }
        }
    }

    [Fact]
    public async Task Subscribing_while_publishes_use_all_packet_identifiers_waits_for_one()
    {
        var broker = new MemoryBroker { HoldsAnswers = true };
        await using var client = MemoryConnector.Client(broker, o => o.MaxPendingPublishes = 100_000);
        await client.ConnectAsync().WaitAsync(_patience);
        for (var i = 0; i < ushort.MaxValue; i++)
        {
            await client.EnqueueAsync(_message);
        }
        SpinWait.SpinUntil(() => broker.Received == ushort.MaxValue, _patience).Should().BeTrue();

        var subscribing = client.SubscribeAsync("in/#").AsTask();
        await client.EnqueueAsync(_message);
        await Task.WhenAny(subscribing, Task.Delay(TimeSpan.FromMilliseconds(100)));
        subscribing.IsFaulted.Should().BeFalse();
        broker.ReleaseAnswers();

        await using var subscription = await subscribing.WaitAsync(_patience);
    }

    [Fact]
    public async Task Message_that_breaks_a_rule_fails_the_task_and_not_the_call()
    {
        await using var client = await ConnectAsync();

        var publish = client.PublishAsync(Messages.Of("a/#", qos: 1));

        publish.IsFaulted.Should().BeTrue();
        await FluentActions.Awaiting(() => publish.AsTask()).Should().ThrowAsync<ArgumentException>()
            .WithMessage("*MQTT-3.3.2-2*");
    }

    // On the thread that brought the first answer; if that were the loop, or brought the other answers too, it would
    // wait for itself.
    private static async Task<bool> BlockAfterAsync(ScionMqttClient client)
    {
        await client.PublishAsync(_message).ConfigureAwait(false);
        return client.PublishAsync(_message).AsTask().Wait(_patience);
    }

    private static async Task<ScionMqttClient> ConnectAsync()
    {
        var client = MemoryConnector.Client(new MemoryBroker());
        await client.ConnectAsync().WaitAsync(_patience);
        return client;
    }
}
