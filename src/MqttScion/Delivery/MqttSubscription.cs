using System.Reactive.Linq;
using MqttScion.Mqtt;

namespace MqttScion;

/// <summary>A share in a subscription that the server has accepted.</summary>
internal sealed class MqttSubscription : IMqttSubscription
{
    private readonly SubscriptionHub _hub;
    private readonly Subscription _subscription;
    private int _disposed;

    public MqttSubscription(SubscriptionHub hub, Subscription subscription, MqttClientSubscribeResult result)
    {
        _hub = hub;
        _subscription = subscription;
        Result = result;
        Messages = Observable.Create<MqttApplicationMessage>(observer =>
            hub.Observe(hub.Hold(subscription.Filter), observer));
    }

    public MqttClientSubscribeResult Result { get; }

    public IObservable<MqttApplicationMessage> Messages { get; }

    public ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            _hub.Release(_subscription);
        }
        return ValueTask.CompletedTask;
    }
}
