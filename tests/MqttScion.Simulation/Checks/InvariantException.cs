namespace MqttScion.Simulation;

/// <summary>Something that must hold in every world does not.</summary>
internal sealed class InvariantException(string message) : Exception(message);
