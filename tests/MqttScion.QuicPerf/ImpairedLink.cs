using MqttScion.Udp;

namespace MqttScion.QuicPerf;

/// <summary>Datagrams on their way through a link that drops, delays, reorders and limits them.</summary>
/// <remarks>Neighbours of one size and destination leave in one call, so that a fast link stays fast.</remarks>
internal sealed class ImpairedLink(ImpairmentSettings settings)
{
    private const int BufferBytes = 2048;
    private const int MaxFlightBytes = 60_000;
    private const int MaxSegments = 64;
    private const int MaxWaiting = 1 << 20;
    private const int LeastHoldMilliseconds = 1;
    private const int MostHoldMilliseconds = 5;

    private readonly PriorityQueue<Waiting, (TimeSpan Due, long Order)> _waiting = new();
    private readonly Stack<byte[]> _spare = new();
    private readonly Random _fate = new(settings.Seed);
    private readonly byte[] _flight = new byte[MaxFlightBytes + BufferBytes];
    private long _order;
    private TimeSpan _lineFreeAt;

    /// <summary>When the next datagram leaves, or null when none waits.</summary>
    public TimeSpan? NextDue => _waiting.TryPeek(out _, out var key) ? key.Due : null;

    /// <summary>How many datagrams the link dropped.</summary>
    public long DroppedCount { get; private set; }

    /// <summary>Takes a datagram; the bytes are copied.</summary>
    public void Add(ReadOnlySpan<byte> datagram, in UdpAddress destination, UdpEcn ecn, TimeSpan now)
    {
        var isLost = settings.Loss > 0 && _fate.NextDouble() < settings.Loss;
        if (isLost || _waiting.Count >= MaxWaiting || datagram.Length > BufferBytes ||
            !TryQueue(datagram.Length, now, out var due))
        {
            DroppedCount++;
            return;
        }
        due += settings.Delay;
        if (settings.Reorder > 0 && _fate.NextDouble() < settings.Reorder)
            due += TimeSpan.FromMilliseconds(_fate.Next(LeastHoldMilliseconds, MostHoldMilliseconds + 1));
        if (!_spare.TryPop(out var bytes))
            bytes = new byte[BufferBytes];
        datagram.CopyTo(bytes);
        _waiting.Enqueue(new Waiting(bytes, datagram.Length, destination, ecn), (due, _order++));
    }

    /// <summary>Sends what is due.</summary>
    public void Flush(BatchedUdpSocket socket, TimeSpan now)
    {
        while (_waiting.TryPeek(out var first, out var key) && key.Due <= now)
        {
            var length = 0;
            var count = 0;
            while (count < MaxSegments && length < MaxFlightBytes && _waiting.TryPeek(out var next, out key)
                && key.Due <= now && next.Length <= first.Length && next.Destination == first.Destination
                && next.Ecn == first.Ecn)
            {
                _waiting.Dequeue();
                next.Bytes.AsSpan(0, next.Length).CopyTo(_flight.AsSpan(length));
                length += next.Length;
                count++;
                _spare.Push(next.Bytes);
                if (next.Length < first.Length)
                    break;
            }
            socket.Send(_flight.AsSpan(0, length), first.Length, first.Destination, out _, first.Ecn);
        }
    }

    private bool TryQueue(int length, TimeSpan now, out TimeSpan leavesAt)
    {
        leavesAt = now;
        if (settings.BytesPerSecond == 0)
            return true;
        _lineFreeAt = _lineFreeAt < now ? now : _lineFreeAt;
        if ((_lineFreeAt - now).TotalSeconds * settings.BytesPerSecond > settings.QueueBytes)
            return false;
        _lineFreeAt += TimeSpan.FromSeconds((double)length / settings.BytesPerSecond);
        leavesAt = _lineFreeAt;
        return true;
    }

    private readonly record struct Waiting(byte[] Bytes, int Length, UdpAddress Destination, UdpEcn Ecn);
}
