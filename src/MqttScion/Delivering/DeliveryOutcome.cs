namespace MqttScion;

/// <summary>What became of a message at one consumer; those of all consumers are put together.</summary>
[Flags]
internal enum DeliveryOutcome
{
    /// <summary>Nobody was there any more.</summary>
    Unwanted = 0,

    /// <summary>It was handed over.</summary>
    Taken = 1,

    /// <summary>It was dropped at the bound, and reported.</summary>
    Dropped = 2,

    /// <summary>The consumer refused it.</summary>
    Refused = 4,

    /// <summary>The consumer failed.</summary>
    Failed = 8,

    /// <summary>With another, or alone: the consumer went, and it was the end that answered.</summary>
    Left = 16,
}
