namespace MqttScion.Scion;

/// <summary>The packet that an SCMP error quotes: who sent it, where to, and the start of its payload.</summary>
public readonly ref struct ScmpQuote
{
    private ScmpQuote(ScionPacketReader packet, ushort sourcePort, ushort destinationPort, int payloadOffset)
    {
        Packet = packet;
        Source = new ScionEndPoint(packet.SourceIsdAs, packet.SourceHost, sourcePort);
        Destination = new ScionEndPoint(packet.DestinationIsdAs, packet.DestinationHost, destinationPort);
        Payload = packet.Packet[payloadOffset..];
    }

    /// <summary>The quoted packet; its end may be cut off.</summary>
    public ScionPacketReader Packet { get; }

    /// <summary>Who sent it: the port is that of UDP, or the identifier of an echo or traceroute request.</summary>
    public ScionEndPoint Source { get; }

    /// <summary>Where it was going; port 0 when it was not UDP.</summary>
    public ScionEndPoint Destination { get; }

    /// <summary>What is left of the payload after the UDP header or the fixed part of the SCMP message.</summary>
    public ReadOnlySpan<byte> Payload { get; }

    /// <summary>Reads a quote; false when too little of it is left to tell its sender's port.</summary>
    public static bool TryRead(ReadOnlySpan<byte> quote, out ScmpQuote result)
    {
        result = default;
        if (!ScionPacketReader.TryReadQuote(quote, out var packet, out _))
            return false;
        var upperLayer = packet.UpperLayer;
        if (packet.Protocol == L4Protocol.Udp && upperLayer.Length >= ScionUdpHeader.Length)
        {
            var sourcePort = (ushort)(upperLayer[0] << 8 | upperLayer[1]);
            var destinationPort = (ushort)(upperLayer[2] << 8 | upperLayer[3]);
            var offset = packet.UpperLayerOffset + ScionUdpHeader.Length;
            result = new ScmpQuote(packet, sourcePort, destinationPort, offset);
            return true;
        }
        if (packet.Protocol == L4Protocol.Scmp
            && ScmpMessage.TryRead(upperLayer, out var message, out _, out _)
            && message.Type is ScmpType.EchoRequest or ScmpType.TracerouteRequest)
        {
            var offset = packet.UpperLayerOffset + message.Length;
            result = new ScmpQuote(packet, message.Identifier, destinationPort: 0, offset);
            return true;
        }
        return false;
    }
}
