using System.Diagnostics.CodeAnalysis;

namespace MqttScion;

/// <summary>Publishes in the order of their sequence. New ones come at the end, those that return mostly at the front.
/// </summary>
/// <remarks>Not synchronised; the owner locks.</remarks>
internal sealed class PublishQueue
{
    // A ring whose length is a power of two.
    private PendingPublish?[] _ring = new PendingPublish?[16];
    private int _first;

    public int Count { get; private set; }

    public PendingPublish this[int index] => At(index)!;

    /// <summary>Puts a publish at its place.</summary>
    public void Enqueue(PendingPublish pending)
    {
        if (Count == _ring.Length)
        {
            Grow();
        }
        if (Count == 0 || At(Count - 1)!.Sequence < pending.Sequence)
        {
            At(Count++) = pending;
            return;
        }
        _first = (_first - 1) & (_ring.Length - 1);
        Count++;
        var place = 0;
        for (; At(place + 1)!.Sequence < pending.Sequence; place++)
        {
            At(place) = At(place + 1);
        }
        At(place) = pending;
    }

    /// <summary>The one whose turn it is, left where it is.</summary>
    public bool TryPeek([NotNullWhen(true)] out PendingPublish? pending)
    {
        pending = Count == 0 ? null : At(0);
        return pending is not null;
    }

    /// <summary>Takes the one whose turn it is. There must be one.</summary>
    public PendingPublish Dequeue()
    {
        ref var first = ref At(0);
        var pending = first!;
        first = null;
        _first = (_first + 1) & (_ring.Length - 1);
        Count--;
        return pending;
    }

    /// <summary>The first that may go and that no server may have, left where it is.</summary>
    public PendingPublish? FindUnsent()
    {
        for (var i = 0; i < Count; i++)
        {
            if (this[i] is { IsReady: true, MayHaveBeenSent: false } pending)
            {
                return pending;
            }
        }
        return null;
    }

    /// <summary>Takes one out of the middle; false when it is not there.</summary>
    public bool Remove(PendingPublish pending)
    {
        for (var i = 0; i < Count; i++)
        {
            if (At(i) == pending)
            {
                for (; i < Count - 1; i++)
                {
                    At(i) = At(i + 1);
                }
                At(--Count) = null;
                return true;
            }
        }
        return false;
    }

    /// <summary>Takes out those that fit.</summary>
    public void RemoveAll(Predicate<PendingPublish> match)
    {
        var kept = 0;
        for (var i = 0; i < Count; i++)
        {
            var pending = At(i)!;
            At(i) = null;
            if (!match(pending))
            {
                At(kept++) = pending;
            }
        }
        Count = kept;
    }

    private ref PendingPublish? At(int index) => ref _ring[(_first + index) & (_ring.Length - 1)];

    private void Grow()
    {
        var larger = new PendingPublish?[2 * _ring.Length];
        for (var i = 0; i < Count; i++)
        {
            larger[i] = At(i);
        }
        (_ring, _first) = (larger, 0);
    }
}
