namespace MqttScion;

/// <summary>Why the statistics of a connection were taken.</summary>
public enum StatisticsCause
{
    /// <summary>The interval is over, and something has changed.</summary>
    Interval,

    /// <summary>Packets leave on another path now.</summary>
    PathChanged,

    /// <summary>The keys of the connection were updated.</summary>
    KeysUpdated,

    /// <summary>The connection is over; its last numbers.</summary>
    Closed,
}
