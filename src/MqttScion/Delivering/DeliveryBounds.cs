using MqttScion.Options;

namespace MqttScion;

/// <summary>The bound of one consumer's queue, and what happens there.</summary>
internal readonly record struct DeliveryBounds(
    int MaxCount, long MaxBytes, MqttOverflow Overflow, int MaxConcurrency = 1)
{
    private static readonly MqttDeliveryOptions _default = new();

    /// <summary>True when QoS 1 and 2 messages wait for the consumer unacknowledged.</summary>
    public bool Pauses => Overflow == MqttOverflow.PauseAcknowledgements;

    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public static DeliveryBounds From(ClientSettings settings, MqttDeliveryOptions? options)
    {
        options ??= _default;
        var faults = OptionTable.Of<MqttDeliveryOptions>().FindFaults(options).ToList();
        if (faults.Count > 0)
        {
            throw new ArgumentOutOfRangeException(nameof(options), string.Join(' ', faults));
        }
        return new DeliveryBounds(
            options.MaxQueuedMessages ?? settings.Options.MaxQueuedMessages,
            options.MaxQueuedBytes ?? settings.Options.MaxQueuedBytes,
            options.Overflow,
            options.MaxConcurrency);
    }
}
