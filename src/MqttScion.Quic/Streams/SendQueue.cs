using System.Diagnostics.CodeAnalysis;
using System.Numerics;

namespace MqttScion.Quic;

/// <summary>
/// The streams with data to send: the more urgent first, in turn within an urgency. All operations take the same time,
/// however many streams wait.
/// </summary>
/// <remarks>The links are fields of the streams, so that queueing allocates nothing.</remarks>
internal sealed class SendQueue
{
    private readonly Lane[] _lanes = new Lane[QuicStream.LeastUrgent + 1];
    private uint _used;

    public bool IsEmpty => _used == 0;

    /// <summary>Puts a stream that is not in the queue at the end of its urgency.</summary>
    public void Enqueue(QuicStream stream)
    {
        ref var lane = ref _lanes[stream.Urgency];
        stream.IsQueued = true;
        stream.QueuedBefore = lane.Last;
        if (lane.Last is { } last)
            last.QueuedAfter = stream;
        else
            lane.First = stream;
        lane.Last = stream;
        _used |= 1U << stream.Urgency;
    }

    /// <summary>Takes the stream whose turn it is.</summary>
    public bool TryDequeue([NotNullWhen(true)] out QuicStream? stream)
    {
        stream = _used == 0 ? null : _lanes[BitOperations.TrailingZeroCount(_used)].First;
        if (stream is null)
            return false;
        Remove(stream);
        return true;
    }

    /// <summary>Takes a stream out that is in the queue.</summary>
    public void Remove(QuicStream stream)
    {
        ref var lane = ref _lanes[stream.Urgency];
        if (stream.QueuedBefore is { } before)
            before.QueuedAfter = stream.QueuedAfter;
        else
            lane.First = stream.QueuedAfter;
        if (stream.QueuedAfter is { } after)
            after.QueuedBefore = stream.QueuedBefore;
        else
            lane.Last = stream.QueuedBefore;
        stream.QueuedBefore = stream.QueuedAfter = null;
        stream.IsQueued = false;
        if (lane.First is null)
            _used &= ~(1U << stream.Urgency);
    }

    public void Clear()
    {
        while (TryDequeue(out _))
        {
        }
    }

    /// <summary>The streams of one urgency.</summary>
    private struct Lane
    {
        public QuicStream? First;
        public QuicStream? Last;
    }
}
