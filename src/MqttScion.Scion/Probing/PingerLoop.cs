using MqttScion.Udp;

namespace MqttScion.Scion;

/// <summary>What a <see cref="ScionPinger"/> has on its loop: the socket and the open requests.</summary>
/// <remarks>Any thread may call <see cref="AskAsync"/> and <see cref="DisposeAsync"/>.</remarks>
internal sealed class PingerLoop : ISocketLoopOwner, IAsyncDisposable
{
    private const int MaxPosted = ScmpExchanges<OpenRequest>.MaxWaiting;

    private readonly ScionSocket _socket;
    private readonly ushort _responderPort;
    private readonly ScmpExchanges<OpenRequest> _exchanges;
    private readonly ScmpReactor _reactor;
    private readonly SocketLoop _loop;
    private readonly HashSet<OpenRequest> _open = [];
    private readonly byte[] _packet = GC.AllocateUninitializedArray<byte>(ushort.MaxValue);
    private int _postedCount;

    /// <summary>Starts the loop, which disposes the socket when it ends.</summary>
    public PingerLoop(
        ScionSocket socket, IEnumerable<PathStore> stores, ushort responderPort, TimeProvider? time, Random random)
    {
        (_socket, _responderPort) = (socket, responderPort);
        _exchanges = new ScmpExchanges<OpenRequest>(socket.LocalEndPoint, random);
        _reactor = new ScmpReactor(stores, _exchanges.Recognizes);
        _loop = new SocketLoop(this, [socket.UdpSocket], time);
        _loop.Start($"scion ping {socket.LocalEndPoint}");
    }

    /// <summary>The answers that were not the awaited ones; any thread may ask.</summary>
    public ProbeCounts Counts => _exchanges.Counts;

    TimeSpan? ISocketLoopOwner.NextTimeout =>
        _socket.NextTimeout is { } next && !(_exchanges.NextTimeout <= next) ? next : _exchanges.NextTimeout;

    /// <summary>Sends a request; completes with what becomes of it.</summary>
    /// <returns>Fails with <see cref="ObjectDisposedException"/> when the loop ended.</returns>
    public Task<ProbeOutcome> AskAsync(ScmpRequest request, TimeSpan timeout)
    {
        if (Interlocked.Increment(ref _postedCount) > MaxPosted)
        {
            Interlocked.Decrement(ref _postedCount);
            return Task.FromResult<ProbeOutcome>(new ProbeOutcome.NotSent("too many open requests"));
        }
        var open = new OpenRequest(this, request, timeout);
        if (!_loop.Post(open))
        {
            open.Drop(defect: null);
        }
        return open.Outcome.Task;
    }

    /// <summary>Ends the loop; throws the defect when one has ended it.</summary>
    public async ValueTask DisposeAsync()
    {
        await _loop.DisposeAsync().ConfigureAwait(false);
        await _loop.Ended.ConfigureAwait(false);
    }

    bool ISocketLoopOwner.Receive(int socketIndex, TimeSpan now)
    {
        if (!_socket.TryReceive(out var datagram))
        {
            return _socket.HasPackets;
        }
        now = _loop.Now; // A round trip is shorter than a turn.
        if (datagram.IsScmp && datagram.Scmp.IsError)
        {
            _reactor.Receive(datagram, now);
        }
        if (_exchanges.TryReceive(datagram, now, out var open, out var outcome))
        {
            Conclude(open, outcome);
        }
        return true;
    }

    void ISocketLoopOwner.OnTimeout(TimeSpan now)
    {
        _socket.OnTimeout(now);
        while (_exchanges.TryTimeOut(now, out var open, out var outcome))
        {
            Conclude(open, outcome);
        }
    }

    bool ISocketLoopOwner.Flush(TimeSpan now) => false; // Requests and answers have left at once.

    void ISocketLoopOwner.OnEnded(Exception? defect)
    {
        _socket.Dispose();
        foreach (var open in _open)
        {
            open.Fail(defect);
        }
    }

    private void Start(OpenRequest open)
    {
        Interlocked.Decrement(ref _postedCount);
        _open.Add(open);
        if (Send(open) is { } why)
        {
            Conclude(open, new ProbeOutcome.NotSent(why));
        }
    }

    private string? Send(OpenRequest open)
    {
        var request = open.Request;
        if (!ScionPinger.TryGetNextHop(request.Path, request.Host, _responderPort, out var nextHop))
        {
            return "the path names no border router";
        }
        var isdAs = _socket.LocalEndPoint.IsdAs;
        if (request.Path.Source != isdAs)
        {
            return $"the path starts in {request.Path.Source}, not in {isdAs}";
        }
        if (!_exchanges.TryStart(_packet, request, open, _loop.Now, open.Timeout, out var length, out var sequence))
        {
            return "it does not fit into a packet, or too many requests are open";
        }
        var result = _socket.SendPacket(_packet.AsSpan(0, length), nextHop);
        if (result != UdpSendResult.Sent)
        {
            _exchanges.Forget(sequence);
            return $"the socket says {result}";
        }
        return null;
    }

    private void Conclude(OpenRequest open, ProbeOutcome outcome)
    {
        _open.Remove(open);
        open.Outcome.TrySetResult(outcome);
    }

    private sealed class OpenRequest(PingerLoop loop, ScmpRequest request, TimeSpan timeout) : ILoopWork
    {
        public ScmpRequest Request => request;

        public TimeSpan Timeout => timeout;

        public TaskCompletionSource<ProbeOutcome> Outcome { get; } =
            new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Run(TimeSpan now) => loop.Start(this);

        public void Drop(Exception? defect)
        {
            Interlocked.Decrement(ref loop._postedCount);
            Fail(defect);
        }

        public void Fail(Exception? defect) =>
            Outcome.TrySetException(new ObjectDisposedException("The pinger ended.", defect));
    }
}
