using MqttScion.Mqtt;

namespace MqttScion;

/// <summary>A message on its way to one consumer, and what is to be told when it got there: null for nothing.</summary>
internal readonly record struct WaitingMessage(MqttApplicationMessage Message, Delivery? Delivery);
