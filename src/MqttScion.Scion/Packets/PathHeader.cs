using System.Buffers.Binary;

namespace MqttScion.Scion;

/// <summary>The meta header of a standard path: where the packet is and how long the segments are.</summary>
/// <remarks>Info fields follow it, one per segment, then all hop fields. It is a value: reading copies four bytes.</remarks>
public readonly record struct PathHeader
{
    /// <summary>The length of the meta header in bytes.</summary>
    public const int MetaLength = 4;

    /// <summary>The most segments of a path.</summary>
    public const int MaxSegments = 3;

    /// <summary>The most hop fields of one segment, as six bits count them.</summary>
    public const int MaxSegmentLength = 63;

    /// <summary>The most hop fields of a path.</summary>
    public const int MaxHopFields = 64;

    private readonly uint _meta;

    private PathHeader(uint meta) => _meta = meta;

    /// <summary>The index of the current info field.</summary>
    public int CurrentInfoField => (int)(_meta >> 30);

    /// <summary>The index of the current hop field.</summary>
    public int CurrentHopField => (int)(_meta >> 24) & 0x3f;

    /// <summary>The number of info fields, which is the number of segments: 0 to 3.</summary>
    public int InfoFieldCount =>
        SegmentLength(2) > 0 ? 3 : SegmentLength(1) > 0 ? 2 : SegmentLength(0) > 0 ? 1 : 0;

    /// <summary>The number of hop fields.</summary>
    public int HopFieldCount => SegmentLength(0) + SegmentLength(1) + SegmentLength(2);

    /// <summary>The length of the whole path in bytes: meta header, info fields and hop fields.</summary>
    public int Length => MetaLength + InfoFieldCount * InfoField.Length + HopFieldCount * HopField.Length;

    /// <summary>True when the current fields exist and the current info field is that of the current hop field.</summary>
    public bool IsConsistent =>
        CurrentHopField < HopFieldCount && CurrentInfoField == InfoFieldOfHop(CurrentHopField);

    /// <summary>True when the current hop field is the last of the path.</summary>
    public bool IsLastHop => CurrentHopField == HopFieldCount - 1;

    /// <summary>True when the current hop field is the first of the path.</summary>
    public bool IsFirstHop => CurrentHopField == 0;

    /// <summary>True when the current hop field ends its segment and another segment follows.</summary>
    public bool IsCrossover =>
        CurrentHopField + 1 < HopFieldCount && CurrentInfoField != InfoFieldOfHop(CurrentHopField + 1);

    /// <summary>Makes a meta header at the first hop of a path.</summary>
    /// <exception cref="ArgumentException">The lengths break a rule; the message says which.</exception>
    public static PathHeader Create(int segment0, int segment1 = 0, int segment2 = 0)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)segment0, (uint)MaxSegmentLength, nameof(segment0));
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)segment1, (uint)MaxSegmentLength, nameof(segment1));
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)segment2, (uint)MaxSegmentLength, nameof(segment2));
        var header = new PathHeader((uint)(segment0 << 12 | segment1 << 6 | segment2));
        return header.Check() is { Kind: not ScionParseErrorKind.None } error
            ? throw new ArgumentException($"Not a path: {error.Message}.")
            : header;
    }

    /// <summary>Reads a whole standard path and checks that its length is what the meta header says.</summary>
    /// <param name="path">Exactly the path's bytes.</param>
    /// <param name="header">The meta header.</param>
    /// <param name="error">What is wrong, with offsets from the start of the path.</param>
    public static bool TryRead(ReadOnlySpan<byte> path, out PathHeader header, out ScionParseError error)
    {
        header = default;
        if (path.Length < MetaLength)
        {
            error = new ScionParseError(ScionParseErrorKind.Truncated, 0, MetaLength, path.Length);
            return false;
        }
        header = new PathHeader(BinaryPrimitives.ReadUInt32BigEndian(path));
        error = header.Check();
        if (error.Kind == ScionParseErrorKind.None && header.Length != path.Length)
            error = new ScionParseError(ScionParseErrorKind.PathLength, 0, header.Length, path.Length);
        return error.Kind == ScionParseErrorKind.None;
    }

    /// <summary>Writes a whole path: meta header, one info field per segment and all hop fields.</summary>
    /// <returns>The path's bytes, at its first hop.</returns>
    /// <exception cref="ArgumentException">The counts do not fit together.</exception>
    public static byte[] Encode(
        ReadOnlySpan<int> segmentLengths, ReadOnlySpan<InfoField> infoFields, ReadOnlySpan<HopField> hopFields)
    {
        Span<int> lengths = stackalloc int[MaxSegments];
        lengths.Clear();
        segmentLengths.CopyTo(lengths);
        var header = Create(lengths[0], lengths[1], lengths[2]);
        if (header.InfoFieldCount != infoFields.Length || header.HopFieldCount != hopFields.Length)
        {
            throw new ArgumentException(
                $"Expected {header.InfoFieldCount} info and {header.HopFieldCount} hop fields, "
                + $"got {infoFields.Length} and {hopFields.Length}.");
        }
        var path = new byte[header.Length];
        header.Write(path);
        for (var i = 0; i < infoFields.Length; i++)
            infoFields[i].Write(path.AsSpan(InfoFieldOffset(i)));
        for (var i = 0; i < hopFields.Length; i++)
            hopFields[i].Write(path.AsSpan(header.HopFieldOffset(i)));
        return path;
    }

    /// <summary>The offset of an info field from the start of the path, in bytes.</summary>
    public static int InfoFieldOffset(int index) => MetaLength + index * InfoField.Length;

    /// <summary>The offset of a hop field from the start of the path, in bytes.</summary>
    public int HopFieldOffset(int index) => InfoFieldOffset(InfoFieldCount) + index * HopField.Length;

    /// <summary>The number of hop fields of a segment, 0 to 63.</summary>
    public int SegmentLength(int segment) => (int)(_meta >> (12 - 6 * segment)) & 0x3f;

    /// <summary>The index of the info field, and thus of the segment, that a hop field belongs to.</summary>
    public int InfoFieldOfHop(int hop) =>
        hop < SegmentLength(0) ? 0 : hop < SegmentLength(0) + SegmentLength(1) ? 1 : 2;

    /// <summary>Reads an info field out of the path's bytes.</summary>
    public static InfoField ReadInfoField(ReadOnlySpan<byte> path, int index) => InfoField.Read(path[InfoFieldOffset(index)..]);

    /// <summary>Reads a hop field out of the path's bytes.</summary>
    public HopField ReadHopField(ReadOnlySpan<byte> path, int index) => HopField.Read(path[HopFieldOffset(index)..]);

    /// <summary>The same path at another hop field; the current info field follows from it.</summary>
    public PathHeader At(int hop) =>
        new(_meta & 0x00ff_ffff | (uint)InfoFieldOfHop(hop) << 30 | (uint)(hop & 0x3f) << 24);

    /// <summary>The same path one hop field further; false at the last one.</summary>
    public bool TryIncrement(out PathHeader next)
    {
        // Decided before the assignment: a caller may pass this very value as next.
        var canIncrement = CurrentHopField + 1 < HopFieldCount;
        next = canIncrement ? At(CurrentHopField + 1) : this;
        return canIncrement;
    }

    /// <summary>The path that goes the other way: segments swapped, position mirrored.</summary>
    public PathHeader Reverse()
    {
        var count = InfoFieldCount;
        uint lengths = 0;
        for (var i = 0; i < count; i++)
            lengths |= (uint)SegmentLength(count - 1 - i) << (12 - 6 * i);
        return new PathHeader(lengths).At(HopFieldCount - 1 - CurrentHopField);
    }

    /// <summary>Writes the four bytes of the meta header.</summary>
    public void Write(Span<byte> path) => BinaryPrimitives.WriteUInt32BigEndian(path, _meta);

    private ScionParseError Check()
    {
        for (var i = 0; i < MaxSegments - 1; i++)
        {
            if (SegmentLength(i) == 0 && SegmentLength(i + 1) > 0)
                return new ScionParseError(ScionParseErrorKind.SegmentGap, 1, i, SegmentLength(i + 1));
        }
        return HopFieldCount > MaxHopFields
            ? new ScionParseError(ScionParseErrorKind.TooManyHops, 1, MaxHopFields, HopFieldCount)
            : default;
    }
}
