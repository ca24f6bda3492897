using MqttScion.Quic;

namespace MqttScion.Transport;

/// <summary>Keeps one connection on a path that works. On its loop only, except where it says otherwise.</summary>
internal interface IPathSteering
{
    /// <summary>When <see cref="OnTimeout"/> is due; null for never.</summary>
    TimeSpan? NextTimeout { get; }

    /// <summary>The connection exists now; called once, before anything else.</summary>
    void Attach(LoopConnection connection);

    /// <summary>An event of the engine; those that are about no path are of no interest.</summary>
    void OnEvent(in QuicEvent e, TimeSpan now);

    /// <summary>A router dropped a packet of the connection.</summary>
    void OnReportedDown(PathEntry path, string why, TimeSpan now);

    /// <summary>Does what is due.</summary>
    void OnTimeout(TimeSpan now);
}
