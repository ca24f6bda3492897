namespace MqttScion;

/// <summary>The bound of one consumer's queue, and what happens there.</summary>
internal readonly record struct DeliveryBounds(
    int MaxCount, long MaxBytes, MqttOverflow Overflow, int MaxConcurrency = 1)
{
    /// <summary>True when QoS 1 and 2 messages wait for the consumer unacknowledged.</summary>
    public bool Pauses => Overflow == MqttOverflow.PauseAcknowledgements;

    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public static DeliveryBounds From(ClientSettings settings, MqttDeliveryOptions? options)
    {
        var bounds = new DeliveryBounds(
            options?.MaxQueuedMessages ?? settings.Options.MaxQueuedMessages,
            options?.MaxQueuedBytes ?? settings.Options.MaxQueuedBytes,
            options?.Overflow ?? MqttOverflow.PauseAcknowledgements,
            options?.MaxConcurrency ?? 1);
        if (bounds.MaxCount is < 1 or > 1_000_000)
        {
            throw new ArgumentOutOfRangeException(
                nameof(options), bounds.MaxCount, "MaxQueuedMessages: expected 1 to 1,000,000.");
        }
        if (bounds.MaxBytes is < 1 or > int.MaxValue)
        {
            throw new ArgumentOutOfRangeException(
                nameof(options), bounds.MaxBytes, "MaxQueuedBytes: expected 1 to 2,147,483,647.");
        }
        if (bounds.MaxConcurrency is < 1 or > 256)
        {
            throw new ArgumentOutOfRangeException(
                nameof(options), bounds.MaxConcurrency, "MaxConcurrency: expected 1 to 256.");
        }
        return Enum.IsDefined(bounds.Overflow) ? bounds : throw new ArgumentOutOfRangeException(
            nameof(options), bounds.Overflow, "Overflow: expected one of MqttOverflow.");
    }
}
