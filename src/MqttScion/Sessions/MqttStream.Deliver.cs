using MqttScion.Mqtt;

namespace MqttScion;

/// <summary>What comes from the server on its way to the consumers, and their answers on the way back.</summary>
internal sealed partial class MqttStream
{
    // A server that exceeds our Receive Maximum is read on for so many messages more, as long as all that wait for
    // their answers hold no more payload than this: its answers to our own packets come between them.
    private const int OvershootMessages = 1024;
    private const long OvershootBytes = 16 * 1024 * 1024;

    private const int MaximumUnusedDeliveries = 1024;

    private readonly Lock _answersGate = new();
    private readonly Queue<(ushort PacketId, int Bytes)> _unanswered = new();
    private readonly Stack<Delivery> _unusedDeliveries = new();
    private List<Delivery> _answers = [];
    private List<Delivery> _answersTaken = [];
    private long _unansweredBytes;

    public bool IsGone => owner.IsGone;

    public void Acknowledge(Delivery delivery)
    {
        lock (_answersGate)
        {
            _answers.Add(delivery);
        }
        owner.Notify();
    }

    public void GiveBack(Delivery delivery) => owner.GiveBack(delivery);

    /// <summary>Writes the answers that have come since.</summary>
    public void SendAnswers(TimeSpan now)
    {
        lock (_answersGate)
        {
            if (_answers.Count == 0)
            {
                return;
            }
            (_answers, _answersTaken) = (_answersTaken, _answers);
        }
        foreach (var delivery in _answersTaken)
        {
            session.Acknowledge(delivery.PacketId, delivery.Answer, now);
        }
        _answersTaken.Clear();
        ForgetAnswered();
    }

    // Not reading withholds flow-control credit. While that lasts, only our own answers move the PINGRESP deadline.
    private bool MayRead()
    {
        var mayRead = !session.IsOverReceiveMaximum
            || (_unansweredBytes <= OvershootBytes
                && _unanswered.Count <= receiveMaximum + OvershootMessages);
        session.IsReadingPaused = !mayRead;
        return mayRead;
    }

    /// <summary>Takes a message to the consumers.</summary>
    public void OnMessage(MqttApplicationMessage message, ushort packetId)
    {
        if (message.QualityOfServiceLevel == MqttQualityOfServiceLevel.AtMostOnce)
        {
            hub.OnMessage(message, delivery: null);
            return;
        }
        _unanswered.Enqueue((packetId, message.Payload.Length));
        _unansweredBytes += message.Payload.Length;
        if (message.Dup && deliveries.TryGetValue(packetId, out var known)
            && IsSame(known.Message, message) && known.TryMoveTo(this))
        {
            return; // It came on an earlier connection, and consumers have it or are about to.
        }
        if (!_unusedDeliveries.TryPop(out var delivery))
        {
            delivery = new Delivery(hub);
        }
        delivery.Begin(this, message, packetId);
        deliveries[packetId] = delivery;
        hub.OnMessage(message, delivery);
    }

    // An open QoS 2 identifier is the message, whatever else came with it. One of QoS 1 is, too; but a server that
    // thinks otherwise would have its message lost.
    private static bool IsSame(MqttApplicationMessage known, MqttApplicationMessage message) =>
        known.QualityOfServiceLevel == message.QualityOfServiceLevel
        && (message.QualityOfServiceLevel == MqttQualityOfServiceLevel.ExactlyOnce
            || (known.Topic == message.Topic && known.Payload.Span.SequenceEqual(message.Payload.Span)));

    // Answers leave in order of arrival. Once one is out, the server may use its identifier again, and of QoS 2 the
    // session itself knows the duplicates.
    public void ForgetAnswered()
    {
        while (!owner.IsFinished && _unanswered.TryPeek(out var oldest) && !session.IsUnanswered(oldest.PacketId))
        {
            _unanswered.Dequeue();
            _unansweredBytes -= oldest.Bytes;
            if (deliveries.Remove(oldest.PacketId, out var delivery)
                && _unusedDeliveries.Count < MaximumUnusedDeliveries)
            {
                _unusedDeliveries.Push(delivery);
            }
        }
    }
}
