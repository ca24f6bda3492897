using MqttScion.Mqtt;

namespace MqttScion;

/// <summary>One observer's share in a subscription.</summary>
internal sealed class SubscriptionObserver(
    SubscriptionHub hub,
    Subscription subscription,
    IObserver<MqttApplicationMessage> observer) : IDisposable
{
    private int _disposed;

    public bool IsDisposed => Volatile.Read(ref _disposed) != 0;

    public void OnNext(MqttApplicationMessage message) => observer.OnNext(message);

    public void End(Exception? error)
    {
        if (IsDisposed)
        {
            return;
        }
        if (error is null)
        {
            observer.OnCompleted();
        }
        else
        {
            observer.OnError(error);
        }
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            subscription.Detach(this);
            hub.Release(subscription);
        }
    }
}
