using MqttScion.Quic;

namespace MqttScion.QuicPerf;

/// <summary>What runs above a loop, on its thread.</summary>
internal interface ILoopProgram
{
    /// <summary>When <see cref="OnTime"/> is due; null when never.</summary>
    TimeSpan? NextTime { get; }

    /// <summary>A peer connected.</summary>
    void OnAccepted(LoopConnection connection);

    /// <summary>Something happened on a connection; the last is <see cref="QuicEventKind.Drained"/>.</summary>
    void OnEvent(LoopConnection connection, in QuicEvent item, TimeSpan now);

    /// <summary>The time has come that <see cref="NextTime"/> told.</summary>
    void OnTime(TimeSpan now);
}
