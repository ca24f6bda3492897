namespace MqttScion.TestPeer;

/// <summary>What the clients of a soak did so far.</summary>
/// <param name="Published">Messages that were published and, at QoS 1 and 2, acknowledged.</param>
/// <param name="Received">Messages that came, repetitions included.</param>
/// <param name="LostAtMostOnce">QoS 0 messages that did not come although later ones did.</param>
/// <param name="Lost">QoS 1 and 2 messages that did not come although later ones did.</param>
/// <param name="AgainAtLeastOnce">QoS 1 messages that came again.</param>
/// <param name="AgainExactlyOnce">QoS 2 messages that came again.</param>
/// <param name="Waiting">QoS 1 and 2 messages that are acknowledged and did not come yet.</param>
/// <param name="Reconnects">How often a client lost its connection.</param>
/// <param name="PathSwitches">How often a client took another path.</param>
/// <param name="Subscriptions">How many subscriptions were made and given up.</param>
/// <param name="Process">The process.</param>
public sealed record SoakSample(
    long Published,
    long Received,
    long LostAtMostOnce,
    long Lost,
    long AgainAtLeastOnce,
    long AgainExactlyOnce,
    long Waiting,
    long Reconnects,
    long PathSwitches,
    long Subscriptions,
    ProcessSample Process);
