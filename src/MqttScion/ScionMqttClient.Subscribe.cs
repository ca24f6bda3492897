using System.Runtime.CompilerServices;
using MqttScion.Mqtt;

namespace MqttScion;

/// <summary>The ways to get messages: pushed, handled, pulled.</summary>
public sealed partial class ScionMqttClient
{
    /// <inheritdoc/>
    public IObservable<MqttApplicationMessage> Messages(MqttTopicFilter filter, MqttDeliveryOptions? options = null)
    {
        ObjectDisposedException.ThrowIf(IsDisposed, this);
        SubscriptionHub.Validate(filter, _loop.LastResult);
        return _hub.Messages(filter, options);
    }

    /// <inheritdoc/>
    public IObservable<MqttMessage<T>> Messages<T>(MqttTopicFilter filter, MqttDeliveryOptions? options = null)
    {
        var serializer = Serializers.Get<T>();
        return Messages(filter, options).Decode(serializer, (message, error) =>
            ((IDropReporter)this).Report(filter.Topic, message, MessageDropReason.Undecodable, error));
    }

    /// <inheritdoc/>
    public async ValueTask<IMqttSubscription> SubscribeAsync(
        MqttTopicFilter filter,
        CancellationToken cancellationToken = default)
    {
        SubscriptionHub.Validate(filter, _loop.LastResult);
        ThrowIfNotRunning();
        var subscription = _hub.Hold(filter);
        try
        {
            var result = await AnswerAsync(subscription, cancellationToken).ConfigureAwait(false);
            return new MqttSubscription(_hub, subscription, filter, handler: null, options: null, result);
        }
        catch
        {
            _hub.Release(subscription);
            throw;
        }
    }

    /// <inheritdoc/>
    public ValueTask<IMqttSubscription> SubscribeAsync(
        MqttTopicFilter filter,
        Func<MqttDelivery, CancellationToken, ValueTask> handler,
        CancellationToken cancellationToken = default) =>
        SubscribeAsync(filter, handler, new MqttDeliveryOptions(), cancellationToken);

    /// <inheritdoc/>
    public async ValueTask<IMqttSubscription> SubscribeAsync(
        MqttTopicFilter filter,
        Func<MqttDelivery, CancellationToken, ValueTask> handler,
        MqttDeliveryOptions options,
        CancellationToken cancellationToken = default)
    {
        SubscriptionHub.Validate(filter, _loop.LastResult);
        ArgumentNullException.ThrowIfNull(handler);
        ArgumentNullException.ThrowIfNull(options);
        ThrowIfNotRunning();
        var recipient = _hub.Handle(filter, options, handler);
        try
        {
            var subscription = recipient.Subscription ?? throw new ObjectDisposedException(nameof(ScionMqttClient));
            var result = await AnswerAsync(subscription, cancellationToken).ConfigureAwait(false);
            return new MqttSubscription(_hub, subscription, filter, recipient, options, result);
        }
        catch
        {
            recipient.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask<MqttClientUnsubscribeResult> UnsubscribeAsync(
        string filter, CancellationToken cancellationToken = default)
    {
        if (!MqttTopic.TryValidateFilter(filter, out var error))
        {
            throw new ArgumentException(error, nameof(filter));
        }
        ThrowIfNotRunning();
        return await _hub.UnsubscribeAsync(filter).WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<MqttDelivery> ReadMessagesAsync(
        MqttTopicFilter filter,
        CancellationToken cancellationToken = default) =>
        ReadMessagesAsync(filter, new MqttDeliveryOptions(), cancellationToken);

    /// <inheritdoc/>
    public IAsyncEnumerable<MqttDelivery> ReadMessagesAsync(
        MqttTopicFilter filter,
        MqttDeliveryOptions options,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        ObjectDisposedException.ThrowIf(IsDisposed, this);
        var bounds = _hub.BoundsOf(options);
        _hub.Check(filter, _loop.LastResult);
        return ReadAsync(filter, bounds, cancellationToken);
    }

    // Each enumeration subscribes when it begins, and is a consumer of its own.
    private async IAsyncEnumerable<MqttDelivery> ReadAsync(
        MqttTopicFilter filter,
        DeliveryBounds bounds,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var reader = _hub.Read(filter, bounds);
        await foreach (var delivery in reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            yield return delivery;
        }
    }

    private async Task<MqttClientSubscribeResult> AnswerAsync(
        Subscription subscription, CancellationToken cancellationToken)
    {
        // The end may have come between the check and the hold: then nobody answers any more.
        ThrowIfNotRunning();
        return await subscription.Answer.WaitAsync(cancellationToken).ConfigureAwait(false);
    }
}
