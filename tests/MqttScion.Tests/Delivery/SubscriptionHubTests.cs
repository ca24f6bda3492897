using System.Threading.Channels;
using MqttScion.Mqtt;
using MqttScion.Tests.Support;

namespace MqttScion.Tests.Delivery;

/// <summary>What subscriptions ask of a server, and to whom its messages go, without a network.</summary>
public sealed class SubscriptionHubTests
{
    private readonly DropRecorder _drops = new();

    [Fact]
    public void Observers_of_a_filter_share_one_SUBSCRIBE_and_the_last_alone_unsubscribes()
    {
        var (hub, link) = Connected();
        var filter = new MqttTopicFilter
        {
            Topic = "a",
            RetainHandling = MqttRetainHandling.DoNotSendOnSubscribe,
        };
        var first = hub.Messages(filter).Subscribe(_ => { });
        link.Grant();
        var second = hub.Messages(filter).Subscribe(_ => { });
        link.Grant();

        first.Dispose();
        link.Wire.Should().Equal("SUBSCRIBE a QoS 1 DoNotSendOnSubscribe");
        second.Dispose();

        link.Wire.Should().Equal("SUBSCRIBE a QoS 1 DoNotSendOnSubscribe", "UNSUBSCRIBE a");
    }

    [Fact]
    public void Disposing_one_filter_unsubscribes_no_sibling()
    {
        var (hub, link) = Connected();
        var wide = hub.Messages("a/#").Subscribe(_ => { });
        using var narrow = hub.Messages("a/b").Subscribe(_ => { });
        link.Grant();

        wide.Dispose();

        link.Wire.Should().Equal(
            "SUBSCRIBE a/# QoS 1 SendAtSubscribe", "SUBSCRIBE a/b QoS 1 SendAtSubscribe", "UNSUBSCRIBE a/#");
    }

    [Fact]
    public void Disposing_twice_gives_one_share_back()
    {
        var (hub, link) = Connected();
        var twice = hub.Messages("a").Subscribe(_ => { });
        using var other = hub.Messages("a").Subscribe(_ => { });

        twice.Dispose();
        twice.Dispose();

        link.Wire.Should().Equal("SUBSCRIBE a QoS 1 SendAtSubscribe");
    }

    [Fact]
    public async Task Refused_SUBACK_ends_every_observer_of_the_filter_and_the_next_subscribes_anew()
    {
        var (hub, link) = Connected();
        var first = hub.Messages("a").Collect();
        var second = hub.Messages("a").Collect();

        link.Grant(MqttClientSubscribeResultCode.NotAuthorized);

        await EndsAsync<MqttSubscribeRefusedException>(first);
        await EndsAsync<MqttSubscribeRefusedException>(second);
        var third = hub.Messages("a").Collect();
        link.Grant();
        link.Say("a", "1");
        (await third.NextAsync()).ConvertPayloadToString().Should().Be("1");
    }

    [Fact]
    public async Task UNSUBACK_of_an_old_generation_leaves_the_new_subscription_alone()
    {
        var (hub, link) = Connected();
        hub.Messages("a").Subscribe(_ => { }).Dispose();
        var observer = hub.Messages("a").Collect();
        link.Grant();

        link.AnswerUnsubscribe().Should().BeTrue();
        link.Say("a", "1", qos: 0, retain: false, link.Identifiers[^1]);

        (await observer.NextAsync()).ConvertPayloadToString().Should().Be("1");
    }

    [Fact]
    public void UNSUBACK_of_an_old_generation_does_not_stand_for_the_newer_UNSUBSCRIBE()
    {
        var (hub, link) = Connected();
        hub.Messages("a").Subscribe(_ => { }).Dispose();
        hub.Messages("a").Subscribe(_ => { }).Dispose();

        link.AnswerUnsubscribe().Should().BeTrue();
        hub.OnDisconnected(link);
        var next = new FakeLink(hub);
        hub.OnConnected(next, isSessionPresent: true, isKnown: true);

        next.Wire.Should().Equal("UNSUBSCRIBE a");
    }

    [Fact]
    public void Refused_replay_leaves_nothing_subscribed()
    {
        var (hub, link) = Connected();
        using var first = hub.Messages("a").Subscribe(_ => { }, _ => { });
        link.Grant();
        using var second = hub.Messages("a").Subscribe(_ => { }, _ => { });

        link.Grant(MqttClientSubscribeResultCode.NotAuthorized);

        link.Wire[^1].Should().Be("UNSUBSCRIBE a");
    }

