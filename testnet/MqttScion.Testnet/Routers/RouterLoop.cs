using MqttScion.Udp;

namespace MqttScion.Testnet;

/// <summary>Drives border routers on one thread: waits for datagrams on all their sockets and for slow links.</summary>
/// <remarks>Starts at once. Does not own the routers: end the loop before them.</remarks>
internal sealed class RouterLoop : IDisposable
{
    private const int BufferBytes = 65535;
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(5);

    private readonly (BorderRouter Router, int Index)[] _sockets;
    private readonly UdpPollSet _pollSet;
    private readonly TimeProvider _time;
    private readonly long _start;
    private readonly Thread _thread;
    private volatile bool _isStopping;

    /// <summary>Starts the thread; the routers' links are connected already.</summary>
    internal RouterLoop(IReadOnlyList<BorderRouter> routers, TimeProvider time)
    {
        _time = time;
        _start = time.GetTimestamp();
        _sockets = [.. routers.SelectMany(router => router.Sockets.Select((_, i) => (router, i)))];
        _pollSet = new UdpPollSet([.. routers.SelectMany(router => router.Sockets)]);
        _thread = new Thread(Run) { IsBackground = true, Name = "routers" };
        _thread.Start();
    }

    /// <summary>Packets on slow links.</summary>
    internal DelayQueue Delayed { get; } = new();

    /// <summary>Room for one packet.</summary>
    internal byte[] Buffer { get; } = GC.AllocateUninitializedArray<byte>(BufferBytes, pinned: true);

    /// <summary>The time since the start, for slow links.</summary>
    internal TimeSpan Now => _time.GetElapsedTime(_start);

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_isStopping)
            return;
        _isStopping = true;
        _pollSet.Wake();
        if (!_thread.Join(StopLimit))
            throw new TimeoutException($"A loop of border routers did not stop within {StopLimit}.");
        _pollSet.Dispose();
        Delayed.Dispose();
    }

    private void Run()
    {
        while (!_isStopping)
        {
            _pollSet.Wait(UntilNextDue());
            SendDelayed();
            for (var i = 0; i < _sockets.Length; i++)
            {
                if (_pollSet.IsReadable(i))
                    _sockets[i].Router.Receive(this, _sockets[i].Index);
            }
        }
    }

    private TimeSpan UntilNextDue()
    {
        if (Delayed.NextDue is not { } due)
            return Timeout.InfiniteTimeSpan;
        var wait = due - Now;
        return wait > TimeSpan.Zero ? wait : TimeSpan.Zero;
    }

    private void SendDelayed()
    {
        if (Delayed.NextDue is null)
            return;
        var now = Now;
        while (Delayed.TryTake(now, out var packet))
        {
            packet.Link.Owner.SendDelayed(packet);
            DelayQueue.Return(packet);
        }
    }
}
