using System.Diagnostics.CodeAnalysis;
using System.Reactive.Linq;
using MqttScion.Mqtt;
using MqttScion.Proxy.Tests.Support;
using MqttScion.Testnet;
using MqttScion.Tests.Support;

namespace MqttScion.Tests;

/// <summary>
/// Messages that are handled and pulled, over real sockets: client → QUIC → SCION → proxy → embedded broker.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "xunit disposes it through IAsyncLifetime.")]
public sealed class InboundTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = ScriptedConnection.Patience;

    private PocketBroker _broker = null!;
    private SameAsWorld _world = null!;

    public async Task InitializeAsync()
    {
        _broker = await PocketBroker.StartAsync(new PocketBrokerOptions
        {
            AuthorizeSubscribe = (_, filter) => filter.Topic == "secret"
                ? MqttClientSubscribeResultCode.NotAuthorized
                : null,
        });
        _world = new SameAsWorld(_broker.EndPoint.ToString());
    }

    public async Task DisposeAsync()
    {
        await _world.DisposeAsync();
        await _broker.DisposeAsync();
    }

    [Fact]
    public async Task ReadMessagesAsync_holds_the_server_back_through_the_Receive_Maximum()
    {
        await using var client = await ConnectedAsync(o => o.ReceiveMaximum = 3);
        await using var reader = new DeliveryReader(client.ReadMessagesAsync(Messages.Filter("t", 1)));
        var first = reader.NextAsync();
        await RoundTripAsync(client);
        for (var i = 0; i < 10; i++)
        {
            _broker.Publish(Messages.Of("t", $"{i}", qos: 1));
        }

        var delivery = await first;
        (await reader.TextsAsync(2)).Should().Equal("1", "2");
        await RoundTripAsync(client);
        _broker.Statistics.Delivered.Should().Be(3 + 2, "three messages and the two round trips");

        delivery.Acknowledge();
        (await reader.TextsAsync(1)).Should().Equal("3");
    }

    [Fact]
    public async Task ReadMessagesAsync_remembers_its_filter_before_connect()
    {
        await using var client = _world.Client("early");
        await using var reader = new DeliveryReader(client.ReadMessagesAsync("t"));
        var first = reader.NextAsync();

        await client.ConnectAsync();
        await RoundTripAsync(client);
        _broker.Publish(Messages.Of("t", "1"));

        (await first).Message.ConvertPayloadToString().Should().Be("1");
    }

    [Fact]
    public async Task ReadMessagesAsync_of_a_refused_filter_throws()
    {
        await using var client = await ConnectedAsync();
        await using var reader = new DeliveryReader(client.ReadMessagesAsync("secret"));

        await FluentActions.Awaiting(reader.NextAsync).Should().ThrowAsync<MqttSubscribeRefusedException>();
    }

    [Fact]
    public async Task ReadMessagesAsync_completes_when_the_client_is_disposed()
    {
        var client = await ConnectedAsync();
        await using var reader = new DeliveryReader(client.ReadMessagesAsync("t"));
        var waiting = reader.NextAsync();

        await client.DisposeAsync();

        await FluentActions.Awaiting(() => waiting).Should().ThrowAsync<EndOfStreamException>();
        FluentActions.Invoking(() => client.ReadMessagesAsync("t")).Should().Throw<ObjectDisposedException>();
    }

    [Fact]
    public async Task ReadMessagesAsync_ends_with_the_connection_that_ended_for_good()
    {
        await using var client = await ConnectedAsync();
        await using var reader = new DeliveryReader(client.ReadMessagesAsync("t"));
        var waiting = reader.NextAsync();
        await RoundTripAsync(client);

        await client.DisconnectAsync();

        await FluentActions.Awaiting(() => waiting).Should().ThrowAsync<MqttNotConnectedException>();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Messages_that_a_disconnect_took_from_their_reader_come_again_in_the_session(int qos)
    {
        await using var client = await ConnectedAsync(o =>
        {
            (o.ClientId, o.CleanStart) = ("kept", false);
            o.SessionExpiryInterval = TimeSpan.FromMinutes(1);
        });
        await using (var reader = new DeliveryReader(client.ReadMessagesAsync(Messages.Filter("t", qos))))
        {
            var first = reader.NextAsync();
            await RoundTripAsync(client);
            _broker.Publish(Messages.Of("t", "1", qos));
            _broker.Publish(Messages.Of("t", "2", qos));
            await first;
            await reader.NextAsync();

            await client.DisconnectAsync();

            await FluentActions.Awaiting(reader.NextAsync).Should().ThrowAsync<MqttNotConnectedException>();
        }
        await using var next = new DeliveryReader(client.ReadMessagesAsync(Messages.Filter("t", qos)));
        var again = next.NextAsync();
        await client.ConnectAsync();

        (await again).Message.ConvertPayloadToString().Should().Be("1");
        (await next.TextsAsync(1)).Should().Equal("2");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task ReadMessagesAsync_goes_on_when_the_connection_is_lost_and_gives_no_message_twice(int qos)
    {
        await using var client = await ConnectedAsync();
        await using var reader = new DeliveryReader(client.ReadMessagesAsync(Messages.Filter("t", qos)));
        var first = reader.NextAsync();
        await RoundTripAsync(client);
        _broker.Publish(Messages.Of("t", "1", qos));
        var held = await first;

        await ReconnectAsync(client);
        held.Acknowledge();
        _broker.Publish(Messages.Of("t", "2", qos));

        var next = await reader.NextAsync();
        next.Message.ConvertPayloadToString().Should().Be("2");
        next.Acknowledge();
        await RoundTripAsync(client); // A QoS 1 message whose PUBACK is lost comes again, and may.
        await ReconnectAsync(client);
        _broker.Publish(Messages.Of("t", "3", qos));
        (await reader.TextsAsync(1)).Should().Equal("3");
    }

    [Fact]
    public async Task Handler_may_publish_await_subscribe_and_dispose_its_own_subscription()
    {
        await using var client = await ConnectedAsync(o => o.ReceiveMaximum = 1);
        var done = new TaskCompletionSource<string>();
        IMqttSubscription? own = null;
        var hasOwn = new TaskCompletionSource();
        own = await client.SubscribeAsync(Messages.Filter("in", 1), async (delivery, token) =>
        {
            await hasOwn.Task;
            await client.PublishAsync(Messages.Of("out", "published", qos: 1), token);
            await using (await client.SubscribeAsync("other", token))
            {
                await own!.DisposeAsync();
                done.SetResult(delivery.Message.ConvertPayloadToString());
            }
        });
        hasOwn.SetResult();

        await client.PublishAsync(Messages.Of("in", "1", qos: 1));

        (await done.Task.WaitAsync(Patience)).Should().Be("1");
        await own.Completion.WaitAsync(Patience);
    }

    [Fact]
    public async Task Handler_of_a_refused_filter_makes_SubscribeAsync_throw()
    {
        await using var client = await ConnectedAsync();

        var act = async () => await client.SubscribeAsync("secret", (_, _) => default);

        await act.Should().ThrowAsync<MqttSubscribeRefusedException>();
    }

    [Fact]
    public async Task Handler_that_throws_gets_the_message_again_with_Disconnect()
    {
        await using var client = await ConnectedAsync(o => o.OnObserverFailure = ObserverFailureAction.Disconnect);
        var states = client.ConnectionStates.Collect();
        var seen = System.Threading.Channels.Channel.CreateUnbounded<(string, bool)>();
        var isFirst = true;
        await using var subscription = await client.SubscribeAsync(Messages.Filter("t", 1), (delivery, _) =>
        {
            seen.Writer.TryWrite((delivery.Message.ConvertPayloadToString(), delivery.Message.Dup));
            (var wasFirst, isFirst) = (isFirst, false);
            return wasFirst ? throw new InvalidDataException() : default;
        });

        _broker.Publish(Messages.Of("t", "1", qos: 1));

        (await seen.Reader.NextAsync()).Should().Be(("1", false));
        (await seen.Reader.NextAsync()).Should().Be(("1", true));
        (await states.NextAsync<ConnectionState, ConnectionState.Reconnecting>()).Cause.Message
            .Should().Contain("OnObserverFailure");
        await RoundTripAsync(client);
        _broker.Publish(Messages.Of("t", "2", qos: 1));
        (await seen.Reader.NextAsync()).Should().Be(("2", false));
    }

    [Fact]
    public async Task Blocked_handler_among_eight_filters_keeps_no_request_of_another_from_its_response()
    {
        await using var client = await ConnectedAsync(o => o.ReceiveMaximum = 4);
        await using var responder = await ConnectedAsync();
        using var service = responder.Requests("service")
            .SelectMany(r => Observable.FromAsync(() => r.RespondAsync("pong"u8.ToArray()).AsTask()))
            .Subscribe(_ => { });
        await RoundTripAsync(responder);
        var block = new TaskCompletionSource();
        var response = new TaskCompletionSource<string>();
        var subscriptions = new List<IMqttSubscription>();
        for (var i = 0; i < 8; i++)
        {
            var number = i;
            subscriptions.Add(await client.SubscribeAsync(Messages.Filter($"f/{i}", 1), async (_, token) =>
            {
                if (number == 0)
                {
                    await block.Task.WaitAsync(token);
                }
                else if (number == 7)
                {
                    var answer = await client.RequestAsync(Messages.Of("service", qos: 1), cancellationToken: token);
                    response.TrySetResult(answer.ConvertPayloadToString());
                }
            }));
        }

        // The fourth, which asks, fills the Receive Maximum.
        for (var i = 0; i < 10; i++)
        {
            _broker.Publish(Messages.Of(i == 3 ? "f/7" : "f/0", qos: 1));
        }

        (await response.Task.WaitAsync(Patience)).Should().Be("pong");
        block.SetResult();
        foreach (var subscription in subscriptions)
        {
            await subscription.DisposeAsync();
        }
    }

    [Fact]
    public async Task Drop_mode_keeps_a_blocked_observer_from_holding_up_the_others()
    {
        await using var client = await ConnectedAsync(o => o.ReceiveMaximum = 2);
        using var block = new SemaphoreSlim(0);
        var options = new MqttDeliveryOptions { Overflow = MqttOverflow.DropOldest, MaxQueuedMessages = 1 };
        using var blocked = client.Messages(Messages.Filter("slow", 1), options)
            .Subscribe(_ => block.Wait(Patience));
        var fast = client.Messages(Messages.Filter("fast", 1)).Collect();
        await RoundTripAsync(client);

        for (var i = 0; i < 20; i++)
        {
            _broker.Publish(Messages.Of("slow", $"{i}", qos: 1));
        }
        _broker.Publish(Messages.Of("fast", "through", qos: 1));

        (await fast.NextAsync()).ConvertPayloadToString().Should().Be("through");
        block.Release(100);
    }

    [Fact]
    public async Task Late_observer_gets_the_retained_message_and_nobody_else_does()
    {
        await using var client = await ConnectedAsync();
        _broker.Publish(new MqttApplicationMessage { Topic = "r", Payload = "kept"u8.ToArray(), Retain = true });
        var first = client.Messages("r").Collect();
        (await first.NextAsync()).ConvertPayloadToString().Should().Be("kept");

        var late = client.Messages("r").Collect();
        (await late.NextAsync()).ConvertPayloadToString().Should().Be("kept");
        await client.PublishAsync(Messages.Of("r", "live"));

        (await first.NextAsync()).ConvertPayloadToString().Should().Be("live");
        (await late.NextAsync()).ConvertPayloadToString().Should().Be("live");
    }

    [MosquittoTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Late_observer_gets_the_retained_message_of_mosquitto(bool retainAsPublished)
    {
        await using var mosquitto = await Mosquitto.StartAsync();
        await using var proxy = _world.StartProxy(mosquitto.Address);
        await using var client = _world.Client("late", o =>
        {
            o.Servers.Clear();
            o.Servers.Add(proxy.LocalEndPoint.ToString());
        });
        await client.ConnectAsync();
        var kept = new MqttApplicationMessage
        {
            Topic = "r",
            Payload = "kept"u8.ToArray(),
            Retain = true,
            QualityOfServiceLevel = MqttQualityOfServiceLevel.AtLeastOnce,
        };
        await client.PublishAsync(kept);
        var filter = new MqttTopicFilter { Topic = "r", RetainAsPublished = retainAsPublished };
        var first = client.Messages(filter).Collect();
        (await first.NextAsync()).ConvertPayloadToString().Should().Be("kept");

        var late = client.Messages(filter).Collect();
        (await late.NextAsync()).ConvertPayloadToString().Should().Be("kept");
        await client.SubscribeAsync("fence");
        await client.PublishAsync(new MqttApplicationMessage
        {
            Topic = "r",
            Payload = "live"u8.ToArray(),
            Retain = true,
        });

        (await first.NextAsync()).ConvertPayloadToString().Should().Be("live");
        (await late.NextAsync()).ConvertPayloadToString().Should().Be("live");
    }

    [Fact]
    public async Task Observer_of_a_disposed_client_is_completed_at_once()
    {
        var client = await ConnectedAsync();
        var messages = client.Messages("t");
        await client.DisposeAsync();

        await messages.Collect().Completion.WaitAsync(Patience);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Overlapping_filters_reach_each_observer_once_also_with_one_copy_per_subscription(
        bool hasIdentifiers)
    {
        await using var broker = await PocketBroker.StartAsync(new PocketBrokerOptions
        {
            OneCopyPerSubscription = true,
            IsSubscriptionIdentifierAvailable = hasIdentifiers,
        });
        await using var proxy = _world.StartProxy(broker.EndPoint.ToString());
        await using var client = _world.Client("overlap", o =>
        {
            o.Servers.Clear();
            o.Servers.Add(proxy.LocalEndPoint.ToString());
            o.ServerSendsCopyPerSubscription = true;
        });
        await client.ConnectAsync();
        var observers = new[] { "a/b", "a/+", "a/#" }
            .Select(f => client.Messages(Messages.Filter(f, 1)).Collect()).ToList();
        await RoundTripAsync(client);

        for (var i = 0; i < 20; i++)
        {
            broker.Publish(Messages.Of("a/b", $"{i / 2}", qos: i % 2));
        }
        broker.Publish(Messages.Of("a/b", "end", qos: 1));

        foreach (var observer in observers)
        {
            var texts = new List<string>();
            do
            {
                texts.Add((await observer.NextAsync()).ConvertPayloadToString());
            }
            while (texts[^1] != "end");
            texts.Should().HaveCount(21);
            observer.Count.Should().Be(0);
        }
    }

    private async Task<ScionMqttClient> ConnectedAsync(Action<ScionMqttClientOptions>? configure = null)
    {
        var client = _world.Client($"c{Guid.NewGuid():N}", o =>
        {
            o.ReconnectDelay = TimeSpan.FromMilliseconds(1);
            configure?.Invoke(o);
        });
        await client.ConnectAsync().WaitAsync(Patience);
        return client;
    }

    /// <summary>Whatever was subscribed before is, and what was published before has come.</summary>
    private static async Task RoundTripAsync(ScionMqttClient client)
    {
        await using var subscription = await client.SubscribeAsync("fence");
        var fence = subscription.Messages.Collect();
        await client.PublishAsync(Messages.Of("fence"));
        await fence.NextAsync();
    }

    private async Task ReconnectAsync(ScionMqttClient client)
    {
        var states = client.ConnectionStates.Collect();
        await states.NextAsync<ConnectionState, ConnectionState.Connected>();
        foreach (var id in _broker.ConnectedClients)
        {
            _broker.Drop(id);
        }
        await states.NextAsync<ConnectionState, ConnectionState.Reconnecting>();
        await states.NextAsync<ConnectionState, ConnectionState.Connected>();
    }
}
