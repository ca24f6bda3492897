using MqttScion.Quic;
using MqttScion.Udp;

namespace MqttScion.QuicPerf;

/// <summary>A connection of a loop, with what the loop and the program keep of it.</summary>
internal sealed class LoopConnection(QuicConnection quic, int pathId) : ITimerHeapItem
{
    /// <summary>The engine.</summary>
    public QuicConnection Quic { get; } = quic;

    /// <summary>The program's own state for this connection.</summary>
    public object? Program { get; set; }

    /// <summary>The path that the last datagram came on.</summary>
    public int PathId { get; set; } = pathId;

    /// <summary>True while the loop has it on the list of those to look at.</summary>
    public bool IsDirty { get; set; }

    /// <summary>The place among the loop's timers.</summary>
    public int TimerIndex { get; set; } = -1;
}
