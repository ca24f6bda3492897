using System.Buffers.Binary;
using System.Security.Cryptography;

namespace MqttScion.Scion;

/// <summary>The 96 bits that tie a STUN response to its request.</summary>
internal readonly record struct StunTransactionId(ulong First, uint Last)
{
    internal const int Length = 12;

    /// <summary>An id that nobody can guess.</summary>
    internal static StunTransactionId CreateRandom()
    {
        Span<byte> bytes = stackalloc byte[Length];
        RandomNumberGenerator.Fill(bytes);
        return Read(bytes);
    }

    internal static StunTransactionId Read(ReadOnlySpan<byte> bytes) =>
        new(BinaryPrimitives.ReadUInt64BigEndian(bytes), BinaryPrimitives.ReadUInt32BigEndian(bytes[8..]));

    internal void Write(Span<byte> bytes)
    {
        BinaryPrimitives.WriteUInt64BigEndian(bytes, First);
        BinaryPrimitives.WriteUInt32BigEndian(bytes[8..], Last);
    }
}
