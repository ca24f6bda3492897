using MqttScion.Udp;

namespace MqttScion.Scion;

/// <summary>One received UDP datagram or SCMP message.</summary>
/// <remarks>Its spans lie in the socket's buffer and are good until the next receive.</remarks>
public readonly ref struct ScionDatagram
{
    /// <summary>Where it comes from: for UDP the remote socket; for SCMP a router or host, with port 0.</summary>
    public ScionEndPoint Source { get; init; }

    /// <summary>The underlay address that handed it over.</summary>
    public UdpAddress UnderlaySender { get; init; }

    /// <summary>The next hop of an answer on the reversed path: <see cref="UnderlaySender"/>, unless that is a
    /// dispatcher on this host.</summary>
    public UdpAddress NextHop { get; init; }

    /// <summary>The type of <see cref="RawPath"/>.</summary>
    public PathType PathType { get; init; }

    /// <summary>The path as received; <see cref="PathReversal"/> makes the way back.</summary>
    public ReadOnlySpan<byte> RawPath { get; init; }

    /// <summary>DSCP and ECN as in IP.</summary>
    public byte TrafficClass { get; init; }

    /// <summary>The ECN field: that of <see cref="TrafficClass"/>, with what the last link added (RFC 6040).</summary>
    public UdpEcn Ecn { get; init; }

    /// <summary>The UDP payload, which the owner may overwrite; for SCMP the quote or the echo data.</summary>
    public Span<byte> Payload { get; init; }

    /// <summary>True for an SCMP message, false for UDP.</summary>
    public bool IsScmp { get; init; }

    /// <summary>The SCMP message.</summary>
    public ScmpMessage Scmp { get; init; }

    /// <summary>A hash of the path's bytes; equal paths have equal hashes within this process.</summary>
    public int GetRawPathHash()
    {
        var hash = default(HashCode);
        hash.AddBytes(RawPath);
        return hash.ToHashCode();
    }
}
