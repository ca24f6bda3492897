namespace MqttScion.Mqtt;

/// <summary>An UNSUBSCRIBE that waits for its UNSUBACK.</summary>
internal sealed record UnsubscribeOperation(int Token, IReadOnlyList<string> Filters)
{
    public MqttEvent Refuse(MqttClientUnsubscribeResultCode code, string reason) =>
        new(MqttEventKind.UnsubscribeCompleted,
            new MqttClientUnsubscribeResult
            {
                Items = [.. Filters.Select(f => new MqttClientUnsubscribeResultItem(f, code))],
                ReasonString = reason,
                IsLocal = true,
            },
            Token);
}
