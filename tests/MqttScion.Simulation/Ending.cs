namespace MqttScion.Simulation;

/// <summary>How a world ends once everything is delivered.</summary>
internal enum Ending
{
    ClientCloses,
    ServerCloses,
    BothClose,

    /// <summary>Nobody says anything any more, and there is no keep-alive.</summary>
    Idle,
}
