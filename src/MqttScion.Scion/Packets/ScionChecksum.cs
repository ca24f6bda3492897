using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace MqttScion.Scion;

/// <summary>The one's-complement checksum of UDP and SCMP over SCION, with its pseudo header.</summary>
/// <remarks>
/// Sums are kept in the machine's byte order: RFC 1071 §2 (B) shows that only the result needs swapping. Every part
/// but the last must have an even length.
/// </remarks>
public static class ScionChecksum
{
    private const ulong LowerHalf = 0xffff_ffff;

    /// <summary>The checksum of an upper layer whose checksum field is zero.</summary>
    /// <param name="addressHeader">Destination and source ISD-AS, then both hosts, as in the header.</param>
    /// <param name="protocol">The upper-layer protocol, not that of an extension.</param>
    /// <param name="upperLayer">The upper-layer header and payload.</param>
    public static ushort Compute(ReadOnlySpan<byte> addressHeader, L4Protocol protocol, ReadOnlySpan<byte> upperLayer)
    {
        var lengthAndProtocol = Word(upperLayer.Length >> 16) + Word(upperLayer.Length) + Word((byte)protocol);
        return Finish(Add(Add(SumScalar(addressHeader), lengthAndProtocol), Sum(upperLayer)));
    }

    /// <summary>True when an upper layer with its checksum field filled in is intact.</summary>
    public static bool IsValid(ReadOnlySpan<byte> addressHeader, L4Protocol protocol, ReadOnlySpan<byte> upperLayer) =>
        Compute(addressHeader, protocol, upperLayer) == 0;

    /// <summary>One 16-bit word of a sum.</summary>
    internal static ulong Word(int value) =>
        BitConverter.IsLittleEndian ? BinaryPrimitives.ReverseEndianness((ushort)value) : (ushort)value;

    /// <summary>Adds two sums; the carry goes around.</summary>
    internal static ulong Add(ulong left, ulong right)
    {
        var sum = left + right;
        return sum < left ? sum + 1 : sum;
    }

    /// <summary>Folds a sum to 16 bits and inverts it: the value of the checksum field.</summary>
    internal static ushort Finish(ulong sum)
    {
        sum = (sum & LowerHalf) + (sum >> 32);
        sum = (sum & 0xffff) + (sum >> 16 & 0xffff) + (sum >> 32);
        sum = (sum & 0xffff) + (sum >> 16);
        sum = (sum & 0xffff) + (sum >> 16);
        var folded = (ushort)~sum;
        return BitConverter.IsLittleEndian ? BinaryPrimitives.ReverseEndianness(folded) : folded;
    }

    /// <summary>Sums bytes as 16-bit words with the widest vectors of this machine; an odd last byte is padded with
    /// zero.</summary>
    internal static ulong Sum(ReadOnlySpan<byte> bytes) =>
        Vector512.IsHardwareAccelerated ? Sum512(bytes)
        : Vector256.IsHardwareAccelerated ? Sum256(bytes)
        : Vector128.IsHardwareAccelerated ? Sum128(bytes)
        : SumScalar(bytes);

    /// <summary>As <see cref="Sum"/>, 64 bytes at a time.</summary>
    internal static ulong Sum512(ReadOnlySpan<byte> bytes)
    {
        var vectors = MemoryMarshal.Cast<byte, Vector512<ulong>>(bytes);
        var (lower, upper) = (Vector512<ulong>.Zero, Vector512<ulong>.Zero);
        foreach (var vector in vectors)
        {
            // Two 32-bit words go into lanes of 64 bits: no carry is lost below 2^32 vectors.
            lower += vector & Vector512.Create(LowerHalf);
            upper += vector >>> 32;
        }
        return Add(Vector512.Sum(lower + upper), Sum256(bytes[(vectors.Length * Vector512<byte>.Count)..]));
    }

    /// <summary>As <see cref="Sum"/>, 32 bytes at a time.</summary>
    internal static ulong Sum256(ReadOnlySpan<byte> bytes)
    {
        var vectors = MemoryMarshal.Cast<byte, Vector256<ulong>>(bytes);
        var (lower, upper) = (Vector256<ulong>.Zero, Vector256<ulong>.Zero);
        foreach (var vector in vectors)
        {
            lower += vector & Vector256.Create(LowerHalf);
            upper += vector >>> 32;
        }
        return Add(Vector256.Sum(lower + upper), Sum128(bytes[(vectors.Length * Vector256<byte>.Count)..]));
    }

    /// <summary>As <see cref="Sum"/>, 16 bytes at a time.</summary>
    internal static ulong Sum128(ReadOnlySpan<byte> bytes)
    {
        var vectors = MemoryMarshal.Cast<byte, Vector128<ulong>>(bytes);
        var (lower, upper) = (Vector128<ulong>.Zero, Vector128<ulong>.Zero);
        foreach (var vector in vectors)
        {
            lower += vector & Vector128.Create(LowerHalf);
            upper += vector >>> 32;
        }
        return Add(Vector128.Sum(lower + upper), SumScalar(bytes[(vectors.Length * Vector128<byte>.Count)..]));
    }

    /// <summary>As <see cref="Sum"/>, 8 bytes at a time and without vectors.</summary>
    internal static ulong SumScalar(ReadOnlySpan<byte> bytes)
    {
        ulong sum = 0;
        while (bytes.Length >= sizeof(ulong))
        {
            sum = Add(sum, MemoryMarshal.Read<ulong>(bytes));
            bytes = bytes[sizeof(ulong)..];
        }
        if (bytes.Length >= sizeof(uint))
        {
            sum = Add(sum, MemoryMarshal.Read<uint>(bytes));
            bytes = bytes[sizeof(uint)..];
        }
        if (bytes.Length >= sizeof(ushort))
        {
            sum = Add(sum, MemoryMarshal.Read<ushort>(bytes));
            bytes = bytes[sizeof(ushort)..];
        }
        return bytes.IsEmpty ? sum : Add(sum, BitConverter.IsLittleEndian ? bytes[0] : (ulong)bytes[0] << 8);
    }
}
