namespace MqttScion.Mqtt;

/// <summary>What outlives a connection of the client's Session State (MQTT 5 §4.1): unfinished QoS 1 and 2
/// messages.</summary>
/// <remarks>
/// Given to the next <see cref="MqttSession"/> of the same client identifier. If the server kept the session, the
/// messages are sent again with the same packet identifiers; if not, they are published anew.
/// </remarks>
public sealed class MqttInflightState
{
    /// <summary>Makes a state that a store has kept.</summary>
    /// <param name="publishes">The unfinished publishes in the order they were made.</param>
    /// <param name="receivedExactlyOnce">See <see cref="ReceivedExactlyOnce"/>.</param>
    public MqttInflightState(
        IReadOnlyList<MqttInflightPublish> publishes, IReadOnlyCollection<ushort> receivedExactlyOnce)
    {
        ArgumentNullException.ThrowIfNull(publishes);
        ArgumentNullException.ThrowIfNull(receivedExactlyOnce);
        Publishes = publishes;
        ReceivedExactlyOnce = receivedExactlyOnce;
    }

    /// <summary>The unfinished publishes in the order they were made.</summary>
    public IReadOnlyList<MqttInflightPublish> Publishes { get; }

    /// <summary>The packet identifiers of QoS 2 messages that were taken, but not yet released by the server.</summary>
    public IReadOnlyCollection<ushort> ReceivedExactlyOnce { get; }
}
