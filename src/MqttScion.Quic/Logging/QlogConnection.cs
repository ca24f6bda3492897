namespace MqttScion.Quic;

/// <summary>The connection that a qlog trace is wanted for.</summary>
/// <param name="OriginalDestinationId">
/// The Destination Connection ID of the client's first Initial, in hex: what both sides name their traces for.
/// </param>
/// <param name="IsServer">Whether ours is the side that accepted.</param>
/// <param name="PeerAddress">
/// On a server, what the owner gave as <see cref="QuicArrival.Address"/>; empty on a client.
/// </param>
public sealed record QlogConnection(string OriginalDestinationId, bool IsServer, ReadOnlyMemory<byte> PeerAddress)
{
    /// <summary>The file name that qlog tools expect, such as <c>83b1a7d08a5f42c1_client.sqlog</c>.</summary>
    public string FileName => $"{OriginalDestinationId}_{(IsServer ? "server" : "client")}.sqlog";
}
