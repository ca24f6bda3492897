using MqttScion.Quic;
using MqttScion.Scion;

namespace MqttScion;

/// <summary>No SCION path leads to the server, or the path policy allows none of those that do.</summary>
public sealed class NoPathException : Exception
{
    internal NoPathException(IsdAs destination, int foundCount)
        : base(foundCount == 0
            ? $"No SCION path to {destination}: the path source knows none."
            : $"No SCION path to {destination}: the path policy allows none of the {foundCount} that exist.") =>
        (Destination, FoundCount) = (destination, foundCount);

    /// <summary>Where the path should have led.</summary>
    public IsdAs Destination { get; }

    /// <summary>How many paths there are before the policy.</summary>
    public int FoundCount { get; }
}

/// <summary>A QUIC connection failed, was refused or was lost.</summary>
public sealed class QuicConnectionException : Exception
{
    internal QuicConnectionException(ScionEndPoint? remote, QuicCloseReason reason)
        : base($"QUIC connection {(remote is null ? "" : $"to {remote} ")}ended: {QuicCloseText.Describe(reason)}") =>
        Close = reason;

    /// <summary>Who ended it, with which code and why.</summary>
    public QuicCloseReason Close { get; }
}
