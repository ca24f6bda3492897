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
    /// <summary>The checksum of an upper layer whose checksum field is zero.</summary>
    /// <param name="addressHeader">Destination and source ISD-AS, then both hosts, as in the header.</param>
    /// <param name="protocol">The upper-layer protocol, not that of an extension.</param>
    /// <param name="upperLayer">The upper-layer header and payload.</param>
    public static ushort Compute(ReadOnlySpan<byte> addressHeader, L4Protocol protocol, ReadOnlySpan<byte> upperLayer)
    {
        var sum = Sum(addressHeader) + Word(upperLayer.Length >> 16) + Word(upperLayer.Length) + Word((byte)protocol);
        return Finish(Add(sum, Sum(upperLayer)));
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
        sum = (sum & 0xffff_ffff) + (sum >> 32);
        sum = (sum & 0xffff) + (sum >> 16 & 0xffff) + (sum >> 32);
        sum = (sum & 0xffff) + (sum >> 16);
        sum = (sum & 0xffff) + (sum >> 16);
        var folded = (ushort)~sum;
        return BitConverter.IsLittleEndian ? BinaryPrimitives.ReverseEndianness(folded) : folded;
    }

    /// <summary>Sums bytes as 16-bit words, 32 bytes at a time; an odd last byte is padded with zero.</summary>
    internal static ulong Sum(ReadOnlySpan<byte> bytes)
    {
        ulong sum = 0;
        if (Vector256.IsHardwareAccelerated && bytes.Length >= Vector256<byte>.Count)
        {
            var lanes = Vector256<ulong>.Zero;
            var vectors = MemoryMarshal.Cast<byte, Vector256<uint>>(bytes);
            foreach (var vector in vectors)
            {
                // 32-bit words into 64-bit lanes: no carry is lost below 2^32 vectors.
                var (lower, upper) = Vector256.Widen(vector);
                lanes += lower + upper;
            }
            sum = Vector256.Sum(lanes);
            bytes = bytes[(vectors.Length * Vector256<byte>.Count)..];
        }
        while (bytes.Length >= sizeof(uint))
        {
            sum = Add(sum, MemoryMarshal.Read<uint>(bytes));
            bytes = bytes[sizeof(uint)..];
        }
        if (bytes.IsEmpty)
            return sum;
        Span<byte> last = stackalloc byte[sizeof(uint)];
        last.Clear();
        bytes.CopyTo(last);
        return Add(sum, MemoryMarshal.Read<uint>(last));
    }
}
