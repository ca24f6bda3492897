namespace MqttScion.Quic;

/// <summary>Judges the tokens of clients' first Initials: type, time, address and first use (RFC 9000 §8.1).</summary>
internal sealed class AddressValidator(AddressTokens tokens, QuicOptions options)
{
    private const int MaxRemembered = 4096;

    private static readonly TimeSpan RetryLifetime = TimeSpan.FromSeconds(10);

    private readonly HashSet<ulong> _used = [];
    private readonly Queue<ulong> _order = new();

    public TokenVerdict Judge(in PacketHeader header, ReadOnlySpan<byte> digest, TimeSpan now, out AddressToken token)
    {
        token = default;
        if (header.Token.IsEmpty || digest.IsEmpty || !tokens.TryRead(header.Token, digest, out token))
            return TokenVerdict.None;
        var age = options.ClockOrigin + now - token.IssuedAt;
        var isRetry = token.Kind == AddressTokenKind.Retry;
        var isInTime = age >= -RetryLifetime && age <= (isRetry ? RetryLifetime : options.TokenLifetime);
        if (isRetry)
        {
            var isRight = isInTime && token.IsAddressRight && token.RetryId.Equals(header.DestinationId);
            return isRight ? TokenVerdict.Validated : TokenVerdict.Invalid;
        }

        // RFC 9000 §8.1.4: tokens of NEW_TOKEN frames are good once.
        return isInTime && token.IsAddressRight && TryUse(token.Nonce) ? TokenVerdict.Validated : TokenVerdict.None;
    }

    private bool TryUse(ulong nonce)
    {
        if (!_used.Add(nonce))
            return false;
        _order.Enqueue(nonce);
        if (_order.Count > MaxRemembered)
            _used.Remove(_order.Dequeue());
        return true;
    }
}
