using MqttScion.Scion;

namespace MqttScion.Testnet;

/// <summary>Which UDP port of a destination host gets a packet: it follows from the upper layer.</summary>
/// <param name="EndhostPort">The port for all that names no port, or one outside the range; customarily 30041.</param>
/// <param name="Range">The ports to which routers deliver.</param>
internal sealed record PortDispatch(ushort EndhostPort, PortRange Range)
{
    /// <summary>Every port is delivered to; the endhost port is the customary one.</summary>
    internal static PortDispatch Open { get; } = new(30041, new PortRange(1, ushort.MaxValue));

    /// <summary>Finds the port; false when the packet is cut short, or an SCMP message without an addressee.</summary>
    internal bool TryGetPort(ReadOnlySpan<byte> packet, out ushort port)
    {
        port = EndhostPort;
        if (!ScionPacketReader.TryRead(packet, out var reader, out _) || !TryGetNamedPort(reader, ref port))
            return false;
        if (!Range.Contains(port))
            port = EndhostPort;
        return true;
    }

    private static bool TryGetNamedPort(ScionPacketReader reader, ref ushort port)
    {
        var upperLayer = reader.UpperLayer;
        switch (reader.Protocol)
        {
            case L4Protocol.Udp or L4Protocol.Tcp when upperLayer.Length >= ScionUdpHeader.Length:
                port = (ushort)(upperLayer[2] << 8 | upperLayer[3]);
                return true;
            case L4Protocol.Udp or L4Protocol.Tcp:
                return false;
            case L4Protocol.Scmp:
                return TryGetScmpPort(upperLayer, ref port);
            default:
                return true;
        }
    }

    private static bool TryGetScmpPort(ReadOnlySpan<byte> upperLayer, ref ushort port)
    {
        if (!ScmpMessage.TryRead(upperLayer, out var message, out var data, out _))
            return false;
        switch (message.Type)
        {
            case ScmpType.EchoRequest or ScmpType.TracerouteRequest:
                return true;
            case ScmpType.EchoReply or ScmpType.TracerouteReply:
                port = message.Identifier;
                return true;
            case var _ when message.IsError && ScmpQuote.TryRead(data, out var quote):
                port = quote.Source.Port;
                return true;
            default:
                return false;
        }
    }
}
