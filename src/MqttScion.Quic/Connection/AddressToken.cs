namespace MqttScion.Quic;

/// <summary>What an address validation token says (RFC 9000 §8.1).</summary>
/// <param name="Kind">Whether it is from a Retry packet or a NEW_TOKEN frame.</param>
/// <param name="IssuedAt">When it was made.</param>
/// <param name="IsAddressRight">Whether it was made for the address it came from.</param>
/// <param name="OriginalId">Retry: the Destination Connection ID of the first Initial.</param>
/// <param name="RetryId">Retry: the Source Connection ID of the Retry packet.</param>
/// <param name="Nonce">What makes the token unique.</param>
internal readonly record struct AddressToken(
    AddressTokenKind Kind,
    DateTimeOffset IssuedAt,
    bool IsAddressRight,
    ConnectionId OriginalId,
    ConnectionId RetryId,
    ulong Nonce);
