namespace MqttScion.Mqtt;

/// <summary>What outlives a connection of the client's Session State (MQTT 5 §4.1): unfinished QoS 1 and 2
/// messages.</summary>
/// <remarks>
/// Given to the next <see cref="MqttSession"/> of the same client identifier. If the server kept the session, the
/// messages are sent again with the same packet identifiers; if not, they are published anew.
/// </remarks>
public sealed class MqttInflightState
{
    internal MqttInflightState(IReadOnlyList<MqttInflightPublish> publishes, IReadOnlyCollection<ushort> received)
    {
        Publishes = publishes;
        ReceivedExactlyOnce = received;
    }

    /// <summary>The unfinished publishes in the order they were made, sent ones first.</summary>
    public IReadOnlyList<MqttInflightPublish> Publishes { get; }

    /// <summary>The packet identifiers of QoS 2 messages that were taken, but not yet released by the server.</summary>
    internal IReadOnlyCollection<ushort> ReceivedExactlyOnce { get; }
}
