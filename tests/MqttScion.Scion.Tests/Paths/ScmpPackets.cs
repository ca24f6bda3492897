namespace MqttScion.Scion.Tests;

/// <summary>Packets from a client in 1-1 to a server in 2-1, and what routers say about them.</summary>
internal static class ScmpPackets
{
    public static readonly ScionEndPoint Client = ScionEndPoint.Parse("[1-1,127.0.0.1]:31000");
    public static readonly ScionEndPoint Server = ScionEndPoint.Parse("[2-1,127.0.0.2]:443");

    /// <summary>A UDP packet over a path.</summary>
    public static byte[] Sent(ScionPath path, int payloadLength = 8)
    {
        var template = new HeaderTemplate(Client, Server, PathType.Scion, path.DataplanePath.Span);
        var packet = new byte[template.Length + payloadLength];
        template.Stamp(packet);
        return packet;
    }

    /// <summary>The same as the router of a hop sees it: pointer moved, SegID changed.</summary>
    public static byte[] SeenAt(byte[] packet, int hop)
    {
        var seen = packet.ToArray();
        ScionPacketReader.TryReadHeader(seen, out var reader, out _).Should().BeTrue();
        var path = seen.AsSpan(reader.PathOffset);
        PathHeader.TryRead(reader.RawPath, out var header, out _).Should().BeTrue();
        header.At(hop).Write(path);
        path[PathHeader.InfoFieldOffset(0) + 2] ^= 0x55;
        return seen;
    }

    /// <summary>An SCMP error as the socket gives it.</summary>
    public static ScionDatagram Error(string from, ScmpMessage scmp, byte[] quote) => new()
    {
        Source = new ScionEndPoint(IsdAs.Parse(from), Client.Host, Port: 0),
        IsScmp = true,
        Scmp = scmp,
        Payload = quote,
    };

    public static ScmpMessage InterfaceDown(string isdAs, ulong id) =>
        new(ScmpType.ExternalInterfaceDown, 0) { IsdAs = IsdAs.Parse(isdAs), Interface = id };

    public static ScmpMessage ConnectivityDown(string isdAs, ulong ingress, ulong egress) =>
        new(ScmpType.InternalConnectivityDown, 0) { IsdAs = IsdAs.Parse(isdAs), Interface = ingress, Egress = egress };
}
