namespace MqttScion;

/// <summary>What happens to a publish for which the outbox has no room.</summary>
public enum OutboxOverflow
{
    /// <summary>The call waits for room; callers get it in order. Nothing is lost.</summary>
    Wait = 0,

    /// <summary>
    /// The oldest publish that is not on its way yet makes room: it completes with <c>OutboxFull</c> and is reported in
    /// <c>DroppedMessages</c>. When all are on their way, the new one is left out.
    /// </summary>
    DropOldest = 1,

    /// <summary>The new publish completes with <c>OutboxFull</c> and is reported in <c>DroppedMessages</c>.</summary>
    DropNewest = 2,

    /// <summary>The call throws <see cref="MqttOutboxFullException"/>.</summary>
    Fail = 3,
}
