using System.Text;
using MqttScion.Scion;

namespace MqttScion;

/// <summary>
/// The state of a client's connection. A closed family:
/// <c>Disconnected → Connecting → Connected → Reconnecting → Connected …</c>, back to <c>Disconnected</c> at the end.
/// </summary>
/// <remarks>As text, each is one line.</remarks>
public abstract record ConnectionState
{
    private ConnectionState()
    {
    }

    /// <summary>No connection and no attempt at one.</summary>
    /// <param name="Reason">Why: null before the first attempt and after an orderly disconnect.</param>
    public sealed record Disconnected(Exception? Reason = null) : ConnectionState
    {
        private protected override bool Print(StringBuilder builder) =>
            ErrorText.Print(builder, (nameof(Reason), Reason));
    }

    /// <summary>The first connection is being made.</summary>
    /// <param name="Attempt">The attempt, from 1.</param>
    public sealed record Connecting(int Attempt) : ConnectionState
    {
        /// <summary>How long the client waits before the attempt; zero before the first.</summary>
        public TimeSpan Delay { get; init; }

        /// <summary>Why the attempt before failed; null before the first.</summary>
        public Exception? Cause { get; init; }

        private protected override bool Print(StringBuilder builder) => ErrorText.Print(
            builder, (nameof(Attempt), Attempt), (nameof(Delay), Seconds(Delay)), (nameof(Cause), Cause));
    }

    /// <summary>QUIC and MQTT are up: the server accepted the CONNECT.</summary>
    /// <param name="Path">The SCION path that our packets take; null on plain IP.</param>
    /// <param name="SessionPresent">True when the server resumed a session.</param>
    public sealed record Connected(ScionPath? Path, bool SessionPresent) : ConnectionState
    {
        /// <summary>How many data streams there are: at most <see cref="ScionMqttClientOptions.DataStreams"/>, fewer
        /// where the server's side allows fewer, and 0 when everything shares one stream.</summary>
        public int DataStreams { get; init; }

        private protected override bool Print(StringBuilder builder) => ErrorText.Print(
            builder,
            (nameof(Path), Path), (nameof(SessionPresent), SessionPresent), (nameof(DataStreams), DataStreams));
    }

    /// <summary>The connection was lost; the next attempt comes after a delay.</summary>
    /// <param name="Attempt">The coming attempt, from 1. It goes on from the last connection when that one ended by the
    /// same broken rule as the one before, see <see cref="SameCauseCount"/>.</param>
    /// <param name="Delay">How long the client waits before it.</param>
    /// <param name="Cause">Why the connection or the attempt before failed.</param>
    public sealed record Reconnecting(int Attempt, TimeSpan Delay, Exception Cause) : ConnectionState
    {
        /// <summary>
        /// How many connections in a row ended by this cause, with nothing achieved in between: 1 for the first. A
        /// server that breaks the protocol in the same way each time makes it grow, and the delays with it.
        /// </summary>
        public int SameCauseCount { get; init; } = 1;

        private protected override bool Print(StringBuilder builder) => ErrorText.Print(
            builder,
            (nameof(Attempt), Attempt), (nameof(Delay), Seconds(Delay)), (nameof(Cause), Cause),
            (nameof(SameCauseCount), SameCauseCount));
    }

    /// <summary>The state on one line, exceptions without their stack.</summary>
    public sealed override string ToString()
    {
        var builder = new StringBuilder(GetType().Name).Append(" { ");
        return (Print(builder) ? builder.Append(' ') : builder).Append('}').ToString();
    }

    private protected abstract bool Print(StringBuilder builder);

    private static string Seconds(TimeSpan delay) => FormattableString.Invariant($"{delay.TotalSeconds:0.##} s");
}
