using MqttScion.Mqtt;

namespace MqttScion;

/// <summary>A share in a subscription that the server has accepted, with a handler or without.</summary>
internal sealed class MqttSubscription : IMqttSubscription
{
    private readonly SubscriptionHub _hub;
    private readonly Subscription _subscription;
    private readonly HandlerRecipient? _handler;
    private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _disposed;

    public MqttSubscription(
        SubscriptionHub hub,
        Subscription subscription,
        MqttTopicFilter filter,
        HandlerRecipient? handler,
        MqttDeliveryOptions? options,
        MqttClientSubscribeResult result)
    {
        _hub = hub;
        _subscription = subscription;
        _handler = handler;
        Result = result;
        var bounds = hub.BoundsOf(options);
        Completion = handler?.Completion ?? Task.WhenAny(subscription.Completion, _released.Task).Unwrap();
        Messages = new MessageObservable(hub, filter, bounds);
    }

    public MqttClientSubscribeResult Result { get; }

    public IObservable<MqttApplicationMessage> Messages { get; }

    public Task Completion { get; }

    public ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return ValueTask.CompletedTask;
        }
        if (_handler is null)
        {
            _hub.Release(_subscription);
            _released.TrySetResult();
        }
        else
        {
            _handler.Dispose();
        }
        return ValueTask.CompletedTask;
    }
}
