namespace MqttScion.Testnet;

/// <summary>What a <see cref="PocketBroker"/> counted since it started.</summary>
/// <param name="Received">Messages that clients published and that were accepted.</param>
/// <param name="Delivered">Messages written to clients, second deliveries included.</param>
/// <param name="DroppedAtMostOnce">QoS 0 messages dropped because a client's queue was full.</param>
/// <param name="RefusedAtLeastOnce">QoS 1 and 2 messages that the full queue of a connected client did not take;
/// the publisher was told.</param>
/// <param name="DroppedTooLarge">Messages above the Maximum Packet Size of the client they were for.</param>
/// <param name="Expired">Messages that expired while they waited.</param>
/// <param name="DroppedAway">QoS 1 and 2 messages that the full queue of a client that is away did not take; the
/// publisher was not told.</param>
public sealed record PocketBrokerStatistics(
    long Received, long Delivered, long DroppedAtMostOnce, long RefusedAtLeastOnce, long DroppedTooLarge, long Expired,
    long DroppedAway);
