namespace MqttScion;

/// <summary>In which order an attempt to connect tries the servers.</summary>
public enum ServerSelection
{
    /// <summary>In the order of the list, always from the first: a main server and its stand-ins.</summary>
    InOrder = 0,

    /// <summary>In an order drawn anew for each attempt, which spreads many clients over the servers.</summary>
    Random = 1,

    /// <summary>From the one after the last that was connected: each lost connection moves on.</summary>
    RoundRobin = 2,
}
