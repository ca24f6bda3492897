using System.Runtime.InteropServices;

namespace MqttScion.Quic;

/// <summary>gnutls_datum_t: a pointer with a length; who owns the memory is said at each use.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct GnuTlsDatum
{
    /// <summary>The first byte.</summary>
    public byte* Start;

    /// <summary>The length in bytes.</summary>
    public uint Length;

    /// <summary>Makes a datum over memory that the caller keeps pinned.</summary>
    public GnuTlsDatum(byte* start, int length)
    {
        Start = start;
        Length = (uint)length;
    }

    /// <summary>The bytes, while their owner keeps them.</summary>
    public readonly ReadOnlySpan<byte> Span => new(Start, checked((int)Length));

    /// <summary>A copy of the bytes.</summary>
    public readonly byte[] ToArray() => Span.ToArray();
}
