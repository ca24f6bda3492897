using System.Buffers.Binary;
using System.Diagnostics;
using MqttScion.Udp;

namespace MqttScion.Scion;

/// <summary>
/// Puts another source host and port into a SCION/UDP packet or an SCMP request and keeps its checksum right.
/// </summary>
internal static class SourceRewrite
{
    private const int IdentifierOffset = 4; // Of an SCMP request, which answers are dispatched by.

    /// <param name="packet">The packet as <see cref="HeaderTemplate.Stamp"/> leaves it.</param>
    /// <param name="udpOffset">Where its UDP header starts, in bytes.</param>
    /// <param name="source">An address of the same IP version as the present source host.</param>
    internal static void Apply(Span<byte> packet, int udpOffset, in UdpAddress source) =>
        Apply(packet, packet[udpOffset..], portOffset: 0, ScionUdpHeader.ChecksumOffset, source);

    /// <param name="packet">The packet.</param>
    /// <param name="scmpOffset">Where its SCMP echo or traceroute request starts, in bytes.</param>
    /// <param name="source">An address of the same IP version as the present source host.</param>
    internal static void ApplyToRequest(Span<byte> packet, int scmpOffset, in UdpAddress source) =>
        Apply(packet, packet[scmpOffset..], IdentifierOffset, ScmpMessage.ChecksumOffset, source);

    private static void Apply(
        Span<byte> packet, Span<byte> upperLayer, int portOffset, int checksumOffset, in UdpAddress source)
    {
        const int HostsOffset = ScionPacketReader.CommonHeaderLength + 2 * sizeof(ulong);
        var host = packet.Slice(
            HostsOffset + ScionHost.LengthOf(packet[9] >> 4), ScionHost.LengthOf(packet[9] & 0xf));
        var port = upperLayer.Slice(portOffset, sizeof(ushort));
        var checksum = upperLayer.Slice(checksumOffset, sizeof(ushort));

        // RFC 1624 §3: the complement of the old checksum, less the old words, plus the new ones.
        var old = ScionChecksum.Add(ScionChecksum.Sum(host), ScionChecksum.Sum(port));
        var length = source.CopyAddressTo(host);
        Debug.Assert(length == host.Length, "A NAT keeps the IP version.");
        BinaryPrimitives.WriteUInt16BigEndian(port, source.Port);
        var sum = ScionChecksum.Add(ScionChecksum.Sum(host), ScionChecksum.Sum(port));
        sum = ScionChecksum.Add(sum, ScionChecksum.Word(ScionChecksum.Finish(old)));
        sum = ScionChecksum.Add(sum, ScionChecksum.Word((ushort)~BinaryPrimitives.ReadUInt16BigEndian(checksum)));
        BinaryPrimitives.WriteUInt16BigEndian(checksum, ScionChecksum.Finish(sum));
    }
}
