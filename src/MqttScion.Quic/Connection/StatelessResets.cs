using System.Security.Cryptography;

namespace MqttScion.Quic;

/// <summary>
/// Stateless resets (RFC 9000 §10.3): their tokens follow from a key and the connection id, so that an endpoint that
/// lost its state can still send them.
/// </summary>
internal sealed class StatelessResets(byte[] key, IQuicRandom random)
{
    public const int MaxPerSecond = 200;

    private const int MinLength = 5 + LocalConnectionIds.TokenLength;
    private const int PlainLength = 43;
    private const int MaxExtraBytes = 32;
    private const byte FixedBit = 0x40;
    private const byte LongForm = 0x80;

    private readonly RateLimit _limit = new(MaxPerSecond);

    public byte[] TokenOf(ConnectionId id)
    {
        Span<byte> bytes = stackalloc byte[ConnectionId.MaxLength];
        var length = id.CopyTo(bytes);
        return HMACSHA256.HashData(key, bytes[..length])[..LocalConnectionIds.TokenLength];
    }

    /// <summary>Writes a reset in answer to a packet with a short header; gives its length, or 0.</summary>
    public int Write(ReadOnlySpan<byte> trigger, ConnectionId id, Span<byte> room, TimeSpan now)
    {
        // RFC 9000 §10.3.3: always smaller than what it answers, so that two endpoints can't go on forever.
        var length = trigger.Length <= PlainLength ? trigger.Length - 1 : PlainLength - 1 + Extra(trigger.Length);
        if (length < MinLength || room.Length < length || !_limit.TryTake(now))
            return 0;
        random.Fill(room[..length]);
        // It looks like any packet with a short header.
        room[0] = (byte)(FixedBit | (room[0] & ~LongForm));
        TokenOf(id).CopyTo(room[(length - LocalConnectionIds.TokenLength)..]);
        return length;
    }

    private int Extra(int triggerLength)
    {
        Span<byte> bits = stackalloc byte[1];
        random.Fill(bits);
        return bits[0] % Math.Min(MaxExtraBytes, triggerLength - PlainLength);
    }
}
