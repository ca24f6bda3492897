namespace MqttScion.Scion.Tests;

/// <summary>
/// Routers and hosts in virtual time: packet in, answer out. Hop fields expire, interfaces can be cut with an SCMP
/// error or silently, alert flags are answered by routers and echo requests by the host at the end.
/// </summary>
internal sealed class ScriptedNetwork(VirtualClock clock)
{
    private readonly Dictionary<ushort, ScionPath> _routes = [];

    /// <summary>Interfaces that drop what would leave by them, and say so.</summary>
    public HashSet<PathInterface> Cut { get; } = [];

    /// <summary>Interfaces that drop what would leave by them, and say nothing.</summary>
    public HashSet<PathInterface> Silent { get; } = [];

    /// <summary>True when the routers do not look at alert flags.</summary>
    public bool IsDeafToAlerts { get; set; }

    /// <summary>How long an answer takes by the exit interface of the path.</summary>
    public Dictionary<ushort, TimeSpan> Rtts { get; } = [];

    /// <summary>How many packets were rejected for expired hop fields.</summary>
    public int ExpiredCount { get; private set; }

    /// <summary>Lets packets through that leave by the path's first interface.</summary>
    public ScionPath Route(ScionPath path) => _routes[path.Interfaces[0].Id] = path;

    /// <summary>The answer to a packet; null when there is none.</summary>
    public byte[]? Answer(ReadOnlySpan<byte> sent)
    {
        var packet = sent.ToArray();
        ScionPacketReader.TryRead(packet, out var reader, out var error).Should().BeTrue($"{error.Message}");
        ScionChecksum.IsValid(reader.AddressHeader, reader.Protocol, reader.UpperLayer).Should().BeTrue();
        if (reader.PathType == PathType.Empty)
            return Echo(reader);
        PathHeader.TryRead(reader.RawPath, out var header, out _).Should().BeTrue();
        var path = packet.AsSpan(reader.PathOffset, header.Length);
        var route = _routes[header.ReadHopField(path, 0).ConsEgress];
        for (var hop = 0; hop < header.HopFieldCount; hop++)
        {
            header.At(hop).Write(path);
            var field = header.ReadHopField(path, hop);
            if (field.Expiry(PathHeader.ReadInfoField(path, 0).Timestamp) < clock.GetUtcNow())
            {
                ExpiredCount++;
                var expired = new ScmpMessage(ScmpType.ParameterProblem, ScmpCode.PathExpired);
                return Error(route, hop, reader, expired);
            }
            var (isd, egress) = (route.Hops[hop].IsdAs, new PathInterface(route.Hops[hop].IsdAs, field.ConsEgress));
            if (IsDeafToAlerts && hop == header.HopFieldCount - 1 && (field.IngressAlert || field.EgressAlert))
                return Error(route, hop, reader, new ScmpMessage(ScmpType.DestinationUnreachable, ScmpCode.NoRoute));
            if (IsDeafToAlerts)
                continue;
            if (field.IngressAlert)
                return Traceroute(route, hop, reader, isd, field.ConsIngress);
            if (field.EgressAlert)
                return Traceroute(route, hop, reader, isd, field.ConsEgress);
            if (Silent.Contains(egress))
                return null;
            if (Cut.Contains(egress))
                return Error(route, hop, reader, ScmpPackets.InterfaceDown($"{isd}", egress.Id));
        }
        return Echo(reader);
    }

    /// <summary>What a socket makes of an answer.</summary>
    public static ScionDatagram Read(byte[] answer)
    {
        ScionPacketReader.TryRead(answer, out var reader, out _).Should().BeTrue();
        ScmpMessage.TryRead(reader.UpperLayer, out var message, out _, out _).Should().BeTrue();
        return new ScionDatagram
        {
            Source = new ScionEndPoint(reader.SourceIsdAs, reader.SourceHost, Port: 0),
            IsScmp = true,
            Scmp = message,
            Payload = answer.AsSpan(reader.UpperLayerOffset + message.Length),
        };
    }

    private static byte[] Echo(ScionPacketReader packet)
    {
        ScmpMessage.TryRead(packet.UpperLayer, out var request, out var data, out _).Should().BeTrue();
        request.Type.Should().Be(ScmpType.EchoRequest);
        return Write(packet, packet.DestinationIsdAs, packet.DestinationHost, Reply(request, ScmpType.EchoReply), data);
    }

    private static ScmpMessage Reply(in ScmpMessage request, ScmpType type) =>
        new(type, 0) { Identifier = request.Identifier, Sequence = request.Sequence };

    private static byte[] Error(ScionPath route, int hop, ScionPacketReader packet, ScmpMessage message) =>
        Write(packet, route.Hops[hop].IsdAs, ScmpPackets.Client.Host, message, packet.Packet);

    private static byte[] Traceroute(ScionPath route, int hop, ScionPacketReader packet, IsdAs isdAs, ushort id)
    {
        ScmpMessage.TryRead(packet.UpperLayer, out var request, out _, out _).Should().BeTrue();
        request.Type.Should().Be(ScmpType.TracerouteRequest);
        var reply = Reply(request, ScmpType.TracerouteReply) with { IsdAs = isdAs, Interface = id };
        return Write(packet, route.Hops[hop].IsdAs, ScmpPackets.Client.Host, reply, []);
    }

    private static byte[] Write(
        ScionPacketReader packet, IsdAs from, ScionHost host, ScmpMessage message, ReadOnlySpan<byte> data)
    {
        var path = new byte[packet.RawPath.Length];
        PathReversal.TryReverse(packet.RawPath, path).Should().BeTrue();
        var header = new ScionHeader(
            packet.SourceIsdAs, packet.SourceHost, from, host, packet.PathType, L4Protocol.Scmp);
        var answer = new byte[2000];
        ScionPacketWriter.TryWriteScmp(answer, header, path, message, data, out var length).Should().BeTrue();
        return answer[..length];
    }
}
