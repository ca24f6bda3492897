using System.Reactive.Linq;
using System.Reactive.Subjects;

namespace MqttScion.Scion;

/// <summary>The current paths to one destination, what is known of each, and which is in use.</summary>
/// <remarks>
/// <para>
/// A path reported down is held back: for 10 s at first, then twice as long each time, up to 5 min; two minutes of
/// quiet after a hold-off halve what it counts for. More reports during a hold-off belong to the same incident. When
/// the hold-off ends the path is Found again without a probe: the next packet, or a prober, finds out. A packet that
/// arrived over the path ends a first hold-off early (<see cref="MarkUp"/>), but not a repeated one, so that a flapping
/// link doesn't make its paths flap. Hold-offs are remembered for paths and interfaces that the store doesn't hold:
/// a path that comes with a later look-up starts down.
/// </para>
/// <para>
/// Safe to call from several threads. Observers are called outside of the store's lock, one event at a time, in one
/// order, on whichever thread changed the store: one that calls the store gets the consequence after it returned, and a
/// slow one holds up only the thread that it is on. If 16384 events pile up, they are replaced by the current set.
/// </para>
/// </remarks>
public sealed partial class PathStore : IDisposable
{
    /// <summary>How many paths a store holds; a longer look-up is cut off at its end.</summary>
    public const int MaxPaths = 4096;

    private const string ByPolicy = "the policy no longer allows the path in use";

    private readonly Lock _lock = new();
    private readonly TimeProvider _time;
    private readonly long _startedAt;
    private readonly Subject<PathEvent> _events = new(); // completed, never disposed: observers may come late
    private readonly PathEventQueue _queue;
    private readonly Dictionary<ScionPath, StoredPath> _entries = [];
    private readonly Dictionary<FaultSite, List<StoredPath>> _entriesBySite = [];
    private readonly Dictionary<int, StoredPath> _entriesByWire = [];
    private List<StoredPath> _ordered = [];
    private List<ScionPath> _paths = []; // of _ordered
    private ScionPath? _selected;
    private ScionPath? _former; // in use until it was gone, until another is
    private bool _isFormerForbidden;
    private string _why = "";

    /// <summary>Makes an empty store.</summary>
    /// <param name="time">The clock of hold-offs and expiry; null for the system's.</param>
    public PathStore(TimeProvider? time = null)
    {
        _time = time ?? TimeProvider.System;
        _startedAt = _time.GetTimestamp();
        _queue = new PathEventQueue(_lock, _events, Replay);
        Events = Observable.Create<PathEvent>(Subscribe);
    }

    /// <summary>
    /// What happens to the paths. Hot; a new observer first gets the current set: Found for each path, Down or
    /// Unanswered for those that are held back, Selected for the one in use. Never fails; completes when the store is
    /// disposed.
    /// </summary>
    public IObservable<PathEvent> Events { get; }

    /// <summary>The current paths, the preferred first; the same list until a look-up or expiry changes it.</summary>
    public IReadOnlyList<ScionPath> Paths
    {
        get
        {
            lock (_lock)
            {
                return _paths;
            }
        }
    }

    /// <summary>
    /// The current paths that are not held back, the preferred first; when there is none, the one whose report is the
    /// oldest. Empty only when there are no paths.
    /// </summary>
    public IReadOnlyList<ScionPath> UpPaths => Read(() =>
    {
        List<ScionPath> up = [.. _ordered.Where(entry => !entry.IsHeldBack).Select(entry => entry.Path)];
        return up.Count > 0 || _ordered.Count == 0 ? up : [_ordered.MinBy(entry => entry.Reported)!.Path];
    });

    /// <summary>
    /// All current paths in the order in which to try them: those that are not held back, the preferred first, then the
    /// others, the oldest report first.
    /// </summary>
    public IReadOnlyList<ScionPath> Candidates => Read<IReadOnlyList<ScionPath>>(() =>
    [
        .. _ordered.Where(entry => !entry.IsHeldBack).Select(entry => entry.Path),
        .. _ordered.Where(entry => entry.IsHeldBack).OrderBy(entry => entry.Reported).Select(entry => entry.Path),
    ]);

    /// <summary>The path in use; null when there is none.</summary>
    public ScionPath? Selected
    {
        get
        {
            lock (_lock)
            {
                return _selected;
            }
        }
    }

    /// <summary>How many events slow observers missed so far, in exchange for the current set.</summary>
    public long SkippedEventCount
    {
        get
        {
            lock (_lock)
            {
                return _queue.SkippedCount;
            }
        }
    }

    /// <summary>True when every path is held back, or there is none.</summary>
    internal bool HasNoneUp
    {
        get
        {
            lock (_lock)
            {
                return _ordered.TrueForAll(entry => entry.IsHeldBack);
            }
        }
    }

    private TimeSpan Now => _time.GetElapsedTime(_startedAt);

    /// <summary>
    /// Takes a fresh look-up: new paths are Found, missing ones Lost, and renewed ones replace the old. When the path
    /// in use was renewed, Selected follows, so that its user takes the new header.
    /// </summary>
    /// <param name="paths">The paths, the preferred first; those beyond <see cref="MaxPaths"/> are left out.</param>
    public void Update(IReadOnlyList<ScionPath> paths) => Update(paths, returned: paths);

