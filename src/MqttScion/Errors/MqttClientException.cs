namespace MqttScion;

/// <summary>
/// What the client fails with where MQTT is the reason: the server refused or ended something, or there is no
/// connection. What the way to the server fails with is a <see cref="TransportException"/>.
/// </summary>
public abstract class MqttClientException : Exception
{
    private protected MqttClientException(string message, Exception? cause = null)
        : base(message, cause)
    {
    }

    /// <summary>
    /// True when the same call may succeed later without a change on this side; false when it would be refused again,
    /// such as for wrong credentials.
    /// </summary>
    public abstract bool IsTransient { get; }
}
