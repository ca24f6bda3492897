namespace MqttScion.Quic;

/// <summary>Where a datagram of no known connection came from.</summary>
/// <remarks>Lives for one call.</remarks>
public readonly ref struct QuicArrival
{
    /// <summary>
    /// The sender's address as bytes that the owner chooses: what proves an address is bound to them. Without a port,
    /// tokens stay good when a client comes back on another one. Empty when addresses are not to be validated: there
    /// is no Retry then and no token.
    /// </summary>
    public ReadOnlySpan<byte> Address { get; init; }

    /// <summary>The owner's id of the path it came on.</summary>
    public int PathId { get; init; }

    /// <summary>The largest datagram that the path carries; at least 1200 is used.</summary>
    public int MaxDatagramBytes { get; init; }

    /// <summary>
    /// Up to which size the path is probed for larger datagrams; with less than <see
    /// cref="QuicOptions.MaxProbedDatagramBytes"/> up to that.
    /// </summary>
    public int MaxProbedDatagramBytes { get; init; }

    /// <summary>Bytes to leave in front of each datagram of the connection; not of an answer.</summary>
    public int HeadroomBytes { get; init; }
}
