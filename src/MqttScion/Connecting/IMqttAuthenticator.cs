using MqttScion.Mqtt;

namespace MqttScion;

/// <summary>
/// The client's side of an enhanced authentication method (MQTT 5 §4.12), for example SCRAM. Called on the thread
/// pool, one exchange at a time; never on the connection's loop.
/// </summary>
/// <remarks>
/// What it throws ends the attempt: <see cref="System.Security.Authentication.AuthenticationException"/> for good, any
/// other exception until the next attempt. The server's patience bounds how long it may take (ConnectTimeout).
/// </remarks>
public interface IMqttAuthenticator
{
    /// <summary>The name of the method: the Authentication Method of CONNECT.</summary>
    string Method { get; }

    /// <summary>Begins an exchange, of a connect or a re-authentication: its first data, or null for none.</summary>
    ValueTask<byte[]?> BeginAsync(CancellationToken cancellationToken);

    /// <summary>Answers a challenge of the server.</summary>
    ValueTask<byte[]?> ContinueAsync(MqttAuthentication challenge, CancellationToken cancellationToken);

    /// <summary>
    /// The server accepted: checks what it said last, for example its own proof; throws to refuse it.
    /// </summary>
    /// <param name="data">The Authentication Data of the CONNACK or AUTH; null when absent.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    ValueTask CompleteAsync(byte[]? data, CancellationToken cancellationToken);
}
