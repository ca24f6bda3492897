namespace MqttScion;

/// <summary>The outbox has no room for another publish, and its overflow policy is to fail.</summary>
public sealed class MqttOutboxFullException : InvalidOperationException
{
    internal MqttOutboxFullException(string message)
        : base(message)
    {
    }
}
