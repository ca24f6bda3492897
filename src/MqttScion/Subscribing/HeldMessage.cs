namespace MqttScion;

/// <summary>A message that waits for a consumer.</summary>
/// <param name="Waiting">The message, and its acknowledgement when nobody else has it.</param>
/// <param name="Former">With whom an ended reader left the acknowledgement: whoever comes first, it or the next
/// consumer, answers. Null for none.</param>
/// <param name="AtEnd">What became of it when nobody comes.</param>
internal readonly record struct HeldMessage(WaitingMessage Waiting, MqttDelivery? Former, DeliveryOutcome AtEnd)
{
    /// <summary>Takes it out of the former reader's hands; false when that has answered.</summary>
    public bool TryClaim(out WaitingMessage message)
    {
        message = Waiting;
        if (Former is null)
        {
            return true;
        }
        message = Waiting with { Delivery = Former.Reclaim() };
        return message.Delivery is not null;
    }
}
