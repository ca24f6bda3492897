namespace MqttScion;

/// <summary>The outbox has no room for another publish, and its overflow policy is to fail.</summary>
public sealed class MqttOutboxFullException : MqttClientException
{
    internal MqttOutboxFullException(string message)
        : base(message)
    {
    }

    /// <summary>True: there is room again once the server has acknowledged something.</summary>
    public override bool IsTransient => true;
}
