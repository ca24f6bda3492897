namespace MqttScion.Scion.Tests;

/// <summary>Answers a packet that was read in the ways an endpoint can, and reads the answers. It allocates.</summary>
internal static class PacketAnswer
{
    internal static void Check(ReadOnlySpan<byte> packet)
    {
        if (!ScionPacketReader.TryRead(packet, out var reader, out var error))
        {
            PacketProbe.Require(error.Message.Length > 0, "an error says nothing");
            return;
        }
        var source = new ScionEndPoint(reader.SourceIsdAs, reader.SourceHost, 1);
        var destination = new ScionEndPoint(reader.DestinationIsdAs, reader.DestinationHost, 2);
        if (ScionUdpHeader.TryRead(reader.UpperLayer, out var udp, out _, out _))
        {
            source = source with { Port = udp.SourcePort };
            destination = destination with { Port = udp.DestinationPort };
        }
        CheckText(source);
        CheckDatagram(reader, source, destination);
        CheckError(reader, packet);
    }

    // Of a service and of an unknown type, not all that the wire carries is in the text.
    private static void CheckText(ScionEndPoint endPoint)
    {
        var isRead = ScionEndPoint.TryParse(endPoint.ToString(), out var read) && read == endPoint;
        var isIP = endPoint.Host.Kind is ScionHostKind.IPv4 or ScionHostKind.IPv6;
        PacketProbe.Require(isRead || !isIP, "an endpoint is not what its text says");
    }

    private static void CheckDatagram(ScionPacketReader reader, ScionEndPoint source, ScionEndPoint destination)
    {
        var template = new HeaderTemplate(
            destination, source, reader.PathType, reader.RawPath, reader.TrafficClass, reader.FlowId);
        var segment = new byte[template.Length + reader.UpperLayer.Length];
        reader.UpperLayer.CopyTo(segment.AsSpan(template.Length));
        template.Stamp(segment);
        Read(segment, out var answer);
        Same(answer.RawPath, reader.RawPath);
        PacketProbe.Require(answer.SourceIsdAs == reader.DestinationIsdAs, "the source is another");
        PacketProbe.Require(answer.DestinationHost == source.Host.ToWireForm(), "the destination is another");
        Same(answer.UpperLayer[ScionUdpHeader.Length..], reader.UpperLayer);
    }

    private static void CheckError(ScionPacketReader reader, ReadOnlySpan<byte> packet)
    {
        var header = new ScionHeader(
            reader.SourceIsdAs,
            reader.SourceHost,
            reader.DestinationIsdAs,
            reader.DestinationHost,
            reader.PathType,
            L4Protocol.Scmp);
        var message = new ScmpMessage(ScmpType.InternalConnectivityDown, 0) { Interface = 1, Egress = 2 };
        var room = new byte[ScmpMessage.MaxErrorPacketLength];
        var isWritten = ScionPacketWriter.TryWriteScmp(
            room, header, reader.RawPath, message, packet, out var length);
        PacketProbe.Require(isWritten, "an SCMP error is not written");
        Read(room.AsSpan(0, length), out var answer);
        var isRead = ScmpMessage.TryRead(answer.UpperLayer, out var read, out var quote, out _);
        PacketProbe.Require(isRead && read == message && answer.IsScmpError, "an SCMP error is another");
        PacketProbe.Require(packet.StartsWith(quote), "a quote is another");
        var isCut = quote.Length < packet.Length;
        PacketProbe.Require(!isCut || length == room.Length, "a quote is cut for nothing");
    }

    private static void Read(ReadOnlySpan<byte> packet, out ScionPacketReader reader)
    {
        PacketProbe.Require(ScionPacketReader.TryRead(packet, out reader, out _), "an answer is not read");
        var isValid = ScionChecksum.IsValid(reader.AddressHeader, reader.Protocol, reader.UpperLayer);
        PacketProbe.Require(isValid, "a checksum is wrong");
    }

    private static void Same(ReadOnlySpan<byte> actual, ReadOnlySpan<byte> expected) =>
        PacketProbe.Require(actual.SequenceEqual(expected), "bytes have changed");
}
