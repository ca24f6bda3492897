using System.Reactive.Linq;
using System.Reactive.Subjects;

namespace MqttScion.Scion;

/// <summary>The current paths to one destination, what is known of each, and which is in use.</summary>
/// <remarks>
/// Safe to call from several threads. Observers are called while the store is locked, so that each sees the events in
/// one order: they return at once, or hop away with <c>ObserveOn</c>.
/// </remarks>
public sealed class PathStore : IDisposable
{
    private readonly Lock _lock = new();
    private readonly Subject<PathEvent> _events = new();
    private readonly Dictionary<ScionPath, string> _down = [];
    private List<ScionPath> _paths = [];
    private ScionPath? _selected;
    private string _why = "";

    /// <summary>Makes an empty store.</summary>
    public PathStore() => Events = Observable.Create<PathEvent>(Subscribe);

    /// <summary>
    /// What happens to the paths. Hot; a new observer first gets the current set: Found for each path, Down for those
    /// that are down, Selected for the one in use. Never fails; completes when the store is disposed.
    /// </summary>
    public IObservable<PathEvent> Events { get; }

    /// <summary>The current paths, the preferred first.</summary>
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

    /// <summary>The current paths that are not down, the preferred first.</summary>
    public IReadOnlyList<ScionPath> UpPaths
    {
        get
        {
            lock (_lock)
            {
                return [.. _paths.Where(path => !_down.ContainsKey(path))];
            }
        }
    }

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

    /// <summary>
    /// Takes a fresh look-up: new paths are Found, missing ones Lost, and renewed ones replace the old. When the path
    /// in use was renewed, Selected follows, so that its user takes the new header.
    /// </summary>
    public void Update(IReadOnlyList<ScionPath> paths)
    {
        ArgumentNullException.ThrowIfNull(paths);
        lock (_lock)
        {
            var fresh = paths.Distinct().ToList();
            var old = _paths;
            _paths = fresh;
            foreach (var lost in old.Except(fresh))
            {
                Remove(lost, new PathEvent.Lost(lost));
            }
            foreach (var found in fresh.Except(old))
            {
                _events.OnNext(new PathEvent.Found(found));
            }
            if (_selected is { } previous
                && fresh.Find(previous.Equals) is { } renewed
                && !ReferenceEquals(renewed, previous))
            {
                MoveTo(renewed, previous, "renewed");
            }
        }
    }

    /// <summary>Drops the paths whose time ran out; each is Expired.</summary>
    /// <returns>The number of paths dropped.</returns>
    public int Expire(DateTimeOffset now)
    {
        lock (_lock)
        {
            var expired = _paths.Where(path => path.Expiry <= now).ToList();
            _paths = [.. _paths.Except(expired)];
            foreach (var path in expired)
            {
                Remove(path, new PathEvent.Expired(path));
            }
            return expired.Count;
        }
    }

    /// <summary>Records that packets now leave on a path; it is not down any more.</summary>
    /// <returns>False when the path is not in the store.</returns>
    public bool Select(ScionPath path, string why)
    {
        lock (_lock)
        {
            if (_paths.Find(path.Equals) is not { } current)
            {
                return false;
            }
            _down.Remove(current);
            if (!ReferenceEquals(_selected, current))
            {
                MoveTo(current, _selected, why);
            }
            return true;
        }
    }

    /// <summary>
    /// Records that a path carries no packets; it stays in the store, and in use until another is selected.
    /// </summary>
    /// <returns>False when the path is not in the store or was down already.</returns>
    public bool MarkDown(ScionPath path, string why)
    {
        lock (_lock)
        {
            if (!_paths.Contains(path) || !_down.TryAdd(path, why))
            {
                return false;
            }
            _events.OnNext(new PathEvent.Down(path, why));
            return true;
        }
    }

    /// <summary>Records that a path which was down carries packets again; it is Found again.</summary>
    /// <returns>False when the path was not down.</returns>
    public bool MarkUp(ScionPath path)
    {
        lock (_lock)
        {
            if (!_down.Remove(path))
            {
                return false;
            }
            _events.OnNext(new PathEvent.Found(path));
            return true;
        }
    }

    /// <summary>Reports that round trips on a path became much longer.</summary>
    /// <returns>False when the path is not in the store.</returns>
    public bool MarkDegraded(ScionPath path, TimeSpan rtt)
    {
        lock (_lock)
        {
            if (!_paths.Contains(path))
            {
                return false;
            }
            _events.OnNext(new PathEvent.Degraded(path, rtt));
            return true;
        }
    }

    /// <summary>Completes <see cref="Events"/>.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _events.OnCompleted();
        }
    }

    private IDisposable Subscribe(IObserver<PathEvent> observer)
    {
        lock (_lock)
        {
            foreach (var path in _paths)
            {
                observer.OnNext(new PathEvent.Found(path));
            }
            foreach (var (path, why) in _down)
            {
                observer.OnNext(new PathEvent.Down(path, why));
            }
            if (_selected is not null)
            {
                observer.OnNext(new PathEvent.Selected(_selected, Previous: null, _why));
            }
            return _events.Subscribe(observer);
        }
    }

    private void Remove(ScionPath path, PathEvent cause)
    {
        _down.Remove(path);
        if (path.Equals(_selected))
        {
            _selected = null;
        }
        _events.OnNext(cause);
    }

    private void MoveTo(ScionPath path, ScionPath? previous, string why)
    {
        _selected = path;
        _why = why;
        _events.OnNext(new PathEvent.Selected(path, previous, why));
    }
}