    [Fact]
    public void Higher_quality_of_service_is_subscribed_without_a_replay_for_who_was_there()
    {
        var (hub, link) = Connected();
        using var low = hub.Messages(Messages.Filter("a", 0)).Subscribe(_ => { });
        link.Grant();

        using var high = hub.Messages(new MqttTopicFilter
        {
            Topic = "a",
            QualityOfServiceLevel = MqttQualityOfServiceLevel.AtLeastOnce,
            RetainHandling = MqttRetainHandling.DoNotSendOnSubscribe,
        }).Subscribe(_ => { });
        link.Grant();

        link.Wire.Should().Equal("SUBSCRIBE a QoS 0 SendAtSubscribe", "SUBSCRIBE a QoS 1 DoNotSendOnSubscribe");
    }

    [Fact]
    public async Task Late_observer_alone_gets_the_replay_and_all_get_what_is_live()
    {
        var (hub, link) = Connected();
        var first = hub.Messages("a").Collect();
        link.Grant();
        var late = hub.Messages("a").Collect();
        link.Grant();

        link.Say("a", "old", qos: 0, retain: true, link.Identifiers[0]);
        link.Say("a", "new", qos: 0, retain: true, link.Identifiers[1]);
        link.Say("a", "live", qos: 0, retain: false, link.Identifiers[1]);

        link.Wire.Should().Equal("SUBSCRIBE a QoS 1 SendAtSubscribe", "SUBSCRIBE a QoS 1 SendAtSubscribe");
        (await TextsAsync(first, 2)).Should().Equal("old", "live");
        (await TextsAsync(late, 2)).Should().Equal("new", "live");
    }

    [Fact]
    public async Task Late_observer_gets_its_replay_without_subscription_identifiers()
    {
        var (hub, link) = Connected(hasIdentifiers: false);
        var first = hub.Messages("a").Collect();
        link.Grant();
        link.Say("a", "retained", retain: true);
        var late = hub.Messages("a").Collect();
        link.Grant();

        link.Say("a", "retained", retain: true);
        link.Say("a", "live");

        (await TextsAsync(first, 2)).Should().Equal("retained", "live");
        (await TextsAsync(late, 2)).Should().Equal("retained", "live");
    }

    [Fact]
    public async Task Late_observer_with_Retain_As_Published_gets_the_replay_and_live_RETAIN_reaches_all()
    {
        var (hub, link) = Connected();
        var filter = new MqttTopicFilter { Topic = "a", RetainAsPublished = true };
        var first = hub.Messages(filter).Collect();
        link.Grant();
        var late = hub.Messages(filter).Collect();
        link.Grant();

        link.Say("a", "replay", qos: 0, retain: true, link.Identifiers[1]);
        link.Say("a", "between", qos: 0, retain: false, link.Identifiers[1]);
        link.Say("a", "live", qos: 0, retain: true, link.Identifiers[2]);

        link.Wire.Skip(1).Should().Equal(
            "SUBSCRIBE a QoS 1 SendAtSubscribe", "SUBSCRIBE a QoS 1 DoNotSendOnSubscribe RAP");
        (await TextsAsync(first, 2)).Should().Equal("between", "live");
        (await TextsAsync(late, 3)).Should().Equal("replay", "between", "live");
    }

    [Fact]
    public void Late_observers_that_come_together_share_one_replay()
    {
        var (hub, link) = Connected();
        using var first = hub.Messages("a").Subscribe(_ => { });
        link.Grant();

        using var second = hub.Messages("a").Subscribe(_ => { });
        using var third = hub.Messages("a").Subscribe(_ => { });
        link.Grant();

        link.Wire.Should().HaveCount(2);
    }

    [Fact]
    public void First_observer_of_a_share_that_asked_for_no_retained_messages_gets_its_own()
    {
        var (hub, link) = Connected();
        hub.Hold(new MqttTopicFilter { Topic = "a", RetainHandling = MqttRetainHandling.DoNotSendOnSubscribe });
        link.Grant();

        using var first = hub.Messages("a").Subscribe(_ => { });

        link.Wire.Should().Equal("SUBSCRIBE a QoS 1 DoNotSendOnSubscribe", "SUBSCRIBE a QoS 1 SendAtSubscribe");
    }

