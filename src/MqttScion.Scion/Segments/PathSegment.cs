using System.Buffers.Binary;
using System.Security.Cryptography;

namespace MqttScion.Scion;

/// <summary>A decoded path segment: the ASes from its originating core AS onwards. Immutable.</summary>
internal sealed class PathSegment
{
    /// <summary>The most entries a segment can use: a path header counts them in 6 bits.</summary>
    public const int MaxEntries = 63;

    private readonly byte[] _id;
    private readonly ulong _idStart;

    /// <summary>Makes a segment from entries that keep the rules of <see cref="SegmentDecoder"/>.</summary>
    public PathSegment(uint timestamp, ushort segmentId, IReadOnlyList<SegmentEntry> entries)
    {
        Timestamp = timestamp;
        SegmentId = segmentId;
        Entries = entries;
        _id = IdOf(entries);
        _idStart = BinaryPrimitives.ReadUInt64BigEndian(_id);
    }

    /// <summary>When the segment was made, in Unix seconds.</summary>
    public uint Timestamp { get; }

    /// <summary>The first value of the chain of authenticators (beta 0).</summary>
    public ushort SegmentId { get; }

    /// <summary>The entries in construction order.</summary>
    public IReadOnlyList<SegmentEntry> Entries { get; }

    /// <summary>The originating AS.</summary>
    public IsdAs First => Entries[0].IsdAs;

    /// <summary>The AS in which the segment ends.</summary>
    public IsdAs Last => Entries[^1].IsdAs;

    /// <summary>
    /// Names the segment by its ASes and regular interfaces: 32 bytes, the same in all implementations.
    /// </summary>
    public ReadOnlySpan<byte> Id => _id;

    /// <summary>The order by <see cref="Id"/>.</summary>
    public int CompareId(PathSegment other) =>
        _idStart != other._idStart ? _idStart.CompareTo(other._idStart) : Id.SequenceCompareTo(other.Id);

    /// <summary>
    /// The chain's value before entry <paramref name="index"/>: the segment id XORed with earlier MACs.
    /// </summary>
    public ushort BetaBefore(int index)
    {
        var beta = SegmentId;
        for (var i = 0; i < index; i++)
        {
            beta ^= Entries[i].Hop.SegIdUpdate;
        }
        return beta;
    }

    private static byte[] IdOf(IReadOnlyList<SegmentEntry> entries)
    {
        var input = new byte[entries.Count * 12];
        for (var i = 0; i < entries.Count; i++)
        {
            var part = input.AsSpan(i * 12, 12);
            BinaryPrimitives.WriteUInt64BigEndian(part, entries[i].IsdAs.Value);
            BinaryPrimitives.WriteUInt16BigEndian(part[8..], entries[i].Hop.ConsIngress);
            BinaryPrimitives.WriteUInt16BigEndian(part[10..], entries[i].Hop.ConsEgress);
        }
        return SHA256.HashData(input);
    }
}
