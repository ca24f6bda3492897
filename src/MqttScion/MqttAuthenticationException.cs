namespace MqttScion;

/// <summary>The client's own authentication handler gave up; the inner exception is what it threw.</summary>
public sealed class MqttAuthenticationException : Exception
{
    internal MqttAuthenticationException(string method, Exception cause)
        : base($"The authentication method '{method}' failed on our side: {cause.Message}", cause)
    {
    }
}
