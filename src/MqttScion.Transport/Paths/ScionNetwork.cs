using System.Reactive.Linq;
using System.Reactive.Subjects;
using System.Reactive.Threading.Tasks;
using System.Runtime.ExceptionServices;
using Microsoft.Extensions.Logging;
using MqttScion.Scion;

namespace MqttScion.Transport;

/// <summary>
/// The SCION side of a client: its path source and, for each AS that it talks to, a store of paths that is kept fresh
/// from the first connect on. Any thread, except where it says otherwise.
/// </summary>
internal sealed class ScionNetwork : IAsyncDisposable
{
    private readonly NetworkSettings _settings;
    private readonly OwnedPathSource _source;
    private readonly Dictionary<IsdAs, PathStore> _stores;
    private readonly Dictionary<IsdAs, PathRefresher> _refreshers = [];
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly DownReports _reports;
    private readonly Lock _lock = new();
    private readonly Subject<PathEvent> _end = new(); // Completes last, and alone where there are no stores.
    private IReadOnlyList<LocalAs> _locals = [];
    private IPathPolicy _policy;

    public ScionNetwork(
        NetworkSettings settings,
        IEnumerable<IsdAs> destinations,
        TimeProvider time,
        ILogger log)
    {
        _settings = settings;
        _stores = destinations.Distinct().ToDictionary(isdAs => isdAs, _ => new PathStore(time));
        // Without a server on SCION there need be no source of paths, and nobody asks one.
        _source = _stores.Count > 0
            ? settings.CreatePathSource(time)
            : new OwnedPathSource(new NoPathSource(), owned: []);
        _time = time;
        _log = log;
        _policy = Usable(settings.PathPolicy);
        PathEvents = _stores.Values.Select(store => store.Events).Append(_end).Merge();
        _reports = new DownReports(_source, PathEvents, time, log);
    }

    /// <summary>What happens to the paths; replays the current set.</summary>
    public IObservable<PathEvent> PathEvents { get; }

    /// <summary>The paths to an AS that was named at the start.</summary>
    public PathStore StoreOf(IsdAs destination) => _stores[destination];

    /// <summary>What a loop with a connection to an AS watches.</summary>
    public PathWatchOptions WatchOf(IsdAs destination) =>
        new(_stores[destination], _stores.Values, _settings.Probing, _settings.UsesStun);

    /// <summary>What is known of a local AS.</summary>
    public LocalAs LocalOf(IsdAs isdAs)
    {
        lock (_lock)
        {
            return _locals.FirstOrDefault(local => local.IsdAs == isdAs) ?? new LocalAs(isdAs);
        }
    }

    /// <summary>
    /// The paths to an AS in the order in which to try them: those that are up, the preferred first, then those that
    /// were reported down, the oldest report first. Never empty. For one caller at a time. They are kept fresh from
    /// then on; after <see cref="StopAsync"/> they are looked up anew, under the policy of the moment.
    /// </summary>
    /// <exception cref="NoPathException">There is none.</exception>
    /// <exception cref="PathLookupException">The source could not answer.</exception>
    public async Task<IReadOnlyList<ScionPath>> FindPathsAsync(IsdAs destination, CancellationToken cancellationToken)
    {
        var store = _stores[destination];
        store.Advance();
        if (IsKept(destination) && store.Candidates is { Count: > 0 } known)
        {
            return known;
        }
        await ForgetAsync(destination).ConfigureAwait(false);
        var foundCount = 0;
        Exception? failure = null;
        foreach (var local in await LocalsAsync(cancellationToken).ConfigureAwait(false))
        {
            var refresher = new PathRefresher(_source, destination, store, _policy, local.IsdAs, _time);
            try
            {
                var first = await OutcomesOf(refresher).FirstAsync().ToTask(cancellationToken).ConfigureAwait(false);
                if (first.Failure is null && store.Candidates is { Count: > 0 } found)
                {
                    Keep(refresher);
                    refresher = null;
                    return found;
                }
                failure ??= first.Failure;
                foundCount += first.Returned;
            }
            finally
            {
                if (refresher is not null)
                {
                    await refresher.DisposeAsync().ConfigureAwait(false);
                }
            }
        }
        if (failure is not null)
        {
            ExceptionDispatchInfo.Throw(failure);
        }
        throw new NoPathException(destination, foundCount);
    }

    /// <summary>Applies another policy from now on: paths that it does not allow are given up.</summary>
    public void UsePolicy(IPathPolicy policy)
    {
        lock (_lock)
        {
            _policy = Usable(policy);
            foreach (var refresher in _refreshers.Values)
            {
                refresher.Policy = _policy;
            }
        }
    }

    /// <summary>Ends the refreshing; the paths known stay until they expire.</summary>
    public async Task StopAsync()
    {
        PathRefresher[] refreshers;
        lock (_lock)
        {
            refreshers = [.. _refreshers.Values];
            _refreshers.Clear();
        }
        foreach (var refresher in refreshers)
        {
            await refresher.DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await StopAsync().ConfigureAwait(false);
        _reports.Dispose();
        foreach (var store in _stores.Values)
        {
            store.Dispose();
        }
        _end.OnCompleted();
        _source.Dispose();
    }

    // Of a refresher that has ended nothing more comes, except why: a policy that throws is a defect of its user.
    private static IObservable<PathRefresh> OutcomesOf(PathRefresher refresher) =>
        refresher.Refreshes.Merge(
            refresher.Completion.ToObservable().SelectMany(_ => Observable.Empty<PathRefresh>()));

    private bool IsKept(IsdAs destination)
    {
        lock (_lock)
        {
            return _refreshers.TryGetValue(destination, out var refresher) && !refresher.Completion.IsCompleted;
        }
    }

    // Paths too narrow for QUIC come last, and are used when there is nothing else.
    private static IPathPolicy Usable(IPathPolicy policy) => policy.Then(new WideFirst());

    private async Task<IReadOnlyList<LocalAs>> LocalsAsync(CancellationToken cancellationToken)
    {
        var locals = await _source.GetLocalAsync(cancellationToken).WaitAsync(cancellationToken).ConfigureAwait(false);
        lock (_lock)
        {
            _locals = locals;
        }
        return _settings.LocalIsdAs is { } asked ? [LocalOf(asked)] : locals;
    }

    private void Keep(PathRefresher refresher)
    {
        lock (_lock)
        {
            _refreshers.Add(refresher.Destination, refresher);
            refresher.Policy = _policy;
        }
        OutcomesOf(refresher).Subscribe(
            refresh => OnRefresh(refresher.Destination, refresh),
            error => TransportLog.RefreshFailed(_log, refresher.Destination, ErrorText.Sentence(error)));
    }

    private async Task ForgetAsync(IsdAs destination)
    {
        PathRefresher? refresher;
        lock (_lock)
        {
            _refreshers.Remove(destination, out refresher);
        }
        if (refresher is not null)
        {
            await refresher.DisposeAsync().ConfigureAwait(false);
        }
    }

    private void OnRefresh(IsdAs destination, PathRefresh refresh)
    {
        if (refresh.Failure is { } failure)
        {
            TransportLog.RefreshFailed(_log, destination, ErrorText.Sentence(failure));
        }
    }

    private sealed class WideFirst : IPathPolicy
    {
        public IReadOnlyList<ScionPath> Apply(IReadOnlyList<ScionPath> paths) =>
            [.. paths.OrderBy(path => path.Mtu < QuicDialer.LeastPathMtu)];
    }
}
