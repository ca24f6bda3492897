using System.Reactive.Disposables;
using System.Reactive.Linq;
using System.Reactive.Subjects;
using MqttScion.Udp;

namespace MqttScion.Transport;

/// <summary>
/// Brings the statistics of a connection, or of one after another, from its loop to observers. As long as there are
/// none, nothing is sampled.
/// </summary>
public sealed class StatisticsFeed : IDisposable
{
    private readonly ReplaySubject<ConnectionStatistics> _latest = new(bufferSize: 1);
    private int _observerCount;
    private LoopConnection? _connection;

    /// <summary>Makes a feed without a connection.</summary>
    /// <param name="interval">How often a connection that is observed is sampled.</param>
    /// <param name="onObserverFailed">Told what an observer threw.</param>
    public StatisticsFeed(TimeSpan interval, Action<Exception> onObserverFailed)
    {
        Interval = interval;
        Statistics = Observable.Create<ConnectionStatistics>(Observe).OnThreadPool(onObserverFailed);
    }

    internal TimeSpan Interval { get; }

    /// <summary>Replays the latest, never fails, completes when the feed is disposed.</summary>
    public IObservable<ConnectionStatistics> Statistics { get; }

    internal bool IsObserved => Volatile.Read(ref _observerCount) > 0;

    /// <summary>The statistics are those of this connection from now on. On its loop.</summary>
    internal void Attach(LoopConnection connection) => Volatile.Write(ref _connection, connection);

    /// <summary>Gives a sample to the observers. On the loop.</summary>
    internal void Publish(ConnectionStatistics sample) => _latest.OnNext(sample);

    /// <summary>Completes the observers.</summary>
    public void Dispose()
    {
        Volatile.Write(ref _connection, null);
        _latest.OnCompleted();
    }

    private IDisposable Observe(IObserver<ConnectionStatistics> observer)
    {
        var subscription = _latest.Subscribe(observer);
        // A full fence: either the loop sees the observer, or we see the connection.
        if (Interlocked.Increment(ref _observerCount) == 1 && Volatile.Read(ref _connection) is { } connection)
        {
            connection.Post(new FirstSample(connection));
        }
        return Disposable.Create(() =>
        {
            Interlocked.Decrement(ref _observerCount);
            subscription.Dispose();
        });
    }

    private sealed record FirstSample(LoopConnection Connection) : ILoopWork
    {
        public void Run(TimeSpan now) => Connection.MarkDirty();
    }
}
