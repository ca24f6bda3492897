using MqttScion.Udp;

namespace MqttScion.Scion;

/// <content>What is taken of the packets that arrive, and what becomes of the rest.</content>
public sealed partial class ScionSocket
{
    private ScionDropReason? Examine(scoped in UdpDatagram packet, out ScionDatagram datagram)
    {
        datagram = default;
        if (!ScionPacketReader.TryRead(packet.Bytes, out var reader, out _))
            return ScionDropReason.Malformed;
        if (reader.DestinationIsdAs != LocalEndPoint.IsdAs || (!IsRelaxed && reader.DestinationHost != _localHost))
            return ScionDropReason.NotForUs;
        var host = reader.SourceHost;
        if (host.Kind is not (ScionHostKind.IPv4 or ScionHostKind.IPv6) || host.IsIPv4Mapped)
            return ScionDropReason.BadSource;
        return reader.Protocol switch
        {
            L4Protocol.Udp => ExamineUdp(reader, packet, out datagram),
            L4Protocol.Scmp => ExamineScmp(reader, packet, out datagram),
            _ => ScionDropReason.UnknownProtocol,
        };
    }

    // Behind a NAT, packets carry whatever address a border router saw.
    private bool IsRelaxed => _stun.Count > 0;

    private ScionDropReason? ExamineUdp(
        ScionPacketReader reader, scoped in UdpDatagram packet, out ScionDatagram datagram)
    {
        datagram = default;
        var upperLayer = packet.Bytes[reader.UpperLayerOffset..];
        if (!ScionUdpHeader.TryRead(upperLayer, out var udp, out var payloadLength, out _))
            return ScionDropReason.MalformedUpperLayer;
        if (!IsRelaxed && udp.DestinationPort != LocalEndPoint.Port)
            return ScionDropReason.NotForUs;
        if (udp.Checksum != 0 && !HasValidChecksum(reader))
            return ScionDropReason.BadChecksum;
        datagram = new ScionDatagram
        {
            Source = new ScionEndPoint(reader.SourceIsdAs, reader.SourceHost, udp.SourcePort),
            UnderlaySender = packet.Sender,
            NextHop = NextHopOfAnswer(reader, packet.Sender, udp.SourcePort),
            PathType = reader.PathType,
            RawPath = reader.RawPath,
            TrafficClass = reader.TrafficClass,
            Ecn = EcnTunnel.Combine((UdpEcn)(reader.TrafficClass & 0b11), packet.Ecn),
            Payload = upperLayer.Slice(ScionUdpHeader.Length, payloadLength),
        };
        return null;
    }

    private ScionDropReason? ExamineScmp(
        ScionPacketReader reader, scoped in UdpDatagram packet, out ScionDatagram datagram)
    {
        datagram = default;
        var upperLayer = packet.Bytes[reader.UpperLayerOffset..];
        if (!ScmpMessage.TryRead(upperLayer, out var message, out var data, out _))
            return ScionDropReason.MalformedUpperLayer;
        var hasChecksum = upperLayer.Slice(ScmpMessage.ChecksumOffset, sizeof(ushort)).ContainsAnyExcept((byte)0);
        if (hasChecksum && !HasValidChecksum(reader))
            return ScionDropReason.BadChecksum;
        if (!IsAboutUs(message, data))
            return ScionDropReason.UnrelatedScmp;
        datagram = new ScionDatagram
        {
            Source = new ScionEndPoint(reader.SourceIsdAs, reader.SourceHost, Port: 0),
            UnderlaySender = packet.Sender,
            NextHop = NextHopOfAnswer(reader, packet.Sender, DispatcherPort),
            PathType = reader.PathType,
            RawPath = reader.RawPath,
            TrafficClass = reader.TrafficClass,
            Ecn = EcnTunnel.Combine((UdpEcn)(reader.TrafficClass & 0b11), packet.Ecn),
            Payload = upperLayer[message.Length..],
            IsScmp = true,
            Scmp = message,
        };
        return null;
    }

    private bool IsAboutUs(in ScmpMessage message, ReadOnlySpan<byte> data)
    {
        if (message.IsError)
            return ScmpQuote.TryRead(data, out var quote) && IsOurs(quote.Source);
        return message.Type is ScmpType.EchoReply or ScmpType.TracerouteReply && IsOurPort(message.Identifier);
    }

    // An answer goes to whoever handed the packet over: a border router, or the neighbour itself. Only a dispatcher on
    // our own host takes no answers; behind it, the path tells the router, or the packet the neighbour.
    private UdpAddress NextHopOfAnswer(ScionPacketReader reader, in UdpAddress sender, ushort sourcePort)
    {
        if (sender.Port != DispatcherPort || !(sender.IsLoopback || sender.HasSameHost(_localAddress)))
            return sender;
        if (reader.PathType == PathType.Empty)
        {
            var neighbour = new ScionEndPoint(reader.SourceIsdAs, reader.SourceHost, sourcePort);
            return neighbour.TryGetUdpAddress(out var address) ? address : sender;
        }
        return ArrivalInterface(reader) is { } id && _routers.TryGetValue(id, out var router) ? router : sender;
    }

    /// <summary>The interface of our AS by which a packet came in: that of its current hop field.</summary>
    private static ushort? ArrivalInterface(ScionPacketReader reader)
    {
        var path = reader.StandardPath;
        if (!PathHeader.TryRead(path, out var header, out _) || !header.IsConsistent)
            return null;
        var hop = header.ReadHopField(path, header.CurrentHopField);
        return PathHeader.ReadInfoField(path, header.CurrentInfoField).ConsDir ? hop.ConsIngress : hop.ConsEgress;
    }

    private static bool HasValidChecksum(ScionPacketReader reader) =>
        ScionChecksum.IsValid(reader.AddressHeader, reader.Protocol, reader.UpperLayer);
}
