using System.Diagnostics;
using MqttScion.Mqtt;

namespace MqttScion;

/// <summary>
/// What waits for a consumer. In a session that the server keeps, a filter outlives its last consumer by a while: who
/// disconnects or stops soon after leaves filter and messages to the session, and whoever comes in its place goes on
/// where it stopped.
/// </summary>
internal sealed partial class SubscriptionHub
{
    private readonly TimeProvider _time = time ?? TimeProvider.System;
    private bool _isRunning;
    private volatile bool _isStopping;

    /// <summary>True when the process is about to stop: from then on the server keeps whatever nobody took.</summary>
    public bool IsStopping => _isStopping;

    /// <summary>The process is about to stop: consumers go, and the session is to stay as it is.</summary>
    public void OnStopping()
    {
        lock (_gate)
        {
            _isStopping = true;
            StopUnclaimedTimer();
            foreach (var subscription in _byFilter.Values)
            {
                StopTimer(subscription);
            }
        }
    }

    /// <summary>A message was on its way to a consumer when that went: it waits for the next, or nobody will see it.
    /// </summary>
    public void PutBack(Recipient recipient, HeldMessage message)
    {
        lock (_gate)
        {
            PutBack(recipient, [message]);
        }
    }

    /// <summary>Nobody will come for a message.</summary>
    public void Abandon(string? filter, in HeldMessage held)
    {
        if (!held.TryClaim(out var message) || message.Delivery is not { } delivery)
        {
            return;
        }
        if ((held.AtEnd & (DeliveryOutcome.Refused | DeliveryOutcome.Failed)) != 0 && !delivery.StaysOnServer)
        {
            drops.Report(filter, message.Message, MessageDropReason.NotAcknowledged);
        }
        delivery.Complete(held.AtEnd | DeliveryOutcome.Left, MqttClientPublishReasonCode.UnspecifiedError);
    }

    private static bool IsUnused(Subscription subscription) => subscription is { IsLingering: true, HolderCount: 0 };

    // §4.1: subscriptions and unanswered messages are part of the session. Of a shared filter the server gives messages
    // that nobody answered to another member of the group, but none that was refused ([MQTT-4.8.2-6]).
    private bool Lingers(Subscription subscription) =>
        subscription.WasSent && !_isOver
        && (_isStopping
            || (settings.Options.UnsubscribeDelay > TimeSpan.Zero
                && (settings.KeepsSession || (_isRunning && MqttTopic.IsShared(subscription.Filter.Topic)))));

    // A consumer has gone out of the list.
    private void Part(Subscription subscription, Recipient recipient)
    {
        var isKnown = _byNumber.ContainsKey(subscription.Number);
        recipient.WasLast = isKnown && subscription.Recipients.Count == 0 && Lingers(subscription);
        if (recipient.WasLast)
        {
            Linger(subscription);
        }
        ReleaseLocked(subscription);
    }

    // Without a connection the server has it all, and sends it again.
    private void PutBack(Recipient recipient, List<HeldMessage> messages)
    {
        if (!recipient.WasLast || recipient.Subscription is not { } subscription || !(_isRunning || _isStopping))
        {
            foreach (var message in messages)
            {
                Abandon(recipient.Subscription?.Filter.Topic, message);
            }
            return;
        }
        if (subscription.IsLingering)
        {
            for (var i = messages.Count - 1; i >= 0; i--)
            {
                Hold(subscription, messages[i], isFirst: true);
            }
            return;
        }
        foreach (var message in messages)
        {
            if (subscription.Recipients.Count > 0)
            {
                Offer(subscription.Recipients[0], message);
            }
            else
            {
                Abandon(subscription.Filter.Topic, message);
            }
        }
    }

    private static void Offer(Recipient recipient, in HeldMessage held)
    {
        if (held.TryClaim(out var message))
        {
            recipient.Offer(message);
        }
    }

    private void Linger(Subscription subscription)
    {
        subscription.IsLingering = true;
        StopTimer(subscription);
        if (_isRunning && !_isStopping)
        {
            subscription.Lingering = StartTimer(
                settings.Options.UnsubscribeDelay, timer => EndLingering(subscription, timer));
        }
    }

