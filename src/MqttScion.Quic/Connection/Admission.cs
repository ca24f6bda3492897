namespace MqttScion.Quic;

/// <summary>How a connection starts: the ids and proofs of its first packets.</summary>
/// <param name="OriginalId">The Destination Connection ID of the client's very first Initial.</param>
/// <param name="InitialId">The one that Initial keys come from: another after a Retry.</param>
/// <param name="PeerId">The id that packets go to at first.</param>
/// <param name="RetryId">The Source Connection ID of the Retry, or null.</param>
/// <param name="IsAddressValidated">Whether the client's token proved its address.</param>
/// <param name="AddressDigest">The client's address for tokens; empty when there are none.</param>
/// <param name="Token">Client: the token to send with Initial packets.</param>
/// <param name="PeerAddress">The client's address for a qlog trace; null when there is to be none.</param>
/// <param name="Ticket">Client: the ticket that is resumed, or null.</param>
internal sealed record Admission(
    ConnectionId OriginalId,
    ConnectionId InitialId,
    ConnectionId PeerId,
    ConnectionId? RetryId,
    bool IsAddressValidated,
    byte[] AddressDigest,
    byte[] Token,
    byte[]? PeerAddress = null,
    QuicSessionTicket? Ticket = null);
