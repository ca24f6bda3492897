namespace MqttScion.Mqtt;

/// <summary>How a subscribe ended: one item per filter, in the order of the request.</summary>
public sealed class MqttClientSubscribeResult
{
    /// <summary>The filters with the server's answers.</summary>
    public IReadOnlyList<MqttClientSubscribeResultItem> Items { get; init; } = [];

    /// <summary>A text for diagnosis; of a local refusal it names the rule. Null when absent.</summary>
    public string? ReasonString { get; init; }

    /// <summary>True when this end refused: the server was not asked, or did not get to answer.</summary>
    public bool IsLocal { get; init; }

    /// <summary>The user properties of the SUBACK.</summary>
    public IReadOnlyList<MqttUserProperty> UserProperties { get; init; } = [];

    /// <summary>True when every filter was granted.</summary>
    public bool IsSuccess => Items.All(item => item.IsSuccess);
}
