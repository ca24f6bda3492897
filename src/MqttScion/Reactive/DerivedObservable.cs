namespace MqttScion;

/// <summary>A stream that is made of another, and passes on to it what its observers fail on.</summary>
/// <param name="source">The other.</param>
/// <param name="subscribe">Subscribes to it for an observer.</param>
/// <param name="origin">The item of the source that an item is made of; null when that is not known.</param>
internal sealed class DerivedObservable<T>(
    object source, Func<IObserver<T>, IDisposable> subscribe, Func<T, object?> origin)
    : IObservable<T>, IObserverFailures
{
    public IDisposable Subscribe(IObserver<T> observer)
    {
        ArgumentNullException.ThrowIfNull(observer);
        return subscribe(observer);
    }

    public void Report(object? item, Exception error) =>
        (source as IObserverFailures)?.Report(item is T mine ? origin(mine) : null, error);
}
