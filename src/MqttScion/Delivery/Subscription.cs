using MqttScion.Mqtt;

namespace MqttScion;

/// <summary>
/// One topic filter of this client: its observers and the queue of messages on their way to them. Observers are called
/// by one pump, so their list needs no lock.
/// </summary>
internal sealed class Subscription
{
    private readonly SubscriptionHub _hub;
    private readonly SerialPump<Item> _pump;
    private readonly List<SubscriptionObserver> _observers = [];
    private readonly Queue<Delivery> _held = new();
    private TaskCompletionSource<MqttClientSubscribeResult> _answer = NewAnswer();
    private bool _hasHadObserver;
    private bool _isOver;
    private Exception? _failure;
    private int _queuedCount;
    private long _queuedBytes;

    public Subscription(SubscriptionHub hub, uint id, MqttTopicFilter filter)
    {
        _hub = hub;
        Id = id;
        Filter = filter;
        _pump = new SerialPump<Item>(Handle);
    }

    private enum Verb
    {
        Deliver,
        Attach,
        Detach,
        Release,
        End,
    }

    /// <summary>The subscription identifier.</summary>
    public uint Id { get; }

    /// <summary>What is subscribed: the highest quality of service that was asked for.</summary>
    public MqttTopicFilter Filter { get; set; }

    /// <summary>The filter as the server last granted it; null when it has not. Guarded by the hub.</summary>
    public MqttTopicFilter? Granted { get; set; }

    /// <summary>True once a SUBSCRIBE was asked for on some connection. Guarded by the hub.</summary>
    public bool WasSent { get; set; }

    /// <summary>How many observers and handles keep it; guarded by the hub.</summary>
    public int HolderCount { get; set; }

    /// <summary>The server's answer, or the exception that stands for it.</summary>
    public Task<MqttClientSubscribeResult> Answer => _answer.Task;

    /// <summary>The answer came.</summary>
    public void SetAnswer(MqttClientSubscribeResult result) => _answer.TrySetResult(result);

    /// <summary>A new SUBSCRIBE is on its way, and with it a new answer.</summary>
    public void RenewAnswer()
    {
        if (_answer.Task.IsCompleted)
        {
            _answer = NewAnswer();
        }
    }

    /// <summary>Ends it for every observer with an error.</summary>
    public void Fail(Exception error)
    {
        SetAnswer(error);
        _pump.Post(new Item(Verb.End, Error: error));
    }

    /// <summary>Ends it for every observer in order: the client is disposed.</summary>
    public void Complete()
    {
        SetAnswer(new ObjectDisposedException(nameof(ScionMqttClient)));
        _pump.Post(new Item(Verb.End));
    }

    /// <summary>There will be no answer.</summary>
    public void SetAnswer(Exception error)
    {
        _answer.TrySetException(error);
        _ = _answer.Task.Exception; // Seen: nobody need be waiting for it.
    }

    /// <summary>Adds an observer; messages that were held for the first one follow.</summary>
    public void Attach(SubscriptionObserver observer) => _pump.Post(new Item(Verb.Attach, Observer: observer));

    /// <summary>Removes an observer.</summary>
    public void Detach(SubscriptionObserver observer) => _pump.Post(new Item(Verb.Detach, Observer: observer));

    /// <summary>Nobody holds the subscription any more: messages still held are let go.</summary>
    public void Release() => _pump.Post(new Item(Verb.Release));

    /// <summary>Queues a message; false when it is QoS 0 and the queue is full.</summary>
    public bool TryDeliver(Delivery delivery, int maxCount, long maxBytes)
    {
        if (!delivery.NeedsAcknowledgement)
        {
            // QoS 1 is bounded by the Receive Maximum; QoS 0 has no brake but this one.
            if (Volatile.Read(ref _queuedCount) >= maxCount || Interlocked.Read(ref _queuedBytes) >= maxBytes)
            {
                return false;
            }
            Interlocked.Increment(ref _queuedCount);
            Interlocked.Add(ref _queuedBytes, delivery.Message.Payload.Length);
        }
        _pump.Post(new Item(Verb.Deliver, Delivery: delivery));
        return true;
    }

    private static TaskCompletionSource<MqttClientSubscribeResult> NewAnswer() =>
        new(TaskCreationOptions.RunContinuationsAsynchronously);

    private void Handle(Item item)
    {
        switch (item.Verb)
        {
            case Verb.Deliver when !_hasHadObserver && !_isOver:
                _held.Enqueue(item.Delivery!);
                break;
            case Verb.Deliver:
                HandOver(item.Delivery!);
                break;
            case Verb.Attach when _isOver:
                End(item.Observer!, _failure);
                break;
            case Verb.Attach:
                _hasHadObserver = true;
                _observers.Add(item.Observer!);
                HandOverHeld();
                break;
            case Verb.Detach:
                _observers.Remove(item.Observer!);
                break;
            case Verb.Release:
                _hasHadObserver = true;
                HandOverHeld();
                break;
            case Verb.End:
                EndAll(item.Error);
                break;
        }
    }

    private void EndAll(Exception? error)
    {
        _isOver = true;
        _failure = error;
        foreach (var observer in _observers)
        {
            End(observer, error);
        }
        _observers.Clear();
        HandOverHeld();
    }

    private void End(SubscriptionObserver observer, Exception? error)
    {
        try
        {
            observer.End(error);
        }
        catch (Exception e)
        {
            // User code, or Rx for an observer without OnError: thrown on a pool thread it would end the process.
            _hub.OnEndFailed(this, e);
        }
    }

    private void HandOverHeld()
    {
        while (_held.TryDequeue(out var delivery))
        {
            HandOver(delivery);
        }
    }

    private void HandOver(Delivery delivery)
    {
        for (var i = 0; i < _observers.Count; i++)
        {
            var observer = _observers[i];
            if (observer.IsDisposed)
            {
                continue;
            }
            var processing = new MessageProcessing(_hub.Telemetry, delivery.Message, Filter.Topic);
            try
            {
                observer.OnNext(delivery.Message);
                processing.End();
                delivery.Taken();
            }
            catch (Exception e)
            {
                processing.End(e);
                // User code: it may throw anything. The observer is detached, the others go on.
                delivery.Failed();
                _observers.RemoveAt(i--);
                _hub.OnObserverFailed(this, observer, delivery.Message, e);
            }
        }
        if (!delivery.NeedsAcknowledgement)
        {
            Interlocked.Decrement(ref _queuedCount);
            Interlocked.Add(ref _queuedBytes, -delivery.Message.Payload.Length);
        }
        delivery.Complete();
    }

    private readonly record struct Item(
        Verb Verb,
        Delivery? Delivery = null,
        SubscriptionObserver? Observer = null,
        Exception? Error = null);
}
