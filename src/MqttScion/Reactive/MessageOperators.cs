using System.Reactive.Linq;
using MqttScion.Mqtt;

namespace MqttScion;

/// <summary>Operators over messages.</summary>
public static class MessageOperators
{
    /// <summary>The messages whose topic matches a filter.</summary>
    /// <param name="messages">The messages.</param>
    /// <param name="filter">A topic filter; a shared one matches as its part after the group.</param>
    /// <exception cref="ArgumentException">The filter is not valid; the message names the rule.</exception>
    public static IObservable<MqttApplicationMessage> WhereTopic(
        this IObservable<MqttApplicationMessage> messages,
        string filter)
    {
        ArgumentNullException.ThrowIfNull(messages);
        return MqttTopic.TryValidateFilter(filter, out var error)
            ? messages.Where(message => MqttTopic.Matches(filter, message.Topic))
            : throw new ArgumentException(error, nameof(filter));
    }

    /// <summary>The messages whose topic is of a template, with the values of its names.</summary>
    public static IObservable<TopicMatch> WhereTopic(
        this IObservable<MqttApplicationMessage> messages,
        TopicTemplate template)
    {
        ArgumentNullException.ThrowIfNull(messages);
        ArgumentNullException.ThrowIfNull(template);
        return new DerivedObservable<TopicMatch>(messages, observer => messages.Subscribe(
            message =>
            {
                if (template.TryMatch(message.Topic, out var values))
                {
                    observer.OnNext(new TopicMatch(message, template, values));
                }
            },
            observer.OnError,
            observer.OnCompleted),
            static match => match.Message);
    }

    /// <summary>Subscribes to the topics of a template: <c>plant/{line}/temp</c>.</summary>
    /// <param name="client">The client.</param>
    /// <param name="template">The template.</param>
    /// <param name="qualityOfService">The highest QoS that messages are delivered with. Default: at least once.</param>
    public static IObservable<TopicMatch> Messages(
        this IScionMqttClient client,
        TopicTemplate template,
        MqttQualityOfServiceLevel qualityOfService = MqttQualityOfServiceLevel.AtLeastOnce)
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentNullException.ThrowIfNull(template);
        var filter = new MqttTopicFilter { Topic = template.Filter, QualityOfServiceLevel = qualityOfService };
        return client.Messages(filter).WhereTopic(template);
    }

    /// <summary>
    /// Keeps only the newest message of each topic while the observer is busy, so that a slow observer sees the present
    /// and not the past. See <see cref="Conflate{T, TKey}"/>.
    /// </summary>
    public static IObservable<MqttApplicationMessage> Conflate(
        this IObservable<MqttApplicationMessage> messages,
        int maxWaiting = 65536) =>
        messages.Conflate(static message => message.Topic, maxWaiting);

    /// <summary>
    /// Keeps only the newest item of each key while the observer is busy. The observer is called on the thread pool;
    /// the source never waits. An item takes the place in the row of the one that it replaces.
    /// </summary>
    /// <remarks>An observer that throws gets that exception in <c>OnError</c> and nothing more. A stream of a client is
    /// told of it, reports it and ends; another stream gets it thrown from its next <c>OnNext</c>.</remarks>
    /// <param name="source">The items.</param>
    /// <param name="key">What makes one item replace another.</param>
    /// <param name="maxWaiting">
    /// How many keys may wait at once; above zero. With more, the stream ends in
    /// <see cref="InvalidOperationException"/>.
    /// </param>
    public static IObservable<T> Conflate<T, TKey>(
        this IObservable<T> source,
        Func<T, TKey> key,
        int maxWaiting = 65536)
        where TKey : notnull
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(key);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxWaiting, 1);
        return new DerivedObservable<T>(
            source,
            observer => new Conflation<T, TKey>(observer, key, maxWaiting, source as IObserverFailures).Run(source),
            static item => item);
    }

    /// <summary>
    /// Publishes each message and gives the results, in the order of the messages. Ends with the first publish that
    /// fails.
    /// </summary>
    /// <remarks>
    /// <para>Directly over the messages of a client (<c>source.Messages(filter).Publish(target)</c>) a message is
    /// acknowledged once the publish of its copy has succeeded, in order: what this process had not passed on when it
    /// ends is still the source's. A publish that the other server refuses counts as a failed consumer: <see
    /// cref="ScionMqttClientOptions.OnObserverFailure"/>. With one that throws the stream ends, and its message and
    /// those behind it stay unacknowledged for the next observer, as <c>Retry</c> brings, or for the session.</para>
    /// <para>With other operators in between a message is acknowledged when <c>OnNext</c> has returned, that is when
    /// its copy was handed over, at most <paramref name="maxInFlight"/> copies ahead of the answers. The source is held
    /// back while as many publishes are pending as are allowed: its <c>OnNext</c> waits, on the thread that it is
    /// called on.</para>
    /// </remarks>
    /// <param name="messages">The messages.</param>
    /// <param name="client">The client.</param>
    /// <param name="maxInFlight">
    /// How many publishes may be pending, or done and behind one that is pending; 1 or more.
    /// </param>
    public static IObservable<MqttClientPublishResult> Publish(
        this IObservable<MqttApplicationMessage> messages,
        IScionMqttClient client,
        int maxInFlight = 64)
    {
        ArgumentNullException.ThrowIfNull(messages);
        ArgumentNullException.ThrowIfNull(client);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxInFlight, 1);
        return messages is MessageObservable deliveries
            ? new DeliveryPublish(deliveries, client, maxInFlight)
            : PublishHandedOver(messages, client, maxInFlight);
    }

    private static IObservable<MqttClientPublishResult> PublishHandedOver(
        IObservable<MqttApplicationMessage> messages, IScionMqttClient client, int maxInFlight) =>
        Observable.Using(
            () => new PublishWindow(client, maxInFlight),
            window => messages
                .Select(window.PublishAsync)
                .Select(static pending => Observable.FromAsync(() => pending))
                .Concat()
                .Do(_ => window.Release()));
}
