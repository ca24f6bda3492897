using System.Reactive.Linq;
using MqttScion.Scion;

namespace MqttScion;

/// <summary>
/// Remembers what a health check asks about: the state, for how long the client has not been connected, the path in
/// use. Counts reconnects and path switches on the way.
/// </summary>
internal sealed class ConnectionWatch : IDisposable
{
    private readonly Lock _gate = new();
    private readonly TimeProvider _time;
    private readonly ClientMetrics _metrics;
    private readonly IDisposable _paths;
    private ConnectionState _state = new ConnectionState.Disconnected();
    private ScionPath? _path;
    private long _lostAt;
    private bool _wasConnected;

    public ConnectionWatch(IObservable<PathEvent> paths, ClientMetrics metrics, TimeProvider time)
    {
        _metrics = metrics;
        _time = time;
        _lostAt = time.GetTimestamp();
        // Never fails: a path store only ever completes.
        _paths = paths.OfType<PathEvent.Selected>().Subscribe(OnSelected);
    }

    /// <summary>The state, and for how long there has been no connection: zero while there is one.</summary>
    public (ConnectionState State, TimeSpan Outage, ScionPath? Path) Read()
    {
        lock (_gate)
        {
            return _state is ConnectionState.Connected
                ? (_state, TimeSpan.Zero, _path)
                : (_state, _time.GetElapsedTime(_lostAt), null);
        }
    }

    /// <summary>The state has changed.</summary>
    public void OnState(ConnectionState state)
    {
        bool isReconnect;
        lock (_gate)
        {
            if (state is ConnectionState.Connecting { Cause: null }
                || (_state is ConnectionState.Connected && state is not ConnectionState.Connected))
            {
                _lostAt = _time.GetTimestamp();
            }
            _state = state;
            _path = (state as ConnectionState.Connected)?.Path;
            isReconnect = _wasConnected;
            // A connection that the user ended and made again is no reconnect.
            _wasConnected = state is ConnectionState.Connected
                || (_wasConnected && state is ConnectionState.Reconnecting);
        }
        if (state is ConnectionState.Connected)
        {
            _metrics.OnConnected(isReconnect);
        }
        else
        {
            _metrics.OnDisconnected();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _paths.Dispose();

    private void OnSelected(PathEvent.Selected selected)
    {
        lock (_gate)
        {
            _path = _state is ConnectionState.Connected ? selected.Path : null;
        }
        if (selected.Previous is not null && selected.Previous != selected.Path)
        {
            _metrics.OnPathSwitched();
        }
    }
}
