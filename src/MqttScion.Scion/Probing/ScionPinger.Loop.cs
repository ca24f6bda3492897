using System.Collections.Concurrent;
using MqttScion.Udp;

namespace MqttScion.Scion;

/// <content>The thread that owns the socket and the open requests.</content>
public sealed partial class ScionPinger
{
    private const int MaxDatagramsPerTurn = 64;
    private const int MaxPosted = ScmpExchanges<OpenRequest>.MaxWaiting;

    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(10);

    private readonly ScionSocket _socket;
    private readonly ushort _responderPort;
    private readonly TimeProvider _time;
    private readonly long _startedAt;
    private readonly ScmpExchanges<OpenRequest> _exchanges;
    private readonly ScmpReactor _reactor;
    private readonly ConcurrentQueue<OpenRequest> _posted = new();
    private readonly HashSet<OpenRequest> _open = new(ReferenceEqualityComparer.Instance);
    private readonly byte[] _packet = GC.AllocateUninitializedArray<byte>(ushort.MaxValue);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _postedCount;
    private int _wakePending;
    private int _stopping;

    private TimeSpan Now => _time.GetElapsedTime(_startedAt);

    private bool TryPost(OpenRequest open)
    {
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _stopping) != 0, this);
        if (Interlocked.Increment(ref _postedCount) > MaxPosted)
        {
            Interlocked.Decrement(ref _postedCount);
            return false;
        }
        _posted.Enqueue(open);
        if (Interlocked.Exchange(ref _wakePending, 1) == 0)
        {
            _socket.Wake();
        }
        if (_ended.Task.IsCompleted)
        {
            // The loop ended between the two looks, and may not have seen it.
            open.Outcome.TrySetException(new ObjectDisposedException(nameof(ScionPinger)));
        }
        return true;
    }

    private void Run()
    {
        Exception? defect = null;
        try
        {
            while (Volatile.Read(ref _stopping) == 0)
            {
                Turn();
            }
        }
        catch (Exception e)
        {
            // Nothing that a peer sends may throw; what arrives here is our own mistake, or an observer's of a store.
            // It fails the open requests and the dispose, and thus doesn't vanish with the thread.
            defect = e;
        }
        Volatile.Write(ref _stopping, 1);
        End(defect);
    }

    private void Turn()
    {
        SendPosted();
        var received = ReceiveBatch();
        var now = Now;
        while (_exchanges.TryTimeOut(now, out var open, out var outcome))
        {
            Conclude(open, outcome);
        }
        if (received == MaxDatagramsPerTurn || !_posted.IsEmpty)
        {
            return;
        }
        var wait = _exchanges.NextTimeout - now ?? LongestWait;
        _socket.Wait(wait < TimeSpan.Zero ? TimeSpan.Zero : wait > LongestWait ? LongestWait : wait);
    }

    private void SendPosted()
    {
        Interlocked.Exchange(ref _wakePending, 0); // A full fence: what is posted after it wakes us again.
        for (var count = _posted.Count; count > 0 && _posted.TryDequeue(out var open); count--)
        {
            Interlocked.Decrement(ref _postedCount);
            _open.Add(open);
            if (Send(open) is { } why)
            {
                Conclude(open, new ProbeOutcome.NotSent(why));
            }
        }
    }

    private string? Send(OpenRequest open)
    {
        var request = open.Request;
        if (!TryGetNextHop(request.Path, request.Host, _responderPort, out var nextHop))
        {
            return "the path names no border router";
        }
        if (request.Path.Source != LocalEndPoint.IsdAs)
        {
            return $"the path starts in {request.Path.Source}, not in {LocalEndPoint.IsdAs}";
        }
        if (!_exchanges.TryStart(_packet, request, open, Now, open.Timeout, out var length, out var sequence))
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

    private int ReceiveBatch()
    {
        var count = 0;
        while (count < MaxDatagramsPerTurn && _socket.TryReceive(out var datagram))
        {
            count++;
            var now = Now;
            if (datagram.IsScmp && datagram.Scmp.IsError)
            {
                _reactor.Receive(datagram, now);
            }
            if (_exchanges.TryReceive(datagram, now, out var open, out var outcome))
            {
                Conclude(open, outcome);
            }
        }
        return count;
    }

    private void Conclude(OpenRequest open, ProbeOutcome outcome)
    {
        _open.Remove(open);
        open.Outcome.TrySetResult(outcome);
    }

    private void End(Exception? defect)
    {
        _socket.Dispose();
        if (defect is null)
        {
            _ended.SetResult();
        }
        else
        {
            _ended.SetException(defect);
        }
        foreach (var open in _open.Concat(_posted))
        {
            open.Outcome.TrySetException(new ObjectDisposedException("The pinger ended.", defect));
        }
    }
}
