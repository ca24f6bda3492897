using System.Reactive.Linq;
using System.Reactive.Subjects;

namespace MqttScion.Scion;

/// <summary>Keeps a store fresh: looks paths up before the present ones expire, and ends what is over.</summary>
/// <remarks>
/// <para>
/// Looks up every five minutes, or in time before the first path expires, never more often than every two seconds; at
/// once when all paths are down or gone, when a router rejected a path's hop fields, and on request. After a failure
/// it tries again with a back-off from one second to a minute; the store keeps its paths until they expire.
/// </para>
/// <para>
/// Starts with its first look-up in the constructor, on the caller's thread as far as the source goes without waiting.
/// All members may be used from any thread.
/// </para>
/// </remarks>
public sealed class PathRefresher : IAsyncDisposable
{
    private static readonly TimeSpan LookUpTimeout = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LongestSleep = TimeSpan.FromHours(1);

    private readonly IPathSource _source;
    private readonly IsdAs? _localIsdAs;
    private readonly PathStore _store;
    private readonly TimeProvider _time;
    private readonly long _startedAt;
    private readonly RefreshSchedule _schedule;
    private readonly ReplaySubject<PathRefresh> _refreshes = new(bufferSize: 1);
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _lock = new();
    private readonly ITimer _timer;
    private readonly IDisposable _subscription;
    private IPathPolicy _policy;
    private IReadOnlyList<ScionPath> _returned = [];
    private TaskCompletionSource? _sleep;
    private bool _isWoken;
    private bool _isPolicyNew;

