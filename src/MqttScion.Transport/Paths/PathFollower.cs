using Microsoft.Extensions.Logging;
using MqttScion.Quic;
using MqttScion.Scion;
using MqttScion.Udp;

namespace MqttScion.Transport;

/// <summary>
/// Keeps a connection that was dialed on a usable path, below QUIC: when the path in use is silent, down, gone,
/// forbidden or renewed, the connection goes on over another. Decides on the loop; told by the store from any thread.
/// </summary>
internal sealed class PathFollower : IPathSteering, ILoopWork, IObserver<PathEvent>, IDisposable
{
    // After a move of ours, how many round trips the server may take to follow.
    private const int SettlingRoundTrips = 4;

    private readonly EndpointLoop _loop;
    private readonly ScionEndPoint _remote;
    private readonly PathStore _store;
    private readonly ILogger _log;
    private readonly TimeSpan? _standbyInterval;
    private readonly IDisposable _subscription;
    private LoopConnection? _connection;
    private PathSelector<ScionPath>? _selector;
    private ScionPath _current;
    private int _mtu;
    private PathEvent? _left;
    private int _isPosted;

    /// <summary>Starts to follow.</summary>
    /// <param name="loop">The loop of the connection.</param>
    /// <param name="remote">The other end of the connection.</param>
    /// <param name="store">The paths to it.</param>
    /// <param name="current">The path on which the connection is made.</param>
    /// <param name="standbyInterval">How often the server is shown standbys; null for never.</param>
    /// <param name="log">The log.</param>
    public PathFollower(
        EndpointLoop loop,
        ScionEndPoint remote,
        PathStore store,
        ScionPath current,
        TimeSpan? standbyInterval,
        ILogger log)
    {
        (_loop, _remote, _store, _current, _log) = (loop, remote, store, current, log);
        _standbyInterval = standbyInterval;
        _mtu = store.UsableMtu(current);
        _subscription = store.Events.Subscribe(this);
    }

    /// <summary>The path on which packets leave. Any thread may ask.</summary>
    public ScionPath Current => Volatile.Read(ref _current);

    /// <inheritdoc/>
    public TimeSpan? NextTimeout => _selector!.NextTimeout;

    /// <inheritdoc/>
    public void Dispose() => _subscription.Dispose();

    /// <inheritdoc/>
    public void Attach(LoopConnection connection)
    {
        _connection = connection;
        _selector = new PathSelector<ScionPath>(
            new StoreCandidates(_store, connection), _current, _standbyInterval);
    }

    /// <inheritdoc/>
    public void OnEvent(in QuicEvent e, TimeSpan now)
    {
        var path = e.PathId < 0 ? null : _connection!.Paths.Find(e.PathId);
        switch (e.Kind)
        {
            case QuicEventKind.HandshakeConfirmed:
                _selector!.OnConnected(now);
                break;
            case QuicEventKind.PathSilent when e.PathId == _connection!.Quic.CurrentPathId:
                _selector!.OnSilent(now);
                break;
            case QuicEventKind.PathAnswered when e.PathId == _connection!.Quic.CurrentPathId:
                _selector!.OnAnswered();
                break;
            case QuicEventKind.PathValidated when path?.Path is { } answered:
                _selector!.OnProbeAnswered(answered, now);
                break;
            case QuicEventKind.PeerPathChanged when path?.Path is { } chosen:
                var quic = _connection!.Quic;
                var roundTrip = quic.PathRtt(quic.CurrentPathId) ?? TimeSpan.Zero;
                _selector!.OnPeerMoved(chosen, SettlingRoundTrips * roundTrip, now);
                break;
            default:
                return;
        }
        TakeSteps(now);
    }

    /// <summary>Routers tell the store, which is the same for all of its users.</summary>
    public void OnReportedDown(PathEntry path, string why, TimeSpan now)
    {
    }

    /// <inheritdoc/>
    public void OnTimeout(TimeSpan now)
    {
        _selector!.OnTimeout(now);
        TakeSteps(now);
    }

    void IObserver<PathEvent>.OnNext(PathEvent value)
    {
        if (value.Path.Equals(Current) && WhyLeft(value) is not null)
        {
            Volatile.Write(ref _left, value);
        }
        if (Interlocked.Exchange(ref _isPosted, 1) == 0)
        {
            _loop.Post(this);
        }
    }

    void IObserver<PathEvent>.OnCompleted()
    {
        // The store is gone, and with it the client; the connection ends by itself.
    }

    void IObserver<PathEvent>.OnError(Exception error)
    {
        // Events of a store never fail.
    }

    void ILoopWork.Run(TimeSpan now)
    {
        Interlocked.Exchange(ref _isPosted, 0);
        if (_connection is not { IsOnLoop: true })
        {
            return;
        }
        var left = Volatile.Read(ref _left);
        var why = left is null ? "the path in use is gone" : WhyLeft(left)!;
        _selector!.OnCandidatesChanged(why, isDown: left is PathEvent.Down or PathEvent.Unanswered, now);
        TakeSteps(now);
        Renew(now);
    }

    // The same path with another header or another size.
    private void Renew(TimeSpan now)
    {
        if (_store.UpPaths.FirstOrDefault(_current.Equals) is not { } latest)
        {
            return;
        }
        if (!ReferenceEquals(latest, _current))
        {
            Use(latest, isGivenUp: false, "renewed", now);
        }
        else if (_store.UsableMtu(latest) != _mtu && Open(latest) is { } entry)
        {
            _mtu = _store.UsableMtu(latest);
            _connection!.Quic.NarrowPath(entry.PathId, entry.MaxProbedDatagramBytes, now);
            _connection.MarkDirty();
        }
    }

    private void TakeSteps(TimeSpan now)
    {
        while (_selector!.TryTakeStep(out var step))
        {
            if (step.Kind != PathStepKind.Probe)
            {
                Use(step.Path, step.Kind == PathStepKind.GiveUp, step.Why, now);
            }
            else if (Open(step.Path) is { } entry)
            {
                _connection!.Quic.ProbePath(entry.PathId, now);
                _connection.MarkDirty();
            }
        }
    }

    private void Use(ScionPath path, bool isGivenUp, string why, TimeSpan now)
    {
        if (Open(path) is not { } entry)
        {
            return;
        }
        _loop.UsePath(_connection!, entry, isGivenUp, now);
        _mtu = _store.UsableMtu(path);
        _selector!.OnMoved(path);
        Volatile.Write(ref _current, path);
        Volatile.Write(ref _left, null);
        TransportLog.PathChanged(_log, _remote, path, why);
        _store.Select(path, why);
    }

    private PathEntry? Open(ScionPath path)
    {
        try
        {
            return _loop.OpenPath(_connection!, path, _store.UsableMtu(path));
        }
        catch (ArgumentException e)
        {
            // The source gave a path of which no header can be made: another is chosen when the store tells of this.
            _store.MarkDown(path, e.Message);
            return null;
        }
    }

    private static string? WhyLeft(PathEvent value) => value switch
    {
        PathEvent.Forbidden => "the policy no longer allows the path in use",
        PathEvent.Expired => "the path in use has expired",
        PathEvent.Lost => "the latest look-up no longer returned the path in use",
        PathEvent.Down => "the path in use is down",
        PathEvent.Unanswered => "nobody answered over the path in use",
        _ => null,
    };
}
