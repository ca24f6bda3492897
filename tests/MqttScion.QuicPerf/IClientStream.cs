namespace MqttScion.QuicPerf;

/// <summary>A stream of the client with what is to be done on it.</summary>
internal interface IClientStream
{
    /// <summary>True when everything is done.</summary>
    bool IsDone { get; }

    /// <summary>Reads and writes as far as possible.</summary>
    void Pump(TimeSpan now);
}