    private void EndLingering(Subscription subscription, ITimer timer)
    {
        lock (_gate)
        {
            if (subscription.Lingering != timer)
            {
                return;
            }
            if (IsUnused(subscription))
            {
                GiveUp(subscription);
            }
            else
            {
                LetGo(subscription);
            }
        }
    }

    // A consumer comes while a filter that nobody uses is subscribed.
    private void Revive(ref Subscription? subscription, MqttTopicFilter filter)
    {
        var present = subscription!;
        if (present.Filter.NoLocal != filter.NoLocal || present.Filter.RetainAsPublished != filter.RetainAsPublished)
        {
            GiveUp(present);
            subscription = null;
            return;
        }
        StopTimer(present);
        if (present.Granted is null || present.Filter.QualityOfServiceLevel != filter.QualityOfServiceLevel)
        {
            present.Filter = present.Filter with { QualityOfServiceLevel = filter.QualityOfServiceLevel };
            present.RenewAnswer();
            Subscribe(present);
        }
    }

    private void ResumeLingering(bool isSessionPresent, bool isKnown)
    {
        foreach (var subscription in _byFilter.Values.Where(IsUnused).ToArray())
        {
            if (!isSessionPresent)
            {
                Forget(subscription);
                LetGo(subscription);
            }
            else if (!isKnown)
            {
                (subscription.IsOnServer, subscription.Granted) = (false, null);
                Linger(subscription);
            }
        }
    }

    // The connection has ended for good: what waits is the server's again.
    private void StopWaiting()
    {
        foreach (var subscription in _byFilter.Values.Where(s => s.IsLingering).ToArray())
        {
            StopTimer(subscription);
            AbandonHeld(subscription);
            if (subscription.HolderCount == 0 && !settings.KeepsSession)
            {
                Forget(subscription);
            }
        }
        StopUnclaimed();
    }

    private static void StopLingering(Subscription subscription)
    {
        StopTimer(subscription);
        subscription.IsLingering = false;
    }

    private static void StopTimer(Subscription subscription)
    {
        subscription.Lingering?.Dispose();
        subscription.Lingering = null;
    }

    private void GiveUp(Subscription subscription)
    {
        Forget(subscription);
        if (subscription.WasSent)
        {
            Unsubscribe(subscription);
        }
        LetGo(subscription);
    }

    // Nobody will come for what was held.
    private void LetGo(Subscription subscription)
    {
        subscription.HasHadRecipient = true;
        StopLingering(subscription);
        AbandonHeld(subscription);
    }

    private void AbandonHeld(Subscription subscription)
    {
        foreach (var held in TakeHeld(subscription))
        {
            Abandon(subscription.Filter.Topic, held);
        }
    }

    private static List<HeldMessage> TakeHeld(Subscription subscription)
    {
        var held = subscription.Held.ToList();
        subscription.Held.Clear();
        (subscription.HeldCount, subscription.HeldBytes) = (0, 0);
        return held;
    }

    private void Hold(Subscription subscription, in HeldMessage held, bool isFirst = false)
    {
        var message = held.Waiting.Message;
        if (held is { Waiting.Delivery: null, Former: null })
        {
            // QoS 1 and 2 are bounded by the Receive Maximum; QoS 0 has no brake but this one.
            if (subscription.HeldCount >= settings.Options.MaxQueuedMessages
                || subscription.HeldBytes >= settings.Options.MaxQueuedBytes)
            {
                drops.Report(subscription.Filter.Topic, message, MessageDropReason.QueueFull);
                return;
            }
            subscription.HeldCount++;
            subscription.HeldBytes += message.Payload.Length;
        }
        if (isFirst)
        {
            subscription.Held.AddFirst(held);
        }
        else
        {
            subscription.Held.AddLast(held);
        }
    }

    private ITimer StartTimer(TimeSpan delay, Action<ITimer> onDue)
    {
        ITimer? timer = null;
        // The lock of the caller keeps the callback from running before the timer is known.
        Debug.Assert(_gate.IsHeldByCurrentThread, "A timer is started under the lock that its callback takes.");
        timer = _time.CreateTimer(
            _ =>
            {
                ITimer due;
                lock (_gate)
                {
                    due = timer!;
                }
                onDue(due);
            },
            state: null, delay, Timeout.InfiniteTimeSpan);
        return timer;
    }
}
