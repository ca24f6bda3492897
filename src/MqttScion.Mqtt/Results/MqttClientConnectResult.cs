namespace MqttScion.Mqtt;

/// <summary>What the server's CONNACK said (MQTT 5 §3.2). Capabilities that it left out hold their default.</summary>
public sealed class MqttClientConnectResult
{
    /// <summary>Whether the server accepted, and why not.</summary>
    public MqttClientConnectResultCode ResultCode { get; init; }

    /// <summary>A text for diagnosis; null when absent.</summary>
    public string? ReasonString { get; init; }

    /// <summary>True when the server continues an earlier session of this client.</summary>
    public bool IsSessionPresent { get; init; }

    /// <summary>The client identifier that the server gave to a client without one; null when absent.</summary>
    public string? AssignedClientIdentifier { get; init; }

    /// <summary>The keep-alive in seconds that the server demands instead of ours; null when absent.</summary>
    public ushort? ServerKeepAlive { get; init; }

    /// <summary>The highest QoS that may be published.</summary>
    public MqttQualityOfServiceLevel MaximumQoS { get; init; } = MqttQualityOfServiceLevel.ExactlyOnce;

    /// <summary>The largest packet in bytes that the server accepts; null means no limit.</summary>
    public uint? MaximumPacketSize { get; init; }

    /// <summary>How many QoS 1 and 2 messages may be unacknowledged at a time.</summary>
    public ushort ReceiveMaximum { get; init; } = ushort.MaxValue;

    /// <summary>The seconds that the server keeps the session; null means as asked for.</summary>
    public uint? SessionExpiryInterval { get; init; }

    /// <summary>The highest topic alias that may be published; 0 means none.</summary>
    public ushort TopicAliasMaximum { get; init; }

    /// <summary>Whether messages may be published with the retain flag.</summary>
    public bool RetainAvailable { get; init; } = true;

    /// <summary>Whether filters may hold wildcards.</summary>
    public bool WildcardSubscriptionAvailable { get; init; } = true;

    /// <summary>Whether subscriptions may have identifiers.</summary>
    public bool SubscriptionIdentifiersAvailable { get; init; } = true;

    /// <summary>Whether subscriptions may be shared.</summary>
    public bool SharedSubscriptionAvailable { get; init; } = true;

    /// <summary>Another server to use; null when absent.</summary>
    public string? ServerReference { get; init; }

    /// <summary>What to build response topics from, when it was asked for; null when absent.</summary>
    public string? ResponseInformation { get; init; }

    /// <summary>The authentication method; null when none was asked for.</summary>
    public string? AuthenticationMethod { get; init; }

    /// <summary>What the authentication method ends with, for example the server's own proof; null when
    /// absent.</summary>
    public byte[]? AuthenticationData { get; init; }

    /// <summary>The user properties of the CONNACK.</summary>
    public IReadOnlyList<MqttUserProperty> UserProperties { get; init; } = [];
}
