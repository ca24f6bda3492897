using System.Security.Authentication;

namespace MqttScion;

/// <summary>The client's own authentication handler gave up; the inner exception is what it threw.</summary>
public sealed class MqttAuthenticationException : MqttClientException
{
    internal MqttAuthenticationException(string method, Exception cause)
        : base($"The authentication method '{method}' failed on our side: {cause.Message}", cause)
    {
    }

    /// <summary>
    /// False when the handler threw <see cref="AuthenticationException"/>: what it knows does not convince the server.
    /// </summary>
    public override bool IsTransient => InnerException is not AuthenticationException;
}
