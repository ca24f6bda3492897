using MqttScion.Scion;

namespace MqttScion;

/// <summary>
/// The state of a client's connection. A closed family:
/// <c>Disconnected → Connecting → Connected → Reconnecting → Connected …</c>, back to <c>Disconnected</c> at the end.
/// </summary>
public abstract record ConnectionState
{
    private ConnectionState()
    {
    }

    /// <summary>No connection and no attempt at one.</summary>
    /// <param name="Reason">Why: null before the first attempt and after an orderly disconnect.</param>
    public sealed record Disconnected(Exception? Reason = null) : ConnectionState;

    /// <summary>The first connection is being made.</summary>
    /// <param name="Attempt">The attempt, from 1.</param>
    public sealed record Connecting(int Attempt) : ConnectionState;

    /// <summary>QUIC and MQTT are up: the server accepted the CONNECT.</summary>
    /// <param name="Path">The SCION path that our packets take; null on plain IP.</param>
    /// <param name="SessionPresent">True when the server resumed a session.</param>
    public sealed record Connected(ScionPath? Path, bool SessionPresent) : ConnectionState
    {
        /// <summary>How many data streams there are: at most <see cref="ScionMqttClientOptions.DataStreams"/>, fewer
        /// where the server's side allows fewer, and 0 when everything shares one stream.</summary>
        public int DataStreams { get; init; }
    }

    /// <summary>The connection was lost; the next attempt comes after a delay.</summary>
    /// <param name="Attempt">The coming attempt, from 1.</param>
    /// <param name="Delay">How long the client waits before it.</param>
    /// <param name="Cause">Why the connection or the attempt before failed.</param>
    public sealed record Reconnecting(int Attempt, TimeSpan Delay, Exception Cause) : ConnectionState;
}
