using MqttScion.Mqtt;

namespace MqttScion;

/// <summary>
/// What a server's session brings at a connect before somebody has subscribed here: it waits, unanswered, until
/// somebody does, or a time is over.
/// </summary>
internal sealed partial class SubscriptionHub
{
    private readonly LinkedList<WaitingMessage> _unclaimed = new();
    private int _unclaimedCount;
    private long _unclaimedBytes;
    private bool _holdsUnclaimed;
    private bool _awaitsStart;
    private ITimer? _unclaimedTimer;

    /// <summary>The process is starting: the time for those who subscribe begins with <see cref="OnStarted"/>.
    /// </summary>
    public void AwaitStart()
    {
        lock (_gate)
        {
            _awaitsStart = true;
        }
    }

    /// <summary>The process has started.</summary>
    public void OnStarted()
    {
        lock (_gate)
        {
            _awaitsStart = false;
            StartUnclaimedTimer();
        }
    }

    // The server's session is one that was not made here, so nobody may have come yet for what is in it.
    private void ResumeUnclaimed(bool isSessionPresent, bool isKnown)
    {
        if (!isSessionPresent)
        {
            StopUnclaimed();
        }
        else if (!isKnown && settings.Options.ResumedMessagesWait > TimeSpan.Zero)
        {
            _holdsUnclaimed = true;
            StartUnclaimedTimer();
        }
        else if (!_holdsUnclaimed)
        {
            StopUnclaimed();
        }
    }

    private bool TryHoldUnclaimed(in WaitingMessage waiting)
    {
        var message = waiting.Message;
        // While an authenticator still checks the server, nothing is subscribed on the connection. A message that
        // crossed our UNSUBSCRIBE is nobody's: the server wants its answer all the same.
        if (!(_holdsUnclaimed || _link is null)
            || _abandoned.Keys.Any(filter => MqttTopic.Matches(filter, message.Topic)))
        {
            return false;
        }
        if (waiting.Delivery is null)
        {
            if (_unclaimedCount >= settings.Options.MaxQueuedMessages
                || _unclaimedBytes >= settings.Options.MaxQueuedBytes)
            {
                return false;
            }
            _unclaimedCount++;
            _unclaimedBytes += message.Payload.Length;
        }
        waiting.Delivery?.Expect(1);
        _unclaimed.AddLast(waiting);
        return true;
    }

    private void Claim(Subscription subscription)
    {
        for (var node = _unclaimed.First; node is not null;)
        {
            var (waiting, next) = (node.Value, node.Next);
            if (MqttTopic.Matches(subscription.Filter.Topic, waiting.Message.Topic))
            {
                RemoveUnclaimed(node);
                Hold(subscription, new HeldMessage(waiting, Former: null, DeliveryOutcome.Unwanted));
            }
            node = next;
        }
    }

    private void RemoveUnclaimed(LinkedListNode<WaitingMessage> node)
    {
        _unclaimed.Remove(node);
        if (node.Value.Delivery is null)
        {
            _unclaimedCount--;
            _unclaimedBytes -= node.Value.Message.Payload.Length;
        }
    }

    private void StartUnclaimedTimer()
    {
        if (!_holdsUnclaimed || _awaitsStart || _isStopping || !_isRunning || _unclaimedTimer is not null)
        {
            return;
        }
        _unclaimedTimer = StartTimer(settings.Options.ResumedMessagesWait, timer =>
        {
            lock (_gate)
            {
                if (_unclaimedTimer == timer)
                {
                    StopUnclaimed();
                }
            }
        });
    }

    private void StopUnclaimedTimer()
    {
        _unclaimedTimer?.Dispose();
        _unclaimedTimer = null;
    }

    private void StopUnclaimed()
    {
        StopUnclaimedTimer();
        _holdsUnclaimed = false;
        while (_unclaimed.First is { } node)
        {
            RemoveUnclaimed(node);
            var (message, delivery) = node.Value;
            if (delivery is null)
            {
                drops.Report(null, message, MessageDropReason.NoSubscription);
            }
            // What the server keeps comes again; the rest is reported with its answer.
            delivery?.Complete(DeliveryOutcome.Left);
        }
    }
}
