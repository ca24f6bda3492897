using System.Reactive.Linq;
using MqttScion.Mqtt;

namespace MqttScion;

/// <summary>
/// The client's subscriptions: shared per filter, counted, kept across connections, and routed to by subscription
/// identifier or, where the server has none, by topic.
/// </summary>
internal sealed class SubscriptionHub(ClientSettings settings, IDropReporter drops)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Subscription> _byFilter = new(StringComparer.Ordinal);
    private readonly Dictionary<uint, Subscription> _byId = [];
    private readonly TopicTrie<Subscription> _byTopic = new();
    private readonly List<Subscription> _matches = [];

    // Filters that the server may still hold although nobody wants them: their UNSUBACK has not come.
    private readonly HashSet<string> _abandoned = new(StringComparer.Ordinal);
    private MqttApplication? _connection;
    private uint _lastId;

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
    public IObservable<MqttApplicationMessage> Messages(MqttTopicFilter filter)
    {
        Validate(filter);
        lock (_gate)
        {
            if (_byFilter.TryGetValue(filter.Topic, out var present))
            {
                ThrowIfConflicting(present.Filter, filter);
            }
        }
        return Observable.Create<MqttApplicationMessage>(observer => Observe(Hold(filter), observer));
    }

    /// <summary>Takes a share of a filter; the first subscribes.</summary>
    public Subscription Hold(MqttTopicFilter filter)
    {
        lock (_gate)
        {
            if (!_byFilter.TryGetValue(filter.Topic, out var subscription))
            {
                subscription = new Subscription(this, ++_lastId, filter);
                _byFilter.Add(filter.Topic, subscription);
                _byId.Add(subscription.Id, subscription);
                _byTopic.Add(MqttTopic.WithoutShare(filter.Topic).ToString(), subscription);
                _abandoned.Remove(filter.Topic);
                Subscribe(subscription);
            }
            ThrowIfConflicting(subscription.Filter, filter);
            if (filter.QualityOfServiceLevel > subscription.Filter.QualityOfServiceLevel)
            {
                subscription.Filter = filter;
                subscription.RenewAnswer();
                Subscribe(subscription);
            }
            subscription.HolderCount++;
            return subscription;
        }
    }

    /// <summary>Gives a share back; the last unsubscribes.</summary>
    public void Release(Subscription subscription)
    {
        lock (_gate)
        {
            if (--subscription.HolderCount == 0 && Forget(subscription))
            {
                if (subscription.WasSent)
                {
                    _abandoned.Add(subscription.Filter.Topic);
                    _connection?.Unsubscribe(subscription.Filter.Topic);
                }
                subscription.Release();
            }
        }
    }

    /// <summary>
    /// Adds an observer to a share that was taken with <see cref="Hold"/>; disposing the result gives the share back.
    /// </summary>
    public IDisposable Observe(Subscription subscription, IObserver<MqttApplicationMessage> observer)
    {
        var share = new SubscriptionObserver(this, subscription, observer);
        subscription.Attach(share);
        return share;
    }

    /// <summary>
    /// A connection is up: what the server does not have is subscribed, what it should not have ended.
    /// </summary>
    /// <param name="connection">The connection.</param>
    /// <param name="isSessionPresent">True when the server kept a session of this client identifier.</param>
    /// <param name="isKnown">True when it is the one in which these subscriptions were made.</param>
    public void OnConnected(MqttApplication connection, bool isSessionPresent, bool isKnown)
    {
        lock (_gate)
        {
            _connection = connection;
            if (!isSessionPresent)
            {
                _abandoned.Clear();
            }
            foreach (var filter in _abandoned)
            {
                connection.Unsubscribe(filter);
            }
            foreach (var subscription in _byFilter.Values)
            {
                if (!isKnown || subscription.Granted != subscription.Filter)
                {
                    subscription.RenewAnswer();
                    Subscribe(subscription);
                }
            }
        }
    }

    /// <summary>A connection is gone.</summary>
    public void OnDisconnected(MqttApplication connection)
    {
        lock (_gate)
        {
            if (_connection == connection)
            {
                _connection = null;
            }
        }
    }

    /// <summary>The server answered a SUBSCRIBE; a refusal ends the subscription.</summary>
    public void OnSubscribed(Subscription subscription, MqttTopicFilter filter, MqttClientSubscribeResult result)
    {
        if ((int)result.Items[0].ResultCode < 0x80)
        {
            lock (_gate)
            {
                subscription.Granted = filter;
            }
            subscription.SetAnswer(result);
            return;
        }
        lock (_gate)
        {
            Forget(subscription);
        }
        subscription.Fail(new MqttSubscribeRefusedException(subscription.Filter.Topic, result));
    }

    /// <summary>The server has a subscription no more, although it keeps the session.</summary>
    public void OnLost(Subscription subscription)
    {
        lock (_gate)
        {
            subscription.Granted = null;
        }
    }

    /// <summary>The server answered an UNSUBSCRIBE.</summary>
    public void OnUnsubscribed(string filter)
    {
        lock (_gate)
        {
            _abandoned.Remove(filter);
        }
    }

    /// <summary>A message came. Called on the loop: queues it and returns.</summary>
    public Delivery OnMessage(MqttStream stream, MqttApplicationMessage message, ushort packetId)
    {
        var delivery = new Delivery(message, packetId, stream);
        Telemetry.Metrics.OnReceived(message);
        lock (_gate)
        {
            _matches.Clear();
            Match(message);
            delivery.Expect(Math.Max(1, _matches.Count));
            foreach (var subscription in _matches)
            {
                if (!subscription.TryDeliver(delivery, settings.MaxQueuedMessages, settings.MaxQueuedBytes))
                {
                    drops.Report(subscription.Filter.Topic, message, MessageDropReason.QueueFull);
                }
            }
            if (_matches.Count > 0)
            {
                return delivery;
            }
        }
        // The usual cause is a message that crossed our UNSUBSCRIBE: the server wants its answer all the same.
        drops.Report(null, message, MessageDropReason.NoSubscription);
        delivery.Complete();
        return delivery;
    }

    /// <summary>An observer threw; the subscription has detached it.</summary>
    public void OnObserverFailed(
        Subscription subscription,
        SubscriptionObserver observer,
        MqttApplicationMessage message,
        Exception error)
    {
        drops.Report(subscription.Filter.Topic, message, MessageDropReason.ObserverFailed, error);
        observer.Dispose();
    }

    /// <summary>An observer threw when it was told of the end.</summary>
    public void OnEndFailed(Subscription subscription, Exception error) =>
        drops.ReportFailure(subscription.Filter.Topic, error);

    /// <summary>No connection is coming: whoever waits for a SUBACK is told. The filters stay remembered.</summary>
    public void FailAnswers(Exception error)
    {
        lock (_gate)
        {
            foreach (var subscription in _byFilter.Values)
            {
                subscription.SetAnswer(error);
            }
        }
    }

    /// <summary>Ends every subscription.</summary>
    public void Complete()
    {
        lock (_gate)
        {
            foreach (var subscription in _byFilter.Values.ToArray())
            {
                Forget(subscription);
                subscription.Complete();
            }
        }
    }

    /// <summary>Checks a filter against the rules of MQTT and the limits of this client.</summary>
    public static void Validate(MqttTopicFilter filter)
    {
        ArgumentNullException.ThrowIfNull(filter);
        if (!MqttTopic.TryValidateFilter(filter.Topic, out var problem))
        {
            throw new ArgumentException(problem, nameof(filter));
        }
    }

    private void Subscribe(Subscription subscription)
    {
        subscription.Granted = null;
        if (_connection is not null)
        {
            subscription.WasSent = true;
            _connection.Subscribe(subscription);
        }
    }

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
        if (!_byId.Remove(subscription.Id))
        {
            return false;
        }
        _byFilter.Remove(subscription.Filter.Topic);
        _byTopic.Remove(MqttTopic.WithoutShare(subscription.Filter.Topic).ToString(), subscription);
        return true;
    }

    private void Match(MqttApplicationMessage message)
    {
        if (message.SubscriptionIdentifiers is not { Count: > 0 } ids)
        {
            _byTopic.Match(message.Topic, _matches);
            return;
        }
        foreach (var id in ids)
        {
            // A session that an earlier process began can hold other filters under these identifiers.
            if (_byId.TryGetValue(id, out var subscription)
                && MqttTopic.Matches(subscription.Filter.Topic, message.Topic))
            {
                _matches.Add(subscription);
            }
        }
        if (_matches.Count == 0)
        {
            _byTopic.Match(message.Topic, _matches);
        }
    }
}