    [Fact]
    public void Session_that_was_lost_brings_what_is_retained_to_a_later_observer_too()
    {
        var (hub, link) = Connected();
        using var first = hub.Messages(
            new MqttTopicFilter { Topic = "a", RetainHandling = MqttRetainHandling.DoNotSendOnSubscribe })
            .Subscribe(_ => { });
        using var second = hub.Messages("a").Subscribe(_ => { });
        link.Grant();
        hub.OnDisconnected(link);

        var next = new FakeLink(hub);
        hub.OnConnected(next, isSessionPresent: false, isKnown: false);

        next.Wire.Should().Equal("SUBSCRIBE a QoS 1 SendAtSubscribe");
    }

    [Fact]
    public void Filter_that_came_and_went_without_a_connection_is_unsubscribed_when_the_session_still_holds_it()
    {
        var (hub, link) = Connected();
        var first = hub.Messages("a").Subscribe(_ => { });
        link.Grant();
        hub.OnDisconnected(link);
        first.Dispose();
        hub.Messages("a").Subscribe(_ => { }).Dispose();

        var next = new FakeLink(hub);
        hub.OnConnected(next, isSessionPresent: true, isKnown: true);

        next.Wire.Should().Equal("UNSUBSCRIBE a");
    }

    [Fact]
    public async Task Late_observer_whose_SUBSCRIBE_was_lost_with_the_connection_gets_its_replay_on_the_next()
    {
        var (hub, link) = Connected();
        var first = hub.Messages("a").Collect();
        link.Grant();
        var late = hub.Messages("a").Collect();
        link.Write();
        hub.OnDisconnected(link);

        var next = new FakeLink(hub);
        hub.OnConnected(next, isSessionPresent: true, isKnown: true);
        next.Grant();
        next.Say("a", "replay", qos: 0, retain: true, next.Identifiers[0]);
        next.Say("a", "live", qos: 0, retain: false, next.Identifiers[0]);

        next.Wire.Should().Equal("SUBSCRIBE a QoS 1 SendAtSubscribe");
        (await TextsAsync(late, 2)).Should().Equal("replay", "live");
        (await TextsAsync(first, 1)).Should().Equal("live");
    }

    [Fact]
    public async Task Session_that_was_lost_brings_what_is_retained_to_all_observers()
    {
        var (hub, link) = Connected();
        var first = hub.Messages("a").Collect();
        link.Grant();
        var late = hub.Messages("a").Collect();
        link.Grant();
        hub.OnDisconnected(link);

        var next = new FakeLink(hub);
        hub.OnConnected(next, isSessionPresent: false, isKnown: false);
        next.Grant();
        next.Say("a", "retained", qos: 0, retain: true, next.Identifiers[0]);

        (await TextsAsync(first, 1)).Should().Equal("retained");
        (await TextsAsync(late, 1)).Should().Equal("retained");
    }

    [Fact]
    public async Task Message_with_the_identifiers_of_overlapping_filters_reaches_each_observer_once()
    {
        var (hub, link) = Connected();
        var wide = hub.Messages("a/#").Collect();
        var narrow = hub.Messages("a/b").Collect();
        link.Grant();

        link.Say("a/b", "1", 0, false, link.Identifiers[0], link.Identifiers[1], link.Identifiers[1]);
        link.Say("a/b", "2", 0, false, link.Identifiers[0]);
        link.Say("a/b", "2", 0, false, link.Identifiers[1]);

        (await TextsAsync(wide, 2)).Should().Equal("1", "2");
        (await TextsAsync(narrow, 2)).Should().Equal("1", "2");
        (wide.Count + narrow.Count).Should().Be(0);
    }

    [Fact]
    public async Task Copies_without_identifiers_are_dealt_out_when_the_options_say_so()
    {
        var (hub, link) = Connected(hasIdentifiers: false, copies: true);
        var wide = hub.Messages("a/#").Collect();
        var narrow = hub.Messages("a/b").Collect();
        link.Grant();

        foreach (var payload in new[] { "1", "1", "1", "1", "2", "2" })
        {
            link.Say("a/b", payload);
        }

        (await TextsAsync(wide, 3)).Should().Equal("1", "1", "2");
        (await TextsAsync(narrow, 3)).Should().Equal("1", "1", "2");
        (wide.Count + narrow.Count).Should().Be(0);
    }

