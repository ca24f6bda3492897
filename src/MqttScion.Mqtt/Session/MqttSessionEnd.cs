namespace MqttScion.Mqtt;

/// <summary>How a session ended.</summary>
/// <param name="Cause">Who ended it.</param>
/// <param name="ReasonCode">The code of the DISCONNECT that was received, or that is in the output.</param>
/// <param name="Reason">A text for diagnosis; of a broken rule it names the rule. May be empty.</param>
public sealed record MqttSessionEnd(MqttSessionEndCause Cause, MqttDisconnectReasonCode ReasonCode, string Reason)
{
    /// <summary>Another server to use; null when absent.</summary>
    public string? ServerReference { get; init; }

    /// <summary>The user properties of the server's DISCONNECT.</summary>
    public IReadOnlyList<MqttUserProperty> UserProperties { get; init; } = [];
}
