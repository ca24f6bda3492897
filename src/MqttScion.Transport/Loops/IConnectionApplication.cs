using MqttScion.Quic;

namespace MqttScion.Transport;

/// <summary>What a connection carries. Every member is called on the connection's loop; none may block.</summary>
public interface IConnectionApplication
{
    /// <summary>Where the connection's statistics go; null when nobody can ask for them.</summary>
    StatisticsFeed? Statistics => null;

    /// <summary>When the application wants <see cref="OnTimeout"/>, or null.</summary>
    TimeSpan? NextTimeout { get; }

    /// <summary>
    /// True when the application needs the connection no more: nothing received is left to hand over. A connection that
    /// has ended leaves the loop only then.
    /// </summary>
    bool IsFinished { get; }

    /// <summary>The connection is on its loop now; called once, before anything else.</summary>
    void Attach(LoopConnection connection, TimeSpan now);

    /// <summary>A QUIC event.</summary>
    void OnEvent(in QuicEvent e, TimeSpan now);

    /// <summary>
    /// Moves bytes between the application and its streams; called after events, before packets are sent.
    /// </summary>
    void Pump(TimeSpan now);

    /// <summary>The time of <see cref="NextTimeout"/> has come.</summary>
    void OnTimeout(TimeSpan now);

    /// <summary>
    /// The loop ends, and the connection with it, or the connection could not even be started; called once unless the
    /// connection had ended before.
    /// </summary>
    void OnLoopEnded(Exception cause);
}
