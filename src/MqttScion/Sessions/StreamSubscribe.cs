namespace MqttScion;

/// <summary>A SUBSCRIBE that waits for its SUBACK.</summary>
/// <param name="Subscription">Whose it is.</param>
/// <param name="Step">What it asks for.</param>
/// <param name="Former">Another stream of the connection that has the filter until then; null for none.</param>
internal sealed record StreamSubscribe(Subscription Subscription, SubscribeStep Step, MqttStream? Former);
