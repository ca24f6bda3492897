using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace MqttScion.Simulation;

/// <summary>
/// Authenticates packets by a keyed checksum and covers them with a simple key stream: fast, and good enough against
/// accidents and against the forgeries of a world. Shows what passes to an observer.
/// </summary>
internal sealed class CheapProtector(ulong key, ulong headerKey, CheapProtectors factory) : IPacketProtector
{
    internal ulong HeaderKey => headerKey;

    public void Seal(ulong packetNumber, Span<byte> packet, int headerLength)
    {
        factory.Observer?.OnSealed((long)packetNumber, packet, headerLength);
        var tag = packet[^IPacketProtector.TagLength..];
        Cover(packetNumber, packet[headerLength..^IPacketProtector.TagLength]);
        var sum = Sum(packetNumber, packet[..^IPacketProtector.TagLength]);
        BinaryPrimitives.WriteUInt64LittleEndian(tag, sum);
        BinaryPrimitives.WriteUInt64LittleEndian(tag[sizeof(ulong)..], SimRandom.Mix(sum));
    }

    public bool TryOpen(ulong packetNumber, Span<byte> packet, int headerLength)
    {
        if (packet.Length < headerLength + IPacketProtector.TagLength)
            return false;
        var tag = packet[^IPacketProtector.TagLength..];
        var sum = Sum(packetNumber, packet[..^IPacketProtector.TagLength]);
        if (BinaryPrimitives.ReadUInt64LittleEndian(tag) != sum ||
            BinaryPrimitives.ReadUInt64LittleEndian(tag[sizeof(ulong)..]) != SimRandom.Mix(sum))
            return false;
        Cover(packetNumber, packet[headerLength..^IPacketProtector.TagLength]);
        factory.Observer?.OnOpened((long)packetNumber, packet, headerLength);
        return true;
    }

    public void HeaderMask(ReadOnlySpan<byte> sample, Span<byte> mask)
    {
        var word = SimRandom.Mix(headerKey ^ BinaryPrimitives.ReadUInt64LittleEndian(sample) ^
            SimRandom.Mix(BinaryPrimitives.ReadUInt64LittleEndian(sample[sizeof(ulong)..])));
        for (var index = 0; index < IPacketProtector.MaskLength; index++)
            mask[index] = (byte)(word >> (8 * index));
    }

    public void Dispose()
    {
        // There is nothing to give back.
    }

    private void Cover(ulong packetNumber, Span<byte> bytes)
    {
        const ulong step = 0x9e37_79b9_7f4a_7c15;
        var state = key ^ SimRandom.Mix(~packetNumber);
        var words = MemoryMarshal.Cast<byte, ulong>(bytes);
        foreach (ref var word in words)
        {
            state += step;
            word ^= state ^ state >> 31;
        }

        foreach (ref var octet in bytes[(words.Length * sizeof(ulong))..])
        {
            state += step;
            octet ^= (byte)(state >> 40);
        }
    }

    private ulong Sum(ulong packetNumber, ReadOnlySpan<byte> bytes)
    {
        const ulong factor = 0x9fb2_1c65_1e98_df25;
        var sum = key ^ SimRandom.Mix(packetNumber) ^ (ulong)bytes.Length;
        var words = MemoryMarshal.Cast<byte, ulong>(bytes);
        foreach (var word in words)
            sum = (sum ^ word) * factor ^ sum >> 29;
        foreach (var octet in bytes[(words.Length * sizeof(ulong))..])
            sum = (sum ^ octet) * factor ^ sum >> 29;
        return SimRandom.Mix(sum);
    }
}
