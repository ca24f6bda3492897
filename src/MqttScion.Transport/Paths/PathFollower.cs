using Microsoft.Extensions.Logging;
using MqttScion.Scion;
using MqttScion.Udp;

namespace MqttScion.Transport;

/// <summary>
/// Keeps a live connection on a usable path: when the path in use is renewed, down or gone, the connection goes on over
/// the best that is left, below QUIC. Decides on the loop; told by the store from any thread.
/// </summary>
internal sealed class PathFollower : ILoopWork, IObserver<PathEvent>, IDisposable
{
    private readonly EndpointLoop _loop;
    private readonly ScionEndPoint _remote;
    private readonly PathStore _store;
    private readonly ILogger _log;
    private readonly IDisposable _subscription;
    private ScionPath _current;
    private int _mtu;
    private string? _why;
    private int _isPosted;

    /// <summary>Starts to follow.</summary>
    /// <param name="loop">The loop of the connection.</param>
    /// <param name="remote">The other end of the connection.</param>
    /// <param name="store">The paths to it.</param>
    /// <param name="current">The path on which the connection is made.</param>
    /// <param name="log">The log.</param>
    public PathFollower(EndpointLoop loop, ScionEndPoint remote, PathStore store, ScionPath current, ILogger log)
    {
        (_loop, _remote, _store, _current, _log) = (loop, remote, store, current, log);
        _mtu = store.UsableMtu(current);
        _subscription = store.Events.Subscribe(this);
    }

    /// <summary>The path on which packets leave. Any thread may ask.</summary>
    public ScionPath Current => Volatile.Read(ref _current);

    /// <inheritdoc/>
    public void Dispose() => _subscription.Dispose();

    void IObserver<PathEvent>.OnNext(PathEvent value)
    {
        if (value.Path.Equals(Current) && WhyLeft(value) is { } why)
        {
            Volatile.Write(ref _why, why);
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
        var usable = _store.UpPaths;
        if (usable.Count == 0)
        {
            return; // Nothing better is known: what is in use may still work.
        }
        var renewed = usable.FirstOrDefault(_current.Equals);
        var chosen = renewed ?? usable[0];
        var mtu = _store.UsableMtu(chosen);
        if (ReferenceEquals(chosen, _current) && mtu == _mtu)
        {
            return;
        }
        var why = renewed is null ? Volatile.Read(ref _why) ?? "the path in use is gone"
            : ReferenceEquals(chosen, _current) ? "it carries shorter packets only"
            : "renewed";
        try
        {
            _loop.UsePath(_remote, chosen, mtu, now);
        }
        catch (ArgumentException e)
        {
            // The source gave a path of which no header can be made: another is chosen when the store tells of this.
            _store.MarkDown(chosen, e.Message);
            return;
        }
        _mtu = mtu;
        Volatile.Write(ref _current, chosen);
        Volatile.Write(ref _why, null);
        TransportLog.PathChanged(_log, _remote, chosen, why);
        _store.Select(chosen, why);
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
