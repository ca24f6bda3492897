using MqttScion.Mqtt;

namespace MqttScion;

/// <summary>One SUBSCRIBE of a filter.</summary>
/// <param name="Filter">What is asked for.</param>
/// <param name="Identifier">The subscription identifier.</param>
/// <param name="Generation">The generation that the identifier stands for.</param>
/// <param name="Wanted">What is granted with the answer; null when another step follows.</param>
internal readonly record struct SubscribeStep(
    MqttTopicFilter Filter,
    uint Identifier,
    int Generation,
    MqttTopicFilter? Wanted);
