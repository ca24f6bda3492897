namespace MqttScion.Mqtt;

/// <summary>An AUTH of the server (MQTT 5 §3.15).</summary>
/// <param name="Method">The authentication method, which is the one of the CONNECT.</param>
/// <param name="Data">The authentication data; null when absent.</param>
/// <param name="ReasonString">A text for diagnosis; null when absent.</param>
public sealed record MqttAuthentication(string Method, byte[]? Data, string? ReasonString)
{
    /// <summary>The user properties of the AUTH.</summary>
    public IReadOnlyList<MqttUserProperty> UserProperties { get; init; } = [];
}
