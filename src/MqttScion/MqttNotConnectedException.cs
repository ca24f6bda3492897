namespace MqttScion;

/// <summary>The call needs a connection and there is none.</summary>
public sealed class MqttNotConnectedException : InvalidOperationException
{
    internal MqttNotConnectedException(string message, Exception? cause = null)
        : base(message, cause)
    {
    }
}
