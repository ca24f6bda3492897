namespace MqttScion;

/// <summary>
/// What the transport fails with: no way to the other side, a connection that was refused or lost, a stream that was
/// cut.
/// </summary>
public abstract class TransportException : Exception
{
    private protected TransportException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }
}
