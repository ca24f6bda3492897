using System.Reactive;
using System.Reactive.Linq;

namespace MqttScion.Transport;

/// <summary>Where the observers of a stream are called.</summary>
public static class ThreadPoolOperators
{
    /// <summary>
    /// Calls the observer on the thread pool, in order, so that user code runs neither on a loop nor under a lock. An
    /// observer that throws is detached and reported instead of taking its source down; events beyond the bound are
    /// left out.
    /// </summary>
    /// <param name="source">The stream.</param>
    /// <param name="onObserverFailed">Told what an observer threw.</param>
    /// <param name="maxWaiting">How many events may wait for one observer.</param>
    public static IObservable<T> OnThreadPool<T>(
        this IObservable<T> source,
        Action<Exception> onObserverFailed,
        int maxWaiting = 4096) =>
        Observable.Create<T>(observer =>
        {
            var isDetached = false;
            var pump = new SerialPump<Notification<T>>(notification =>
            {
                if (Volatile.Read(ref isDetached))
                {
                    return;
                }
                try
                {
                    notification.Accept(observer);
                }
                catch (Exception e)
                {
                    // User code: it may throw anything, and must not take the stream from the others.
                    Volatile.Write(ref isDetached, true);
                    onObserverFailed(e);
                }
            });
            var subscription = source.Materialize().Subscribe(notification =>
            {
                if (notification.Kind != NotificationKind.OnNext || pump.Count < maxWaiting)
                {
                    pump.Post(notification);
                }
            });
            return () =>
            {
                Volatile.Write(ref isDetached, true);
                subscription.Dispose();
            };
        });
}
