using System.Buffers.Binary;
using System.Numerics;

namespace MqttScion.Quic;

/// <summary>
/// The ChaCha20 block function (RFC 8439 §2.3), which the base class library does not offer alone. Only header
/// protection of the portable protector needs it (RFC 9001 §5.4.4).
/// </summary>
internal static class ChaCha20Block
{
    private const int Words = 16;

    /// <summary>
    /// Writes the start of one key stream block; <paramref name="counterAndNonce"/> is the 4-byte little-endian block
    /// counter followed by the 12-byte nonce, as header protection samples are laid out.
    /// </summary>
    public static void KeyStream(ReadOnlySpan<byte> key, ReadOnlySpan<byte> counterAndNonce, Span<byte> output)
    {
        Span<uint> start = stackalloc uint[Words];
        Constants.CopyTo(start);
        ReadWords(key, start[4..12]);
        ReadWords(counterAndNonce, start[12..]);

        Span<uint> state = stackalloc uint[Words];
        start.CopyTo(state);
        for (var round = 0; round < 10; round++)
        {
            DoubleRound(state);
        }

        Span<byte> block = stackalloc byte[Words * sizeof(uint)];
        for (var i = 0; i < Words; i++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(block[(i * sizeof(uint))..], state[i] + start[i]);
        }

        block[..output.Length].CopyTo(output);
    }

    // "expand 32-byte k".
    private static ReadOnlySpan<uint> Constants => [0x61707865, 0x3320646e, 0x79622d32, 0x6b206574];

    private static void ReadWords(ReadOnlySpan<byte> bytes, Span<uint> words)
    {
        for (var i = 0; i < words.Length; i++)
        {
            words[i] = BinaryPrimitives.ReadUInt32LittleEndian(bytes[(i * sizeof(uint))..]);
        }
    }

    private static void DoubleRound(Span<uint> s)
    {
        QuarterRound(s, 0, 4, 8, 12);
        QuarterRound(s, 1, 5, 9, 13);
        QuarterRound(s, 2, 6, 10, 14);
        QuarterRound(s, 3, 7, 11, 15);
        QuarterRound(s, 0, 5, 10, 15);
        QuarterRound(s, 1, 6, 11, 12);
        QuarterRound(s, 2, 7, 8, 13);
        QuarterRound(s, 3, 4, 9, 14);
    }

    private static void QuarterRound(Span<uint> s, int a, int b, int c, int d)
    {
        s[a] += s[b];
        s[d] = BitOperations.RotateLeft(s[d] ^ s[a], 16);
        s[c] += s[d];
        s[b] = BitOperations.RotateLeft(s[b] ^ s[c], 12);
        s[a] += s[b];
        s[d] = BitOperations.RotateLeft(s[d] ^ s[a], 8);
        s[c] += s[d];
        s[b] = BitOperations.RotateLeft(s[b] ^ s[c], 7);
    }
}
