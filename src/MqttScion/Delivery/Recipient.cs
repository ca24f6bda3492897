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

    /// <summary>True once nobody wants messages any more.</summary>
    protected bool IsDisposed => Volatile.Read(ref _isDisposed);

    protected SubscriptionHub Hub => hub;

    /// <summary>The outcome of what waits unread when the consumer goes.</summary>
    protected virtual DeliveryOutcome Unread => DeliveryOutcome.Unwanted;

    /// <summary>Queues a message, or drops one at the bound. Called by the hub only, under its lock.</summary>
    public void Offer(in WaitingMessage message)
    {
        while (true)
        {
            WaitingMessage dropped;
            lock (_waiting)
            {
                if (_isDisposed || _isOver)
                {
                    dropped = default;
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
        WaitingMessage unread;
        while (TryDequeue(out unread))
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

    /// <summary>Answers for a message that nobody will see.</summary>
    protected void Discard(in WaitingMessage unread)
    {
        if (unread.Delivery is null)
        {
            return;
        }
        if ((Unread & DeliveryOutcome.Refused) != 0)
        {
            hub.OnDropped(this, unread.Message, MessageDropReason.NotAcknowledged);
        }
        unread.Delivery.Complete(Unread, MqttClientPublishReasonCode.UnspecifiedError);
    }

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