    /// <summary>Starts to keep a store fresh.</summary>
    /// <param name="source">Where paths come from.</param>
    /// <param name="destination">The AS to reach.</param>
    /// <param name="store">The store; it outlives the refresher.</param>
    /// <param name="policy">What is allowed and preferred; null for all, as the source orders them.</param>
    /// <param name="localIsdAs">The local AS to start from; null for the source's preferred one.</param>
    /// <param name="time">The clock; null for the system's.</param>
    /// <param name="random">Spreads the look-ups of many hosts; null for a new one.</param>
    public PathRefresher(
        IPathSource source,
        IsdAs destination,
        PathStore store,
        IPathPolicy? policy = null,
        IsdAs? localIsdAs = null,
        TimeProvider? time = null,
        Random? random = null)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(store);
        (_source, Destination, _store, _localIsdAs) = (source, destination, store, localIsdAs);
        _policy = policy ?? PathPolicies.Any();
        _time = time ?? TimeProvider.System;
        _startedAt = _time.GetTimestamp();
        _schedule = new RefreshSchedule(random ?? new Random());
        Refreshes = _refreshes.AsObservable();
        // It outlives the call that needs the first path: what that call has for a context is not the look-ups'.
        using var _ = ExecutionContext.SuppressFlow();
        _timer = _time.CreateTimer(
            static state => ((PathRefresher)state!).OnTimer(),
            this,
            Timeout.InfiniteTimeSpan,
            Timeout.InfiniteTimeSpan);
        // A store's events never fail.
        _subscription = store.Events.Subscribe(OnPathEvent, _ => { });
        Completion = RunAsync();
    }

    /// <summary>The AS to which the paths lead.</summary>
    public IsdAs Destination { get; }

    /// <summary>
    /// What is allowed and preferred. A new policy is applied at once to what the source returned last: paths that it
    /// doesn't allow are Forbidden.
    /// </summary>
    public IPathPolicy Policy
    {
        get
        {
            lock (_lock)
            {
                return _policy;
            }
        }
        set
        {
            ArgumentNullException.ThrowIfNull(value);
            lock (_lock)
            {
                (_policy, _isPolicyNew) = (value, true);
                Wake();
            }
        }
    }

    /// <summary>
    /// The outcome of each look-up, failures too. Hot; replays the latest; never fails; completes with the refresher.
    /// Observers are called on its loop and return at once.
    /// </summary>
    public IObservable<PathRefresh> Refreshes { get; }

    /// <summary>
    /// Completes when the refresher was disposed; fails when a defect ended it, such as a policy that throws.
    /// </summary>
    public Task Completion { get; }

    private TimeSpan Now => _time.GetElapsedTime(_startedAt);

    /// <summary>Asks for a look-up as soon as the limits allow.</summary>
    public void Request()
    {
        lock (_lock)
        {
            _schedule.Request(Now);
            Wake();
        }
    }

    /// <summary>Ends the loop and waits for it; a look-up under way is cancelled.</summary>
    public async ValueTask DisposeAsync()
    {
        _subscription.Dispose();
        TaskCompletionSource? sleep;
        lock (_lock)
        {
            if (_stop.IsCancellationRequested)
            {
                return;
            }
            (sleep, _sleep) = (_sleep, null);
        }
        await _stop.CancelAsync().ConfigureAwait(false);
        sleep?.TrySetResult();
        await Completion.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _timer.DisposeAsync().ConfigureAwait(false);
        _refreshes.OnCompleted();
        _refreshes.Dispose();
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            if (IsLookUpDue())
            {
                await LookUpAsync().ConfigureAwait(false);
            }
            if (TakeNewPolicy())
            {
                Apply();
            }
            await SleepAsync(_store.Advance()).ConfigureAwait(false);
        }
    }

    private async Task LookUpAsync()
    {
        using var timeout = new CancellationTokenSource(LookUpTimeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, _stop.Token);
        try
        {
            _returned = await _source.GetPathsAsync(Destination, _localIsdAs, either.Token).ConfigureAwait(false);
        }
        catch (PathLookupException e)
        {
            Conclude(returned: 0, allowed: 0, e);
            return;
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            return;
        }
        catch (OperationCanceledException e)
        {
            Conclude(returned: 0, allowed: 0, new TimeoutException(
                $"The paths to {Destination} were not there within {LookUpTimeout.TotalSeconds} s.", e));
            return;
        }
        TakeNewPolicy();
        Conclude(_returned.Count, Apply(), failure: null);
    }

    private int Apply()
    {
        var utcNow = _time.GetUtcNow();
        ScionPath[] returned = [.. _returned.Where(path => path.Expiry > utcNow)];
        var allowed = Policy.Apply(returned);
        _store.Update(allowed, returned);
        return allowed.Count;
    }

    private void Conclude(int returned, int allowed, Exception? failure)
    {
        PathRefresh refresh;
        lock (_lock)
        {
            var (now, utcNow) = (Now, _time.GetUtcNow());
            if (failure is null && _store.Paths is { Count: > 0 } paths)
            {
                _schedule.Succeed(now, paths.Min(path => path.Expiry) - utcNow);
            }
            else
            {
                _schedule.Fail(now);
            }
            refresh = new PathRefresh(utcNow, returned, allowed, failure, _schedule.Next - now);
        }
        _refreshes.OnNext(refresh);
    }

    private bool IsLookUpDue()
    {
        lock (_lock)
        {
            return _schedule.Next <= Now;
        }
    }

    private bool TakeNewPolicy()
    {
        lock (_lock)
        {
            var isNew = _isPolicyNew;
            _isPolicyNew = false;
            return isNew;
        }
    }

    private Task SleepAsync(TimeSpan? untilDue)
    {
        lock (_lock)
        {
            if (_stop.IsCancellationRequested)
            {
                return Task.CompletedTask;
            }
            // Continues on the timer's thread, or on that which disposes; never on one that asks for something.
            _sleep = new TaskCompletionSource();
            var wait = _schedule.Next - Now;
            wait = untilDue < wait ? untilDue.Value : wait;
            wait = wait > LongestSleep ? LongestSleep : wait;
            _timer.Change(_isWoken || wait < TimeSpan.Zero ? TimeSpan.Zero : wait, Timeout.InfiniteTimeSpan);
            _isWoken = false;
            return _sleep.Task;
        }
    }

    // Under the lock.
    private void Wake()
    {
        _isWoken = _sleep is null;
        if (_sleep is not null)
        {
            _timer.Change(TimeSpan.Zero, Timeout.InfiniteTimeSpan);
        }
    }

    private void OnTimer()
    {
        TaskCompletionSource? sleep;
        lock (_lock)
        {
            (sleep, _sleep) = (_sleep, null);
        }
        sleep?.TrySetResult();
    }

    private void OnPathEvent(PathEvent pathEvent)
    {
        var isRejected = pathEvent is PathEvent.Down { Fault.Scmp.Type: ScmpType.ParameterProblem };
        if (isRejected || IsWithoutUpPath(pathEvent))
        {
            Request();
        }
    }

    private bool IsWithoutUpPath(PathEvent pathEvent) =>
        pathEvent is PathEvent.Down or PathEvent.Unanswered or PathEvent.Expired && _store.HasNoneUp;
}