    [Fact]
    public async Task Messages_without_identifiers_are_kept_from_nobody_by_default()
    {
        var (hub, link) = Connected(hasIdentifiers: false);
        var wide = hub.Messages("a/#").Collect();
        var narrow = hub.Messages("a/b").Collect();
        link.Grant();

        link.Say("a/b", "1");
        link.Say("a/b", "1");

        (await TextsAsync(wide, 2)).Should().Equal("1", "1");
        (await TextsAsync(narrow, 2)).Should().Equal("1", "1");
    }

    [Fact]
    public async Task Wildcard_at_the_first_level_does_not_get_SYS_topics()
    {
        var (hub, link) = Connected(hasIdentifiers: false);
        var all = hub.Messages("#").Collect();
        var system = hub.Messages("$SYS/#").Collect();
        link.Grant();

        link.Say("$SYS/uptime", "1");
        link.Say("a", "2");

        (await TextsAsync(system, 1)).Should().Equal("1");
        (await TextsAsync(all, 1)).Should().Equal("2");
    }

    [Fact]
    public void Message_for_no_subscription_is_reported_and_acknowledged()
    {
        var (_, link) = Connected();

        var id = link.Say("nobody", "1", qos: 1);

        _drops.Reports.Should().Equal("NoSubscription  1");
        link.Answers.Should().Equal((id, MqttClientPublishReasonCode.Success));
    }

    [Fact]
    public void Message_with_the_identifier_of_a_subscription_that_is_gone_is_reported_and_acknowledged()
    {
        var (hub, link) = Connected();
        var gone = hub.Messages("a/b").Subscribe(_ => { });
        var wide = hub.Messages("a/#").Collect();
        link.Grant();
        gone.Dispose();

        // A copy of one that comes for "a/#" as well.
        var id = link.Say("a/b", "1", 1, false, link.Identifiers[0]);

        _drops.Reports.Should().Equal("NoSubscription  1");
        link.Answers.Should().Equal((id, MqttClientPublishReasonCode.Success));
        wide.Count.Should().Be(0);
    }

    [Fact]
    public async Task Identifiers_of_another_process_lead_to_the_filters_that_match()
    {
        var hub = new SubscriptionHub(TestSettings.Default, _drops);
        var link = new FakeLink(hub);
        hub.OnConnected(link, isSessionPresent: true, isKnown: false);
        var observer = hub.Messages("b").Collect();
        link.Grant();

        link.Say("b", "1", 0, false, 4711);

        (await TextsAsync(observer, 1)).Should().Equal("1");
    }

    [Fact]
    public async Task Observer_that_comes_after_the_end_is_completed_at_once()
    {
        var (hub, _) = Connected();
        var messages = hub.Messages("a");
        hub.Complete();

        var late = messages.Collect();

        await late.Completion.WaitAsync(ScriptedConnection.Patience);
    }

    [Fact]
    public void Same_filter_with_other_options_is_refused_at_the_call()
    {
        var (hub, _) = Connected();
        using var first = hub.Messages("a").Subscribe(_ => { });

        var act = () => hub.Messages(new MqttTopicFilter { Topic = "a", NoLocal = true });

        act.Should().Throw<ArgumentException>().WithMessage("*No Local*");
    }

    private (SubscriptionHub Hub, FakeLink Link) Connected(bool hasIdentifiers = true, bool copies = false)
    {
        var settings = TestSettings.With(o =>
        {
            o.MaxQueuedMessages = 100;
            o.MaxQueuedBytes = 1 << 20;
            o.ServerSendsCopyPerSubscription = copies;
        });
        var hub = new SubscriptionHub(settings, _drops);
        var link = new FakeLink(hub, hasIdentifiers);
        hub.OnConnected(link, isSessionPresent: false, isKnown: false);
        return (hub, link);
    }

    private static async Task<List<string>> TextsAsync(ChannelReader<MqttApplicationMessage> reader, int count)
    {
        var texts = new List<string>();
        for (var i = 0; i < count; i++)
        {
            texts.Add((await reader.NextAsync()).ConvertPayloadToString());
        }
        return texts;
    }

    private static async Task EndsAsync<T>(ChannelReader<MqttApplicationMessage> reader)
        where T : Exception =>
        await FluentActions.Awaiting(() => reader.Completion.WaitAsync(ScriptedConnection.Patience))
            .Should().ThrowAsync<T>();
}
