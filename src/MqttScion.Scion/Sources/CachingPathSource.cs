namespace MqttScion.Scion;

/// <summary>Keeps the answers of another path source and renews them before their paths expire.</summary>
/// <remarks>
/// <para>Callers that ask for the same at the same time share one look-up; it is cancelled when the last of them gives
/// up. Paths that are due for renewal are given out while they are looked up again in the background, which goes on for
/// as long as somebody asks between two renewals; while renewals fail, they are given out until they expire. A failure
/// is not kept: the next caller asks again. Nothing is retried for a caller.</para>
/// <para>The answers of <see cref="GetLocalAsync"/> are not kept here; the sources do so themselves. Safe to call from
/// several threads.</para>
/// </remarks>
public sealed class CachingPathSource : IPathSource, IDisposable
{
    /// <summary>Delays vary by this part of them up and down, so that hosts don't ask all at once.</summary>
    private const double Jitter = 0.1;

    private readonly IPathSource _inner;
    private readonly CachingOptions _options;
    private readonly TimeProvider _time;
    private readonly long _startedAt;
    private readonly Random _random;
    private readonly Lock _lock = new();
    private readonly Dictionary<(IsdAs?, IsdAs), LinkedListNode<CachedPaths>> _entries = [];

    /// <summary>The entries; the one used last is the first.</summary>
    private readonly LinkedList<CachedPaths> _byUse = new();

    private long _failedRefreshes;
    private bool _isDisposed;

