using MqttScion.Quic;

namespace MqttScion;

/// <summary>A QUIC connection failed, was refused or was lost.</summary>
public sealed class QuicConnectionException : TransportException
{
    /// <summary>Makes the exception of a connection that has ended.</summary>
    /// <param name="remote">The other end; null when it is not known.</param>
    /// <param name="reason">Who ended it, with which code and why.</param>
    /// <param name="nameOf">What the application calls its error codes; null for one that it does not know.</param>
    public QuicConnectionException(
        ServerAddress? remote, QuicCloseReason reason, Func<ulong, string?>? nameOf = null)
        : base(
            $"QUIC connection {(remote is null ? "" : $"to {remote} ")}ended: "
            + QuicCloseText.Describe(reason, nameOf)) =>
        Close = reason;

    internal QuicConnectionException(ServerAddress server, IReadOnlyList<string> tried, QuicConnectionException last)
        : base($"No address of {server} let us connect; tried {string.Join("; ", tried)}", last) => Close = last.Close;

    /// <summary>Who ended it, with which code and why; of several addresses that were tried, the last.</summary>
    public QuicCloseReason Close { get; }
}
