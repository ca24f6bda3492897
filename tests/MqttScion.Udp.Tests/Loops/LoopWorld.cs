using System.Net;

namespace MqttScion.Udp.Tests;

/// <summary>A loop with sockets of its own, whose owner does what the test says; its clock is moved by the test.
/// </summary>
internal sealed class LoopWorld : TimeProvider, ISocketLoopOwner, IDisposable
{
    private readonly byte[] _buffer = new byte[100];
    private readonly List<BatchedUdpSocket> _sockets = [];
    private readonly BatchedUdpSocket _sender = Bind();
    private TimeSpan _now;

    internal LoopWorld(int socketCount = 1, int receivesPerTurn = 64)
    {
        _sockets.AddRange(Enumerable.Range(0, socketCount).Select(_ => Bind()));
        Loop = new SocketLoop(this, _sockets, this, receivesPerTurn) { StopLimit = TimeSpan.FromSeconds(5) };
    }

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public TimeSpan? NextTimeout { get; internal set; }

    internal SocketLoop Loop { get; init; }

    /// <summary>The sockets from which datagrams were taken.</summary>
    internal List<int> Received { get; } = [];

    internal List<TimeSpan> Timeouts { get; } = [];

    /// <summary>What ended the loop, for each time that it did.</summary>
    internal List<Exception?> Ends { get; } = [];

    internal Action? OnTaken { get; set; }

    internal Func<int, bool>? OnReceive { get; set; }

    internal Action? OnDue { get; set; }

    internal Func<bool> OnFlush { get; set; } = () => false;

    internal Action? OnEnd { get; set; }

    public override long GetTimestamp() => _now.Ticks;

    public void Dispose()
    {
        Loop.Dispose();
        _sender.Dispose();
        _sockets.ForEach(socket => socket.Dispose());
    }

    public bool Receive(int socketIndex, TimeSpan now)
    {
        if (OnReceive is not null)
            return OnReceive(socketIndex);
        if (!TryTake(socketIndex))
            return false;
        Received.Add(socketIndex);
        OnTaken?.Invoke();
        return true;
    }

    public void OnTimeout(TimeSpan now)
    {
        NextTimeout = null;
        Timeouts.Add(now);
        OnDue?.Invoke();
    }

    public bool Flush(TimeSpan now) => OnFlush();

    public void OnEnded(Exception? defect)
    {
        Ends.Add(defect);
        OnEnd?.Invoke();
    }

    internal void Advance(TimeSpan by) => _now += by;

    internal void SendTo(int socketIndex) => _sender.Send([1], _sockets[socketIndex].LocalEndPoint);

    internal bool TryTake(int socketIndex) => _sockets[socketIndex].TryReceive(_buffer, out _, out _, out _);

    internal int AddSocket()
    {
        _sockets.Add(Bind());
        Loop.Add(_sockets[^1]);
        return _sockets.Count - 1;
    }

    private static BatchedUdpSocket Bind() => new(new IPEndPoint(IPAddress.Loopback, 0));
}