    /// <summary>Makes an empty cache.</summary>
    /// <param name="inner">The source to ask; not disposed here.</param>
    /// <param name="options">How long answers are kept; read once. Null for the defaults.</param>
    /// <param name="time">The clock and its timers; null for the system's.</param>
    /// <param name="random">Where the variation of delays comes from, used by one thread at a time; null for a new
    /// one.</param>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public CachingPathSource(
        IPathSource inner, CachingOptions? options = null, TimeProvider? time = null, Random? random = null)
    {
        ArgumentNullException.ThrowIfNull(inner);
        options ??= new CachingOptions();
        options.Validate();
        _inner = inner;
        _options = new CachingOptions
        {
            RefreshInterval = options.RefreshInterval,
            ExpiryLead = options.ExpiryLead,
            MinRefreshInterval = options.MinRefreshInterval,
            RetryPause = options.RetryPause,
            EmptyLifetime = options.EmptyLifetime,
            MaxEntries = options.MaxEntries,
        };
        _time = time ?? TimeProvider.System;
        _startedAt = _time.GetTimestamp();
        _random = random ?? new Random();
    }

    /// <summary>How many renewals in the background failed so far.</summary>
    public long FailedRefreshes => Interlocked.Read(ref _failedRefreshes);

    private TimeSpan Now => _time.GetElapsedTime(_startedAt);

    /// <inheritdoc/>
    public Task<IReadOnlyList<LocalAs>> GetLocalAsync(CancellationToken cancellationToken = default) =>
        _inner.GetLocalAsync(cancellationToken);

    /// <inheritdoc/>
    /// <exception cref="ObjectDisposedException">The source is disposed.</exception>
    public async Task<IReadOnlyList<ScionPath>> GetPathsAsync(
        IsdAs destination,
        IsdAs? source = null,
        CancellationToken cancellationToken = default)
    {
        SingleAs.ThrowIfWildcard(destination);
        cancellationToken.ThrowIfCancellationRequested();
        CachedPaths entry;
        IReadOnlyList<ScionPath> paths;
        PathFlight? started = null;
        PathFlight? joined = null;
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            entry = Use(source, destination);
            var now = Now;
            paths = entry.PathsAt(_time.GetUtcNow());
            var isFresh = now < entry.RestsUntil || now < entry.StaleAt && (paths.Count > 0 || entry.IsEmptyAnswer);
            if (!isFresh && entry.Flight is null && (paths.Count == 0 || now >= entry.NotBefore))
            {
                started = entry.Flight = new PathFlight(isRefresh: paths.Count > 0, new CancellationTokenSource());
            }
            if (!isFresh && paths.Count == 0)
            {
                joined = entry.Flight!;
                joined.Waiters++;
            }
        }
        if (started is not null)
        {
            Launch(entry, started);
        }
        return joined is null ? paths : await JoinAsync(entry, joined, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Passes the report on and drops the paths over the interface; the destinations that lost any are looked up again.
    /// </summary>
    /// <inheritdoc/>
    public Task ReportDownAsync(PathInterface end, CancellationToken cancellationToken = default)
    {
        lock (_lock)
        {
            var now = Now;
            foreach (var entry in _byUse.Where(each => each.Drop(end)))
            {
                entry.StaleAt = now;
                Arm(entry, entry.RestsUntil - now);
            }
        }
        return _inner.ReportDownAsync(end, cancellationToken);
    }

    /// <summary>Forgets everything and cancels the look-ups under way.</summary>
    public void Dispose()
    {
        List<PathFlight> flights;
        lock (_lock)
        {
            _isDisposed = true;
            flights = [.. _byUse.Select(each => each.Flight).OfType<PathFlight>()];
            while (_byUse.Last is { } last)
            {
                Forget(last);
            }
        }
        flights.ForEach(flight => flight.Cancel());
    }

    /// <summary>The entry for a pair, now the one used last.</summary>
    private CachedPaths Use(IsdAs? source, IsdAs destination)
    {
        if (_entries.TryGetValue((source, destination), out var node))
        {
            _byUse.Remove(node);
        }
        else
        {
            node = new LinkedListNode<CachedPaths>(new CachedPaths(source, destination));
            _entries.Add((source, destination), node);
        }
        _byUse.AddFirst(node);
        if (_entries.Count > _options.MaxEntries)
        {
            Forget(_byUse.Last!);
        }
        node.Value.IsUsed = true;
        return node.Value;
    }

    /// <summary>Drops an entry; a look-up under way goes on for those who wait for it.</summary>
    private void Forget(LinkedListNode<CachedPaths> node)
    {
        var entry = node.Value;
        _byUse.Remove(node);
        _entries.Remove((entry.Source, entry.Destination));
        entry.IsDropped = true;
        entry.Timer?.Dispose();
    }

    private async Task<IReadOnlyList<ScionPath>> JoinAsync(
        CachedPaths entry, PathFlight flight, CancellationToken cancellationToken)
    {
        try
        {
            return await flight.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            Leave(entry, flight);
        }
    }

    /// <summary>Starts a look-up that others may already wait for; without the lock, since the source runs.</summary>
    private void Launch(CachedPaths entry, PathFlight flight)
    {
        flight.Launch(FlyAsync(entry, flight));
        if (flight.IsRefresh)
        {
            _ = ObserveAsync(flight);
        }
    }

    private async Task<IReadOnlyList<ScionPath>> FlyAsync(CachedPaths entry, PathFlight flight)
    {
        try
        {
            var paths = await _inner.GetPathsAsync(entry.Destination, entry.Source, flight.Token).ConfigureAwait(false);
            Succeed(entry, flight, paths);
            return paths;
        }
        catch (PathLookupException)
        {
            Fail(entry);
            throw;
        }
        finally
        {
            lock (_lock)
            {
                entry.Flight = ReferenceEquals(entry.Flight, flight) ? null : entry.Flight;
            }
        }
    }

    private async Task ObserveAsync(PathFlight flight)
    {
        try
        {
            await flight.Task.ConfigureAwait(false);
        }
        catch (PathLookupException)
        {
            // Counted, not thrown: nobody waits, and the paths at hand stay in use until they expire.
            Interlocked.Increment(ref _failedRefreshes);
        }
        catch (OperationCanceledException) when (flight.Token.IsCancellationRequested)
        {
            // The cache was disposed.
        }
    }

    private void Succeed(CachedPaths entry, PathFlight flight, IReadOnlyList<ScionPath> paths)
    {
        lock (_lock)
        {
            if (entry.IsDropped || flight.Token.IsCancellationRequested)
            {
                return;
            }
            var now = Now;
            var delay = DelayAfter(paths);
            entry.Set(paths);
            entry.StaleAt = now + delay;
            entry.RestsUntil = entry.IsEmptyAnswer ? entry.StaleAt : now + _options.MinRefreshInterval;
            entry.NotBefore = entry.RestsUntil;
            entry.IsUsed = flight.Waiters > 0;
            if (!entry.IsEmptyAnswer)
            {
                Arm(entry, delay);
            }
        }
    }

    private void Fail(CachedPaths entry)
    {
        lock (_lock)
        {
            var now = Now;
            if (!entry.IsDropped && entry.PathsAt(_time.GetUtcNow()).Count > 0)
            {
                entry.NotBefore = now + _options.RetryPause;
                Arm(entry, _options.RetryPause);
            }
        }
    }

    /// <summary>How long an answer stands before it is asked for again.</summary>
    private TimeSpan DelayAfter(IReadOnlyList<ScionPath> paths)
    {
        if (paths.Count == 0)
        {
            return _options.EmptyLifetime;
        }
        var untilExpiry = paths.Min(path => path.Expiry) - _options.ExpiryLead - _time.GetUtcNow();
        var delay = untilExpiry < _options.RefreshInterval ? untilExpiry : _options.RefreshInterval;
        delay *= 1 + Jitter * (2 * _random.NextDouble() - 1);
        return delay > _options.MinRefreshInterval ? delay : _options.MinRefreshInterval;
    }

    private void Arm(CachedPaths entry, TimeSpan delay)
    {
        delay = delay > TimeSpan.Zero ? delay : TimeSpan.Zero;
        entry.Timer ??= _time.CreateTimer(
            state => OnDue((CachedPaths)state!), entry, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        entry.Timer.Change(delay, Timeout.InfiniteTimeSpan);
    }

    /// <summary>An entry that nobody asked for is left alone: its next user finds it stale.</summary>
    private void OnDue(CachedPaths entry)
    {
        PathFlight flight;
        lock (_lock)
        {
            if (entry.IsDropped || !entry.IsUsed || entry.Flight is not null)
            {
                return;
            }
            flight = entry.Flight = new PathFlight(isRefresh: true, new CancellationTokenSource());
        }
        Launch(entry, flight);
    }

    /// <summary>A caller has its answer or gave up; the last one to give up ends the look-up.</summary>
    private void Leave(CachedPaths entry, PathFlight flight)
    {
        lock (_lock)
        {
            flight.Waiters--;
            if (flight.Waiters > 0 || flight.IsRefresh || flight.Task.IsCompleted)
            {
                return;
            }
            entry.Flight = ReferenceEquals(entry.Flight, flight) ? null : entry.Flight;
        }
        flight.Cancel();
    }
}
