using MqttScion.Mqtt;

namespace MqttScion;

/// <summary>Who gave a message to user code, to be answered.</summary>
internal interface IDeliveryConsumer
{
    /// <summary>The message was answered; called on any thread.</summary>
    void OnAnswered(MqttDelivery delivery);

    /// <summary>A message could not be dealt with; called on any thread.</summary>
    void Report(MqttApplicationMessage message, MessageDropReason reason, Exception? error);
}
