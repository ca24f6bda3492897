using MqttScion.Mqtt;

namespace MqttScion;

/// <summary>
/// The client's subscriptions: shared per filter, counted and kept across connections. The other part takes messages
/// to them.
/// </summary>
internal sealed partial class SubscriptionHub(
    ClientSettings settings, IDropReporter drops, TimeProvider? time = null)
{
    private const uint HighestNumber = (268_435_455 / Subscription.GenerationCount) - 1;
    private const int NoReplay = -1;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Subscription> _byFilter = new(StringComparer.Ordinal);
    private readonly Dictionary<uint, Subscription> _byNumber = [];
    private readonly TopicTrie<Subscription> _byTopic = new();

    // Filters that the server may still hold although nobody wants them: their UNSUBACK has not come. With the number
    // of the UNSUBSCRIBE that is the newest.
    private readonly Dictionary<string, long> _abandoned = new(StringComparer.Ordinal);
    private ISubscriptionLink? _link;
    private uint _lastNumber;
    private long _lastUnsubscribe;
    private bool _isOver;

    /// <summary>What becomes of messages that all consumers failed on.</summary>
    public ObserverFailureAction OnObserverFailure => settings.Options.OnObserverFailure;

    /// <summary>How many topic filters are in use.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _byFilter.Count;
            }
        }
    }

    /// <summary>What the client counts with and traces with.</summary>
    public ClientTelemetry Telemetry => settings.Telemetry;

    /// <summary>The shared messages of a filter.</summary>
    public IObservable<MqttApplicationMessage> Messages(MqttTopicFilter filter, MqttDeliveryOptions? options = null)
    {
        var bounds = DeliveryBounds.From(settings, options);
        Check(filter);
        return new MessageObservable(this, filter, bounds);
    }

    /// <summary>Adds an observer to a filter; disposing the result takes it away.</summary>
    public IDisposable Observe(
        MqttTopicFilter filter, DeliveryBounds bounds, IObserver<MqttApplicationMessage> observer) =>
        Attach(filter, new ObserverRecipient(this, bounds, observer) { RetainHandling = filter.RetainHandling });

    /// <summary>Adds a handler to a filter; the answer to the SUBSCRIBE is that of its subscription.</summary>
    public HandlerRecipient Handle(
        MqttTopicFilter filter,
        MqttDeliveryOptions? options,
        Func<MqttDelivery, CancellationToken, ValueTask> handler) =>
        Attach(filter, new HandlerRecipient(this, DeliveryBounds.From(settings, options), handler)
        {
            RetainHandling = filter.RetainHandling,
        });

    /// <summary>Adds a reader to a filter.</summary>
    public ReaderRecipient Read(MqttTopicFilter filter, DeliveryBounds bounds, bool endsWithConnection = true) =>
        Attach(filter, new ReaderRecipient(this, bounds, endsWithConnection)
        {
            RetainHandling = filter.RetainHandling,
        });

    /// <summary>The bounds of a consumer, checked.</summary>
    public DeliveryBounds BoundsOf(MqttDeliveryOptions? options) => DeliveryBounds.From(settings, options);

    /// <summary>Takes a share of a filter without a consumer: messages wait for the first. The first subscribes.
    /// </summary>
    /// <exception cref="ObjectDisposedException">The client is disposed.</exception>
    public Subscription Hold(MqttTopicFilter filter)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isOver, typeof(ScionMqttClient));
            return HoldLocked(filter);
        }
    }

    /// <summary>Gives a share back; the last unsubscribes.</summary>
    public void Release(Subscription subscription)
    {
        lock (_gate)
        {
            ReleaseLocked(subscription);
        }
    }

    /// <summary>Takes a consumer out, and gives its share back.</summary>
    public void Detach(Recipient recipient)
    {
        lock (_gate)
        {
            // One that came too late was never in.
            if (recipient.Subscription is { } subscription && subscription.Recipients.Remove(recipient))
            {
                Part(subscription, recipient);
            }
            PutBack(recipient, recipient.WasLast ? recipient.TakeLeft() : []);
        }
    }

    /// <summary>
    /// A connection is up: what the server does not have is subscribed, what it should not have ended.
    /// </summary>
    /// <param name="link">The connection.</param>
    /// <param name="isSessionPresent">True when the server kept a session of this client identifier.</param>
    /// <param name="isKnown">True when it is the one in which these subscriptions were made.</param>
    public void OnConnected(ISubscriptionLink link, bool isSessionPresent, bool isKnown)
    {
        lock (_gate)
        {
            _link = link;
            _isRunning = true;
            _mayHaveForeign = isSessionPresent && (_mayHaveForeign || !isKnown);
            if (!isSessionPresent)
            {
                _abandoned.Clear();
            }
            foreach (var (filter, number) in _abandoned)
            {
                link.Unsubscribe(filter, number);
            }
            EndUnsubscribes();
            ResumeLingering(isSessionPresent, isKnown);
            ResumeUnclaimed(isSessionPresent, isKnown);
            foreach (var subscription in _byFilter.Values)
            {
                subscription.IsPending = false;
                if (!isKnown && IsUnused(subscription))
                {
                    continue; // In the server's session it is as it was; nobody wants it now.
                }
                if (!isKnown)
                {
                    AwaitReplay(subscription);
                }
                else if (subscription.IsOnServer && subscription.GrantedGeneration < subscription.Generation)
                {
                    RenewReplay(subscription);
                }
                if (!isKnown || subscription.Granted != subscription.Filter)
                {
                    subscription.RenewAnswer();
                    Subscribe(subscription);
                }
            }
        }
    }

    /// <summary>A connection is gone.</summary>
    public void OnDisconnected(ISubscriptionLink link)
    {
        lock (_gate)
        {
            if (_link == link)
            {
                _link = null;
            }
        }
    }

    /// <summary>The turn of a SUBSCRIBE that was asked for has come: tells what to send, in order.</summary>
    public void TakeSubscribes(Subscription subscription, bool hasIdentifiers, List<SubscribeStep> steps)
    {
        lock (_gate)
        {
            (subscription.IsPending, subscription.IsUnsent) = (false, false);
            var (filter, isReplay) = (subscription.Filter, subscription.WantsReplay);
            subscription.WantsReplay = false;
            if (isReplay && subscription.IsOnServer && filter.RetainAsPublished && hasIdentifiers)
            {
                // Live messages may carry RETAIN too. Those that come between the two don't, so that all that do
                // under the first identifier are replays.
                steps.Add(StepOf(subscription, wanted: null, filter with
                {
                    RetainAsPublished = false,
                    RetainHandling = MqttRetainHandling.SendAtSubscribe,
                }));
                subscription.NextGeneration(isReplay: false);
                subscription.IsUnsent = false;
                isReplay = false;
            }
            else
            {
                subscription.MarkLive();
            }
            var handling = isReplay ? MqttRetainHandling.SendAtSubscribe
                : subscription.IsOnServer ? MqttRetainHandling.DoNotSendOnSubscribe
                : subscription.WantedRetained;
            steps.Add(StepOf(subscription, wanted: filter, filter with { RetainHandling = handling }));
        }
    }

    /// <summary>The server answered a SUBSCRIBE; a refusal ends the subscription.</summary>
    public void OnSubscribed(Subscription subscription, in SubscribeStep step, MqttClientSubscribeResult result)
    {
        Exception refusal;
        lock (_gate)
        {
            if ((int)result.Items[0].ResultCode < 0x80)
            {
                subscription.IsOnServer = true;
                subscription.GrantedGeneration = step.Generation;
                if (step.Wanted is not null)
                {
                    // What is on its way after it is not granted yet.
                    var isNewest = !subscription.IsPending && step.Generation == subscription.Generation;
                    subscription.Granted = isNewest ? step.Wanted : null;
                    subscription.SetAnswer(result);
                }
                return;
            }
            refusal = new MqttSubscribeRefusedException(subscription.Filter.Topic, result);
            if (Forget(subscription) && subscription.IsOnServer)
            {
                Unsubscribe(subscription); // A refusal leaves standing what was granted before.
            }
            End(subscription, refusal);
        }
    }

    /// <summary>The server has a subscription no more, although the connection or the session goes on: it is made anew.
    /// </summary>
    public void OnLost(Subscription subscription)
    {
        lock (_gate)
        {
            if (_byNumber.ContainsKey(subscription.Number))
            {
                subscription.IsPending = false;
                AwaitReplay(subscription);
                subscription.RenewAnswer();
                Subscribe(subscription);
            }
        }
    }

    /// <summary>The server answered an UNSUBSCRIBE.</summary>
    public void OnUnsubscribed(string filter, long number, MqttClientUnsubscribeResult? result = null)
    {
        lock (_gate)
        {
            if (_unsubscribing.Remove(number, out var waiting))
            {
                waiting.TrySetResult(result ?? new MqttClientUnsubscribeResult());
            }
            if (_abandoned.TryGetValue(filter, out var newest) && newest == number)
            {
                _abandoned.Remove(filter);
            }
        }
    }

    /// <summary>No connection is coming: whoever waits for a SUBACK or reads is told. The filters of all others stay
    /// remembered.</summary>
    public void OnConnectionOver(Exception error)
    {
        lock (_gate)
        {
            _isRunning = false;
            FailUnsubscribes(error);
            foreach (var subscription in _byFilter.Values.ToArray())
            {
                subscription.SetAnswer(error);
                foreach (var recipient in subscription.Recipients.Where(r => r.EndsWithConnection).ToArray())
                {
                    recipient.End(error);
                    // What comes on another connection is not for it.
                    subscription.Recipients.Remove(recipient);
                    Part(subscription, recipient);
                }
            }
            StopWaiting();
        }
    }

    /// <summary>Ends every subscription in order: the client is disposed. Who comes later is ended at once.</summary>
    public void Complete()
    {
        lock (_gate)
        {
            (_isOver, _isRunning) = (true, false);
            StopWaiting();
            FailUnsubscribes(new ObjectDisposedException(nameof(ScionMqttClient)));
            foreach (var subscription in _byFilter.Values.ToArray())
            {
                Forget(subscription);
                End(subscription, error: null);
            }
        }
    }

    /// <summary>Checks a filter against the rules of MQTT and the limits of the server, where they are known, and
    /// against the same filter in use.</summary>
    /// <exception cref="ArgumentException">It breaks a rule or conflicts; the text names it.</exception>
    public void Check(MqttTopicFilter filter, MqttClientConnectResult? server = null)
    {
        Validate(filter, server);
        lock (_gate)
        {
            if (_byFilter.TryGetValue(filter.Topic, out var present) && !IsUnused(present))
            {
                ThrowIfConflicting(present.Filter, filter);
            }
        }
    }

    /// <summary>Checks a filter against the rules of MQTT and the limits of the server, where they are known.</summary>
    /// <exception cref="ArgumentException">It breaks one; the text names it.</exception>
    public static void Validate(MqttTopicFilter filter, MqttClientConnectResult? server = null)
    {
        if (MqttSubscribeRules.FindFault(filter, server) is { } fault)
        {
            throw new ArgumentException(fault, nameof(filter));
        }
    }

    private T Attach<T>(MqttTopicFilter filter, T recipient)
        where T : Recipient
    {
        lock (_gate)
        {
            if (_isOver)
            {
                recipient.End(error: null);
                return recipient;
            }
            var subscription = HoldLocked(filter);
            recipient.Subscription = subscription;
            recipient.Generation = recipient.RetainHandling == MqttRetainHandling.DoNotSendOnSubscribe
                ? NoReplay
                : subscription.Generation;
            if (subscription.HasHadRecipient
                || subscription.Filter.RetainHandling == MqttRetainHandling.DoNotSendOnSubscribe)
            {
                AskForReplay(subscription, recipient);
            }
            subscription.HasHadRecipient = true;
            StopLingering(subscription);
            subscription.Recipients.Add(recipient);
            foreach (var held in TakeHeld(subscription))
            {
                Offer(recipient, held);
            }
            return recipient;
        }
    }

    private void AskForReplay(Subscription subscription, Recipient late)
    {
        if (late.RetainHandling != MqttRetainHandling.SendAtSubscribe || MqttTopic.IsShared(subscription.Filter.Topic))
        {
            late.Generation = NoReplay; // For the server the subscription is no new one.
            return;
        }
        if (!subscription.IsUnsent)
        {
            subscription.NextGeneration(isReplay: true);
        }
        late.Generation = subscription.Generation;
        subscription.WantsReplay = true;
        Subscribe(subscription);
    }

    // The server's session is gone, and what was published meanwhile with it: all get what is retained now.
    private static void AwaitReplay(Subscription subscription)
    {
        (subscription.IsOnServer, subscription.WantsReplay, subscription.IsUnsent) = (false, false, true);
        foreach (var recipient in subscription.Recipients)
        {
            recipient.Generation = recipient.RetainHandling == MqttRetainHandling.DoNotSendOnSubscribe
                ? NoReplay
                : subscription.Generation;
        }
    }

    // A SUBSCRIBE for late consumers was lost with its connection, or part of what it brought.
    private static void RenewReplay(Subscription subscription)
    {
        subscription.NextGeneration(isReplay: true);
        foreach (var recipient in subscription.Recipients)
        {
            if (recipient.Generation > subscription.GrantedGeneration)
            {
                recipient.Generation = subscription.Generation;
            }
        }
        subscription.WantsReplay = true;
    }

    private Subscription HoldLocked(MqttTopicFilter filter)
    {
        if (_byFilter.TryGetValue(filter.Topic, out var subscription) && IsUnused(subscription))
        {
            Revive(ref subscription, filter);
        }
        if (subscription is null)
        {
            subscription = new Subscription(NextNumber(), filter);
            _byFilter.Add(filter.Topic, subscription);
            _byNumber.Add(subscription.Number, subscription);
            _byTopic.Add(MqttTopic.WithoutShare(filter.Topic).ToString(), subscription);
            // The server may hold it from before: then its end is to be told, also when this one is never sent.
            subscription.WasSent = _abandoned.Remove(filter.Topic);
            Claim(subscription);
            Subscribe(subscription);
        }
        ThrowIfConflicting(subscription.Filter, filter);
        if (filter.QualityOfServiceLevel > subscription.Filter.QualityOfServiceLevel)
        {
            subscription.Filter = subscription.Filter with { QualityOfServiceLevel = filter.QualityOfServiceLevel };
            subscription.RenewAnswer();
            Subscribe(subscription);
        }
        subscription.HolderCount++;
        return subscription;
    }

    private void ReleaseLocked(Subscription subscription)
    {
        if (--subscription.HolderCount > 0 || !_byNumber.ContainsKey(subscription.Number))
        {
            return;
        }
        if (subscription.IsLingering || Lingers(subscription))
        {
            Linger(subscription); // Also when it waits already: from now on nobody else keeps it.
            return;
        }
        GiveUp(subscription);
    }

    private void Subscribe(Subscription subscription)
    {
        subscription.Granted = null;
        if (_link is null || subscription.IsPending)
        {
            return;
        }
        (subscription.WasSent, subscription.IsPending) = (true, true);
        _link.Subscribe(subscription);
    }

    private void End(Subscription subscription, Exception? error)
    {
        subscription.End(error);
        foreach (var recipient in subscription.Recipients)
        {
            recipient.End(error);
        }
        LetGo(subscription);
    }

    private uint NextNumber()
    {
        do
        {
            _lastNumber = _lastNumber >= HighestNumber ? 1 : _lastNumber + 1;
        }
        while (_byNumber.ContainsKey(_lastNumber));
        return _lastNumber;
    }

    private static SubscribeStep StepOf(Subscription subscription, MqttTopicFilter? wanted, MqttTopicFilter filter) =>
        new(filter, subscription.Identifier, subscription.Generation, wanted);

    private static void ThrowIfConflicting(MqttTopicFilter present, MqttTopicFilter filter)
    {
        if (present.NoLocal != filter.NoLocal || present.RetainAsPublished != filter.RetainAsPublished)
        {
            throw new ArgumentException(
                $"'{filter.Topic}' is in use with other No Local or Retain As Published options.", nameof(filter));
        }
    }

    private bool Forget(Subscription subscription)
    {
        if (!_byNumber.Remove(subscription.Number))
        {
            return false;
        }
        _byFilter.Remove(subscription.Filter.Topic);
        _byTopic.Remove(MqttTopic.WithoutShare(subscription.Filter.Topic).ToString(), subscription);
        return true;
    }
}
