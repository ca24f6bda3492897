using System.Buffers;
using System.Security.Cryptography;

namespace MqttScion.Quic;

/// <summary>
/// Tells whether a client's first Initial was sealed with the keys that follow from its connection id (RFC 9001 §5.2).
/// Anyone can do that, but not by chance: bytes that somebody else made up cost no connection and no TLS session.
/// </summary>
internal static class InitialCheck
{
    public static bool IsAuthentic(
        IPacketProtectorFactory protectors, in PacketHeader header, ReadOnlySpan<byte> datagram)
    {
        const byte protectedBits = 0x0f;
        var sampleOffset = header.PacketNumberOffset + PacketNumber.MaxLength;
        if (header.PacketLength < sampleOffset + IPacketProtector.SampleLength)
            return false;
        Span<byte> client = stackalloc byte[KeySchedule.InitialSecretLength];
        Span<byte> server = stackalloc byte[KeySchedule.InitialSecretLength];
        KeySchedule.InitialSecrets(header.DestinationId, client, server);
        using var protector = protectors.Create(KeySchedule.InitialSuite, client);
        var copy = ArrayPool<byte>.Shared.Rent(header.PacketLength);
        var packet = copy.AsSpan(0, header.PacketLength);
        datagram[..header.PacketLength].CopyTo(packet);
        Span<byte> mask = stackalloc byte[1 + PacketNumber.MaxLength];
        protector.HeaderMask(packet.Slice(sampleOffset, IPacketProtector.SampleLength), mask);
        packet[0] ^= (byte)(mask[0] & protectedBits);
        var encoded = packet.Slice(header.PacketNumberOffset, (packet[0] & 0x03) + 1);
        for (var index = 0; index < encoded.Length; index++)
            encoded[index] ^= mask[index + 1];
        var number = PacketNumber.Decode(-1, PacketNumber.ReadTruncated(encoded), encoded.Length);
        var isAuthentic = protector.TryOpen((ulong)number, packet, header.PacketNumberOffset + encoded.Length);
        ArrayPool<byte>.Shared.Return(copy);
        CryptographicOperations.ZeroMemory(client);
        CryptographicOperations.ZeroMemory(server);
        return isAuthentic;
    }
}
