using MqttScion.Mqtt;

namespace MqttScion;

/// <summary>A message with its payload as a value.</summary>
/// <param name="Value">The payload.</param>
/// <param name="Message">The message that it came in.</param>
public sealed record MqttMessage<T>(T Value, MqttApplicationMessage Message)
{
    /// <summary>The topic that it came on.</summary>
    public string Topic => Message.Topic;
}