    /// <summary>Takes a fresh look-up of which a policy allows some: what it forbids is told as Forbidden.</summary>
    /// <param name="paths">The paths that are allowed, the preferred first.</param>
    /// <param name="returned">All that the look-up returned.</param>
    internal void Update(IReadOnlyList<ScionPath> paths, IReadOnlyCollection<ScionPath> returned)
    {
        ArgumentNullException.ThrowIfNull(paths);
        Change(now =>
        {
            var fresh = paths.Distinct().Take(MaxPaths).ToList();
            foreach (var gone in _paths.Except(fresh))
            {
                Remove(gone, returned.Contains(gone) ? new PathEvent.Forbidden(gone) : new PathEvent.Lost(gone));
            }
            List<StoredPath> found = [];
            foreach (var path in fresh)
            {
                _entries.TryGetValue(path, out var entry);
                if (entry is null || path.Expiry > entry.Path.Expiry)
                {
                    EndIfRenewable(path, now);
                }
                if (entry is null)
                {
                    found.Add(_entries[path] = new StoredPath(path));
                }
                entry?.Renew(path);
            }
            Order(fresh);
            found.ForEach(Announce);
            FollowRenewal();
            return true;
        });
    }

    /// <summary>
    /// Does what is due: paths whose time ran out are Expired, those whose hold-off ended are Found again. The latter
    /// happens with every other call too; the former only here.
    /// </summary>
    /// <returns>The time until something is due again; null when nothing will be.</returns>
    public TimeSpan? Advance() => Change(now =>
    {
        var utcNow = _time.GetUtcNow();
        if (_paths.Exists(path => path.Expiry <= utcNow))
        {
            foreach (var path in _paths.Where(path => path.Expiry <= utcNow))
            {
                Remove(path, new PathEvent.Expired(path));
            }
            Order(_paths.Where(path => path.Expiry > utcNow));
        }
        var untilExpiry = _paths.Count == 0 ? TimeSpan.MaxValue : _paths.Min(path => path.Expiry) - utcNow;
        var untilEnd = _nextEnd == TimeSpan.MaxValue ? _nextEnd : _nextEnd - now;
        var due = untilExpiry < untilEnd ? untilExpiry : untilEnd;
        return due == TimeSpan.MaxValue ? (TimeSpan?)null : due;
    });

    /// <summary>Records that packets now leave on a path. That tells nothing about it: see <see cref="MarkUp"/>.
    /// </summary>
    /// <returns>False when the path is not in the store.</returns>
    public bool Select(ScionPath path, string why) => Change(_ =>
    {
        if (!_entries.TryGetValue(path, out var entry))
        {
            return false;
        }
        if (!ReferenceEquals(_selected, entry.Path))
        {
            MoveTo(entry.Path, _selected ?? _former, _isFormerForbidden ? ByPolicy : why);
        }
        return true;
    });

    /// <summary>Reports that round trips on a path became much longer.</summary>
    /// <returns>False when the path is not in the store.</returns>
    public bool MarkDegraded(ScionPath path, TimeSpan rtt) => Change(_ =>
    {
        var isKnown = _entries.TryGetValue(path, out var entry);
        if (isKnown)
        {
            _queue.Add(new PathEvent.Degraded(entry!.Path, rtt));
        }
        return isKnown;
    });

    /// <summary>Bytes of the largest SCION packet, header included, that the path is known to carry now.</summary>
    /// <remarks>Below the announced MTU for ten minutes after Narrowed.</remarks>
    public int UsableMtu(ScionPath path)
    {
        ArgumentNullException.ThrowIfNull(path);
        lock (_lock)
        {
            return _entries.TryGetValue(path, out var entry) ? entry.UsableMtu(Now) : path.Mtu;
        }
    }

    /// <summary>Completes <see cref="Events"/>.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _queue.Complete();
        }
        _queue.Deliver();
    }

    private IDisposable Subscribe(IObserver<PathEvent> observer)
    {
        IDisposable subscription;
        lock (_lock)
        {
            subscription = _queue.Join(observer);
        }
        _queue.Deliver();
        return subscription;
    }

    private void Replay(List<PathEvent> events)
    {
        events.AddRange(_paths.Select(path => new PathEvent.Found(path)));
        events.AddRange(_ordered.Select(entry => entry.Held).OfType<PathEvent>());
        if (_selected is not null)
        {
            events.Add(new PathEvent.Selected(_selected, Previous: null, _why));
        }
    }

    // Every call first ends the hold-offs that are over, and last delivers what happened.
    private T Change<T>(Func<TimeSpan, T> change)
    {
        T result;
        lock (_lock)
        {
            var now = Now;
            EndHoldOffs(now);
            result = change(now);
        }
        _queue.Deliver();
        return result;
    }

    private T Read<T>(Func<T> read) => Change(_ => read());

    private void Remove(ScionPath path, PathEvent cause)
    {
        _entries.Remove(path);
        if (path.Equals(_selected))
        {
            (_selected, _former, _isFormerForbidden) = (null, path, cause is PathEvent.Forbidden);
        }
        _queue.Add(cause);
    }

    private void FollowRenewal()
    {
        if (_selected is { } previous && _entries[previous].Path is var renewed && !ReferenceEquals(renewed, previous))
        {
            MoveTo(renewed, previous, "renewed");
        }
    }

    private void MoveTo(ScionPath path, ScionPath? previous, string why)
    {
        (_selected, _former, _isFormerForbidden) = (path, null, false);
        _why = why;
        _queue.Add(new PathEvent.Selected(path, previous, why));
    }

    private void Order(IEnumerable<ScionPath> paths)
    {
        _ordered = [.. paths.Select(path => _entries[path])];
        _paths = [.. _ordered.Select(entry => entry.Path)];
        _entriesBySite.Clear();
        _entriesByWire.Clear();
        foreach (var entry in _ordered)
        {
            foreach (var site in entry.Sites)
            {
                if (!_entriesBySite.TryGetValue(site, out var over))
                {
                    _entriesBySite[site] = over = [];
                }
                over.Add(entry);
            }
            _entriesByWire.TryAdd(WirePath.HashOf(entry.Path.DataplanePath.Span), entry);
        }
    }
}
