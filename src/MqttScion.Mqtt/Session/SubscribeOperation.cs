namespace MqttScion.Mqtt;

/// <summary>A SUBSCRIBE that waits for its SUBACK.</summary>
internal sealed record SubscribeOperation(int Token, IReadOnlyList<MqttTopicFilter> Filters)
{
    public MqttEvent Refuse(Func<MqttTopicFilter, MqttClientSubscribeResultCode> code, string reason) =>
        new(MqttEventKind.SubscribeCompleted,
            new MqttClientSubscribeResult
            {
                Items = [.. Filters.Select(f => new MqttClientSubscribeResultItem(f, code(f)))],
                ReasonString = reason,
                IsLocal = true,
            },
            Token);
}
