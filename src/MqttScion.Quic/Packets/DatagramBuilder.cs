using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace MqttScion.Quic;

/// <summary>
/// Lays out the packets of one datagram (RFC 9000 §12.2). They are sealed together at the end, because padding goes
/// into the last one.
/// </summary>
internal ref struct DatagramBuilder
{
    /// <summary>The Length field has two bytes, whatever its value.</summary>
    public const int LengthFieldBytes = 2;

    /// <summary>Header protection samples from 4 bytes behind the start of the packet number.</summary>
    private const int MinNumberAndPayload = 4;

    private const int MaxPackets = 3;

    private readonly Span<byte> _room;
    private Packets _packets;
    private Packet _open;

    public DatagramBuilder(Span<byte> room) => _room = room;

    /// <summary>Writes the payload of the packet that is begun.</summary>
    public ByteWriter Writer;

    public int Count { get; private set; }

    public int Length { get; private set; }

    public bool HasInitial { get; private set; }

    public readonly int Room => _room.Length;

    public readonly int Remaining => _room.Length - Length;

    /// <summary>
    /// Begins a packet behind the last one: the caller wrote its header, all but the packet number, into
    /// <see cref="Free"/>.
    /// </summary>
    public void Begin(PacketSpace space, int headerLength, long number, int numberLength, bool isLong)
    {
        var start = Length;
        PacketNumber.Write(_room[(start + headerLength)..], number, numberLength);
        _open = new Packet(space, null, start, start + headerLength, numberLength, 0, number, isLong);
        var payloadStart = start + headerLength + numberLength;
        Writer = new ByteWriter(_room[payloadStart..^IPacketProtector.TagLength]);
    }

    public readonly Span<byte> Free => _room[Length..];

    /// <summary>Keeps the packet that is begun. Not calling it drops the packet.</summary>
    public void Commit(SentPacket? sent = null)
    {
        Debug.Assert(Count < MaxPackets, "there is one packet for each space");
        var missing = MinNumberAndPayload - _open.NumberLength - Writer.Position;
        if (missing > 0)
            Writer.WriteZeros(missing);
        var packet = _open with { Sent = sent, PayloadLength = Writer.Position };
        _packets[Count++] = packet;
        Length = packet.End;
        HasInitial |= packet.Space.Id == SpaceId.Initial;
    }

    /// <summary>
    /// Lengthens the last packet by PADDING until the datagram has a length, as far as there is room.
    /// </summary>
    public void PadTo(int length)
    {
        var missing = Math.Min(length, _room.Length) - Length;
        if (missing <= 0)
            return;
        ref var last = ref _packets[Count - 1];
        var end = last.End - IPacketProtector.TagLength;
        _room.Slice(end, missing).Clear();
        last = last with { PayloadLength = last.PayloadLength + missing };
        Length += missing;
    }

    public readonly Packet this[int index] => _packets[index];

    /// <summary>The datagram as far as it is written.</summary>
    public readonly ReadOnlySpan<byte> Written => _room[..Length];

    /// <summary>Fills in the Length field and protects a packet.</summary>
    public readonly void Seal(int index)
    {
        var packet = _packets[index];
        var bytes = _room[packet.Start..packet.End];
        var numberOffset = packet.NumberOffset - packet.Start;
        // A long header in the 1-RTT space is that of a 0-RTT packet.
        var isEarly = packet.IsLong && packet.Space.Id == SpaceId.Application;
        var protector = (isEarly ? packet.Space.EarlyWriteProtector : packet.Space.WriteProtector)!;
        if (packet.IsLong)
        {
            VarInt.WriteTwoBytes(
                bytes[(numberOffset - LengthFieldBytes)..],
                packet.NumberLength + packet.PayloadLength + IPacketProtector.TagLength);
        }

        protector.Seal((ulong)packet.Number, bytes, numberOffset + packet.NumberLength);
        Span<byte> mask = stackalloc byte[1 + PacketNumber.MaxLength];
        protector.HeaderMask(
            bytes.Slice(numberOffset + PacketNumber.MaxLength, IPacketProtector.SampleLength),
            mask);
        bytes[0] ^= (byte)(mask[0] & (packet.IsLong ? 0x0f : 0x1f));
        for (var octet = 0; octet < packet.NumberLength; octet++)
            bytes[numberOffset + octet] ^= mask[octet + 1];
    }

    /// <summary>One packet of the datagram; offsets count from the datagram's start.</summary>
    internal readonly record struct Packet(
        PacketSpace Space,
        SentPacket? Sent,
        int Start,
        int NumberOffset,
        int NumberLength,
        int PayloadLength,
        long Number,
        bool IsLong)
    {
        public int End => NumberOffset + NumberLength + PayloadLength + IPacketProtector.TagLength;
    }

    [InlineArray(MaxPackets)]
    private struct Packets
    {
        private Packet _first;
    }
}
