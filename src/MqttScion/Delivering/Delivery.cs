using MqttScion.Mqtt;

namespace MqttScion;

/// <summary>
/// One received QoS 1 or 2 message on its way to every consumer that matches; acknowledges when the last is done with
/// it. Used again once its answer is out.
/// </summary>
internal sealed class Delivery(SubscriptionHub hub)
{
    private readonly Lock _gate = new();
    private IDeliverySource _link = null!;
    private int _pending;
    private int _outcome;
    private int _reason;
    private bool _isAnswered;
    private bool _isGivenBack;

    public MqttApplicationMessage Message { get; private set; } = null!;

    public ushort PacketId { get; private set; }

    /// <summary>The code for the server; to be read after <see cref="IDeliverySource.Acknowledge"/>.</summary>
    public MqttClientPublishReasonCode Answer => (MqttClientPublishReasonCode)_reason;

    /// <summary>True when the server keeps the message, and sends it again, unless a consumer takes it.</summary>
    public bool StaysOnServer
    {
        get
        {
            lock (_gate)
            {
                return _link.IsGone || hub.IsStopping;
            }
        }
    }

    /// <summary>Begins with a message. Nobody else knows the delivery yet.</summary>
    public void Begin(IDeliverySource link, MqttApplicationMessage message, ushort packetId)
    {
        (_link, Message, PacketId) = (link, message, packetId);
        (_pending, _outcome, _reason, _isAnswered, _isGivenBack) = (0, 0, 0, false, false);
    }

    /// <summary>Sets how many consumers will call <see cref="Complete"/>.</summary>
    public void Expect(int count) => _pending = count;

    /// <summary>One consumer is done with the message, and must forget this delivery.</summary>
    /// <param name="outcome">What became of it there.</param>
    /// <param name="reason">Of a refusal: the code for the server.</param>
    public void Complete(DeliveryOutcome outcome, MqttClientPublishReasonCode reason = default)
    {
        Interlocked.Or(ref _outcome, (int)outcome);
        Interlocked.CompareExchange(ref _reason, (int)reason, 0);
        if (Interlocked.Decrement(ref _pending) == 0)
        {
            Finish((DeliveryOutcome)Volatile.Read(ref _outcome));
        }
    }

    /// <summary>
    /// The server has sent the message again on another connection of the same session: it gets the answer there, now
    /// or when there is one, and no consumer sees it twice. False when it was given back: then it is as new.
    /// </summary>
    public bool TryMoveTo(IDeliverySource link)
    {
        lock (_gate)
        {
            if (_isGivenBack)
            {
                return false;
            }
            _link = link;
            if (!_isAnswered)
            {
                return true;
            }
        }
        link.Acknowledge(this);
        return true;
    }

    private void Finish(DeliveryOutcome outcome)
    {
        var isTaken = (outcome & DeliveryOutcome.Taken) != 0;
        var hasFailed = !isTaken && (outcome & DeliveryOutcome.Failed) != 0;
        var isLeft = !isTaken && (outcome & DeliveryOutcome.Left) != 0;
        // Not handed over: 0x80 ends its flow in MQTT 5 without success.
        _reason = hasFailed ? (int)MqttClientPublishReasonCode.UnspecifiedError
            : isTaken || !outcome.HasFlag(DeliveryOutcome.Refused) ? 0
            : _reason;
        IDeliverySource link;
        bool givesBack, isKept;
        lock (_gate)
        {
            link = _link;
            // Nobody said a word about it, and the server can't be told, or is to keep it: in its session it is as new.
            isKept = (isLeft && link.IsGone) || ((isLeft || hasFailed) && hub.IsStopping);
            givesBack = isKept || (hasFailed && hub.OnObserverFailure == ObserverFailureAction.Disconnect);
            (_isAnswered, _isGivenBack) = (!givesBack, givesBack);
        }
        if (givesBack)
        {
            if (!isKept || link.IsGone)
            {
                link.GiveBack(this);
            }
            return;
        }
        if ((outcome & ~DeliveryOutcome.Left) == DeliveryOutcome.Unwanted)
        {
            hub.OnUnwanted(Message);
        }
        link.Acknowledge(this);
    }
}
