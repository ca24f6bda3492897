using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace MqttScion.Quic.Tests;

/// <summary>
/// Protection that costs next to nothing: a fixed cover, no mask on the header, and a checksum, which is looked at or
/// not.
/// </summary>
/// <param name="salt">Packets of another salt are not authentic.</param>
/// <param name="acceptsAll">Whether every packet is, so that whatever is in it gets through to the frames.</param>
internal sealed class FuzzProtectors(ulong salt, bool acceptsAll) : IPacketProtectorFactory
{
    private const byte Cover = 0x5A;

    /// <summary>Called with the header and the plaintext of each packet that is sealed.</summary>
    public Action<byte[], byte[]>? OnSealed { get; set; }

    private bool AcceptsAll => acceptsAll;

    public static void CoverOver(Span<byte> bytes)
    {
        foreach (ref var word in MemoryMarshal.Cast<byte, ulong>(bytes))
            word ^= 0x5A5A_5A5A_5A5A_5A5A;
        foreach (ref var octet in bytes[(bytes.Length & ~7)..])
            octet ^= Cover;
    }

    public IPacketProtector Create(QuicCipherSuite suite, ReadOnlySpan<byte> secret) =>
        new Protector(this, salt ^ BinaryPrimitives.ReadUInt64LittleEndian(secret));

    public IPacketProtector CreateUpdated(
        QuicCipherSuite suite, ReadOnlySpan<byte> secret, IPacketProtector current) => Create(suite, secret);

    private ulong Sum(ulong key, ulong number, ReadOnlySpan<byte> bytes)
    {
        const ulong factor = 0x9fb2_1c65_1e98_df25;
        var sum = key ^ number * factor ^ (ulong)bytes.Length;
        if (acceptsAll)
            return sum;
        foreach (var word in MemoryMarshal.Cast<byte, ulong>(bytes))
            sum = (sum ^ word) * factor ^ sum >> 29;
        foreach (var octet in bytes[(bytes.Length & ~7)..])
            sum = (sum ^ octet) * factor ^ sum >> 29;
        return sum;
    }

    private sealed class Protector(FuzzProtectors factory, ulong key) : IPacketProtector
    {
        public void Seal(ulong packetNumber, Span<byte> packet, int headerLength)
        {
            var payload = packet[headerLength..^IPacketProtector.TagLength];
            factory.OnSealed?.Invoke(packet[..headerLength].ToArray(), payload.ToArray());
            CoverOver(payload);
            var tag = packet[^IPacketProtector.TagLength..];
            tag.Clear();
            BinaryPrimitives.WriteUInt64LittleEndian(
                tag, factory.Sum(key, packetNumber, packet[..^IPacketProtector.TagLength]));
        }

        public bool TryOpen(ulong packetNumber, Span<byte> packet, int headerLength)
        {
            if (packet.Length < headerLength + IPacketProtector.TagLength)
                return false;
            var sum = factory.Sum(key, packetNumber, packet[..^IPacketProtector.TagLength]);
            var isAuthentic = factory.AcceptsAll ||
                BinaryPrimitives.ReadUInt64LittleEndian(packet[^IPacketProtector.TagLength..]) == sum;
            if (isAuthentic)
                CoverOver(packet[headerLength..^IPacketProtector.TagLength]);
            return isAuthentic;
        }

        public void HeaderMask(ReadOnlySpan<byte> sample, Span<byte> mask) => mask.Clear();

        public void Dispose()
        {
            // There is nothing to give back.
        }
    }
}
