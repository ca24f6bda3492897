namespace MqttScion.Scion;

/// <summary>What happened to a path. A closed family: <see cref="Found"/> to <see cref="Forbidden"/>.</summary>
/// <remarks>
/// Found, then any number of Selected, Degraded, Narrowed, Unanswered, Down and Found again; at the end Expired (its
/// time ran out), Lost (the latest look-up no longer returned it) or Forbidden (the policy no longer allows it).
/// </remarks>
public abstract record PathEvent
{
    private PathEvent(ScionPath path) => Path = path;

    /// <summary>The path that the event is about.</summary>
    public ScionPath Path { get; init; }

    /// <summary>
    /// A look-up returned the path for the first time, or it may be used again: its hold-off ended, or it carried a
    /// packet.
    /// </summary>
    public sealed record Found(ScionPath Path) : PathEvent(Path);

    /// <summary>Packets now leave on this path.</summary>
    /// <param name="Path">The path in use from now on.</param>
    /// <param name="Previous">The path used before, also when it is gone; null for the first, and in what a new
    /// observer is told first.</param>
    /// <param name="Why">The reason in a few words.</param>
    public sealed record Selected(ScionPath Path, ScionPath? Previous, string Why) : PathEvent(Path);

    /// <summary>The path still works, but its round trips became much longer.</summary>
    /// <param name="Path">The degraded path.</param>
    /// <param name="Rtt">The smoothed round-trip time now.</param>
    public sealed record Degraded(ScionPath Path, TimeSpan Rtt) : PathEvent(Path);

    /// <summary>A router dropped a packet as too long: the path carries less than it announces.</summary>
    /// <param name="Path">The path; its announced MTU is unchanged.</param>
    /// <param name="Mtu">Bytes of the largest SCION packet that it carries, header included.</param>
    public sealed record Narrowed(ScionPath Path, int Mtu) : PathEvent(Path);

    /// <summary>
    /// Nobody answered a handshake over the path, and nothing says that the path itself is down: the server may be.
    /// Other paths are tried first for a while.
    /// </summary>
    /// <param name="Path">The path.</param>
    /// <param name="Why">Who did not answer.</param>
    public sealed record Unanswered(ScionPath Path, string Why) : PathEvent(Path);

    /// <summary>The path carries no packets at present; it is held back for a while.</summary>
    /// <param name="Path">The path that is down.</param>
    /// <param name="Why">The evidence: an SCMP error or silence.</param>
    public sealed record Down(ScionPath Path, string Why) : PathEvent(Path)
    {
        /// <summary>What an SCMP error told; null when the evidence is something else.</summary>
        public PathFault? Fault { get; init; }
    }

    /// <summary>The path is gone: its first hop field expired before it was renewed.</summary>
    public sealed record Expired(ScionPath Path) : PathEvent(Path);

    /// <summary>The path is gone: the latest look-up no longer returned it.</summary>
    public sealed record Lost(ScionPath Path) : PathEvent(Path);

    /// <summary>The path is given up: the policy no longer allows it. It may work as before.</summary>
    public sealed record Forbidden(ScionPath Path) : PathEvent(Path);
}
