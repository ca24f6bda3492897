using MqttScion.Udp;

namespace MqttScion.Testnet;

/// <summary>Drives border routers on one thread: takes datagrams from all their sockets, and serves slow links.
/// </summary>
/// <remarks>Starts at once. Does not own the routers: end the loop before them.</remarks>
internal sealed class RouterLoop : ISocketLoopOwner, IDisposable
{
    private const int BufferBytes = 65535;
    private const int MaxPacketsPerSocket = 32;

    private readonly (BorderRouter Router, int Index)[] _sockets;
    private readonly SocketLoop _loop;

    /// <summary>Starts the thread; the routers' links are connected already.</summary>
    internal RouterLoop(IReadOnlyList<BorderRouter> routers, TimeProvider time)
    {
        _sockets = [.. routers.SelectMany(router => router.Sockets.Select((_, i) => (router, i)))];
        _loop = new SocketLoop(
            this, [.. routers.SelectMany(router => router.Sockets)], time, MaxPacketsPerSocket);
        _loop.Start("routers");
    }

    /// <summary>Packets on slow links.</summary>
    internal DelayQueue Delayed { get; } = new();

    /// <summary>Room for one packet.</summary>
    internal byte[] Buffer { get; } = GC.AllocateUninitializedArray<byte>(BufferBytes, pinned: true);

    /// <summary>The time since the start, for slow links.</summary>
    internal TimeSpan Now => _loop.Now;

    TimeSpan? ISocketLoopOwner.NextTimeout => Delayed.NextDue;

    /// <summary>Ends the thread.</summary>
    /// <exception cref="AggregateException">A defect had ended it.</exception>
    public void Dispose()
    {
        _loop.Dispose();
        if (_loop.Ended.Exception is { } defect)
            throw defect;
    }

    bool ISocketLoopOwner.Receive(int socketIndex, TimeSpan now)
    {
        var (router, index) = _sockets[socketIndex];
        return router.Receive(this, index);
    }

    void ISocketLoopOwner.OnTimeout(TimeSpan now)
    {
        while (Delayed.TryTake(now, out var packet))
        {
            packet.Link.Owner.SendDelayed(packet);
            DelayQueue.Return(packet);
        }
    }

    bool ISocketLoopOwner.Flush(TimeSpan now) => false; // What needs no delay has left at once.

    void ISocketLoopOwner.OnEnded(Exception? defect) => Delayed.Dispose();
}
