using MqttScion.Mqtt;

namespace MqttScion;

/// <summary>
/// One received message on its way to every subscription that matches; acknowledges when the last has handed it over.
/// </summary>
internal sealed class Delivery(MqttApplicationMessage message, ushort packetId, MqttStream source)
{
    private readonly Lock _gate = new();
    private MqttStream _source = source;
    private MqttClientPublishReasonCode? _answer;
    private int _pending;
    private int _taken;
    private int _failed;

    public MqttApplicationMessage Message => message;

    public bool NeedsAcknowledgement => message.QualityOfServiceLevel != MqttQualityOfServiceLevel.AtMostOnce;

    /// <summary>Sets how many subscriptions will call <see cref="Complete"/>.</summary>
    public void Expect(int count) => _pending = count;

    /// <summary>One observer's <c>OnNext</c> returned.</summary>
    public void Taken() => Interlocked.Exchange(ref _taken, 1);

    /// <summary>One observer's <c>OnNext</c> threw.</summary>
    public void Failed() => Interlocked.Exchange(ref _failed, 1);

    /// <summary>One subscription is done with the message.</summary>
    public void Complete()
    {
        if (Interlocked.Decrement(ref _pending) > 0 || !NeedsAcknowledgement)
        {
            return;
        }
        // A message that only observers who threw have seen was not handed over. 0x80 ends its flow in MQTT 5 without
        // success.
        var refused = Volatile.Read(ref _failed) != 0 && Volatile.Read(ref _taken) == 0;
        var answer = refused ? MqttClientPublishReasonCode.UnspecifiedError : MqttClientPublishReasonCode.Success;
        MqttStream target;
        lock (_gate)
        {
            (_answer, target) = (answer, _source);
        }
        target.Acknowledge(packetId, answer);
    }

    /// <summary>
    /// The server has sent the message again on another connection of the same session: it gets the answer there, now
    /// or when there is one, and no observer sees it twice.
    /// </summary>
    public void MoveTo(MqttStream target)
    {
        MqttClientPublishReasonCode? answer;
        lock (_gate)
        {
            (_source, answer) = (target, _answer);
        }
        if (answer is { } known)
        {
            target.Acknowledge(packetId, known);
        }
    }
}
