using MqttScion.Mqtt;

namespace MqttScion;

/// <summary>
/// One consumer of a filter: an observer, a handler or a reader, with its own bounded queue. The loop puts messages in
/// and never waits; whoever consumes takes them out one at a time, in order.
/// </summary>
internal abstract class Recipient(SubscriptionHub hub, DeliveryBounds bounds) : IDisposable
{
    // More QoS 1 and 2 messages than a session can have open come only from one that is lost again and again.
    private const int MaximumUnanswered = ushort.MaxValue;

    private readonly Queue<WaitingMessage> _waiting = new();
    private int _boundedCount;
    private long _boundedBytes;
    private bool _isBusy;
    private bool _isOver;
    private bool _isDisposed;
    private Exception? _failure;

    /// <summary>What the next step of a consumer is.</summary>
    protected enum Step
    {
        /// <summary>Nothing waits: <see cref="Wake"/> tells when that changes.</summary>
        Rest,

        /// <summary>A message is to be handed over.</summary>
        Take,

        /// <summary>It is over.</summary>
        End,
    }

    /// <summary>What it belongs to; set by the hub. Null for one that came after the end.</summary>
    public Subscription? Subscription { get; set; }

    /// <summary>Whether it wants retained messages.</summary>
    public MqttRetainHandling RetainHandling { get; init; }

    /// <summary>Of which SUBSCRIBE it gets the retained messages; negative for none. Guarded by the hub.</summary>
    public int Generation { get; set; }

    /// <summary>True for a consumer that ends with the client's connection.</summary>
    public virtual bool EndsWithConnection => false;

    /// <summary>True when nobody else had the messages of its filter when it went: then they wait for the next. Guarded
    /// by the hub.</summary>
    public bool WasLast { get; set; }

    /// <summary>True once nobody wants messages any more.</summary>
    protected bool IsDisposed => Volatile.Read(ref _isDisposed);

    protected SubscriptionHub Hub => hub;

    /// <summary>The outcome of what waits unread when the consumer goes.</summary>
    protected virtual DeliveryOutcome Unread => DeliveryOutcome.Left;

    /// <summary>Queues a message, or drops one at the bound. Called by the hub only, under its lock.</summary>
    public void Offer(in WaitingMessage message)
    {
        while (true)
        {
            WaitingMessage dropped;
            lock (_waiting)
            {
                if (_isOver)
                {
                    dropped = default;
                }
                else if (_isDisposed)
                {
                    _waiting.Enqueue(message); // It is about to be detached, and what it has then goes its way.
                    return;
                }
                else if (!IsFull(message))
                {
                    Enqueue(message);
                    return;
                }
                else
                {
                    dropped = bounds.Overflow == MqttOverflow.DropOldest ? Dequeue() : message;
                }
            }
            if (dropped.Message is null)
            {
                message.Delivery?.Complete(DeliveryOutcome.Unwanted);
                return;
            }
            hub.OnDropped(this, dropped.Message, MessageDropReason.QueueFull);
            if (ReferenceEquals(dropped.Message, message.Message))
            {
                message.Delivery?.Complete(DeliveryOutcome.Dropped);
                return;
            }
        }
    }

    /// <summary>A message could not be dealt with.</summary>
    public void Report(MqttApplicationMessage message, MessageDropReason reason, Exception? error) =>
        hub.OnDropped(this, message, reason, error);

    /// <summary>Takes out what the consumer has not taken, in order. Called by the hub only, under its lock, once it is
    /// disposed.</summary>
    public virtual List<HeldMessage> TakeLeft()
    {
        var left = new List<HeldMessage>();
        while (TryDequeue(out var unread))
        {
            left.Add(new HeldMessage(unread, Former: null, Unread));
        }
        return left;
    }

    /// <summary>Ends it after what waits: with an error, or in order.</summary>
    public virtual void End(Exception? error)
    {
        lock (_waiting)
        {
            if (_isOver || _isDisposed)
            {
                return;
            }
            (_isOver, _failure) = (true, error);
            if (_isBusy)
            {
                return;
            }
            _isBusy = true;
        }
        Wake();
    }

    public void Dispose()
    {
        lock (_waiting)
        {
            if (_isDisposed)
            {
                return;
            }
            _isDisposed = true;
        }
        hub.Detach(this);
        while (TryDequeue(out var unread))
        {
            Discard(unread);
        }
        OnDisposed();
    }

    /// <summary>There is something to do, and nobody at it. May be called under the hub's lock: only passes on.
    /// </summary>
    protected abstract void Wake();

    /// <summary>It was disposed, and its queue is empty.</summary>
    protected virtual void OnDisposed()
    {
    }

    /// <summary>What the consumer, having been woken, is to do next.</summary>
    protected Step Next(out WaitingMessage message, out Exception? failure)
    {
        lock (_waiting)
        {
            (message, failure) = (default, _failure);
            if (!_isDisposed && _waiting.Count > 0)
            {
                message = Dequeue();
                return Step.Take;
            }
            _isBusy = false;
            return _isOver && !_isDisposed ? Step.End : Step.Rest;
        }
    }

    /// <summary>It went while a message was on its way to it: that waits for the next, or nobody will see it.</summary>
    protected void Leave(in WaitingMessage unread) =>
        hub.PutBack(this, new HeldMessage(unread, Former: null, Unread));

    private void Discard(in WaitingMessage unread) =>
        hub.Abandon(Subscription?.Filter.Topic, new HeldMessage(unread, Former: null, Unread));

    private bool TryDequeue(out WaitingMessage message)
    {
        lock (_waiting)
        {
            message = _waiting.Count > 0 ? Dequeue() : default;
            return message.Message is not null;
        }
    }

    private bool IsBounded(in WaitingMessage message) =>
        !bounds.Pauses || message.Message.QualityOfServiceLevel == MqttQualityOfServiceLevel.AtMostOnce;

    private bool IsFull(in WaitingMessage message) => IsBounded(message)
        ? _boundedCount > 0 && (_boundedCount >= bounds.MaxCount || _boundedBytes >= bounds.MaxBytes)
        : _waiting.Count - _boundedCount >= MaximumUnanswered;

    private void Enqueue(WaitingMessage message)
    {
        if (IsBounded(message))
        {
            _boundedCount++;
            _boundedBytes += message.Message.Payload.Length;
        }
        if (!bounds.Pauses)
        {
            // The client answers for it from here on.
            message.Delivery?.Complete(DeliveryOutcome.Taken);
            message = message with { Delivery = null };
        }
        _waiting.Enqueue(message);
        if (!_isBusy)
        {
            _isBusy = true;
            Wake();
        }
    }

    private WaitingMessage Dequeue()
    {
        var message = _waiting.Dequeue();
        if (IsBounded(message))
        {
            _boundedCount--;
            _boundedBytes -= message.Message.Payload.Length;
        }
        return message;
    }
}
