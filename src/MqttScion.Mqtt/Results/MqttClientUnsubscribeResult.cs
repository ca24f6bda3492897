namespace MqttScion.Mqtt;

/// <summary>How an unsubscribe ended: one item per filter, in the order of the request.</summary>
public sealed class MqttClientUnsubscribeResult
{
    /// <summary>The filters with the server's answers.</summary>
    public IReadOnlyList<MqttClientUnsubscribeResultItem> Items { get; init; } = [];

    /// <summary>A text for diagnosis; of a local refusal it names the rule. Null when absent.</summary>
    public string? ReasonString { get; init; }

    /// <summary>True when this end refused: the server was not asked, or did not get to answer.</summary>
    public bool IsLocal { get; init; }

    /// <summary>The user properties of the UNSUBACK.</summary>
    public IReadOnlyList<MqttUserProperty> UserProperties { get; init; } = [];

    /// <summary>True when no subscription is left of any filter.</summary>
    public bool IsSuccess => Items.All(item => item.IsSuccess);
}
