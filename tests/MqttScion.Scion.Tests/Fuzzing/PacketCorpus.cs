using System.Text.Json;

namespace MqttScion.Scion.Tests;

/// <summary>Good packets of every kind: made here, and all those of the vectors where they are present.</summary>
internal static class PacketCorpus
{
    private static readonly InfoField Info = new(false, true, 0x111, 0x100);

    internal static IReadOnlyList<byte[]> Packets { get; } = [.. Own(), .. VectorFile.IsPresent ? OfVectors() : []];

    private static IEnumerable<byte[]> Own()
    {
        var standard = StandardPath(3, 4, 2);
        var oneHop = new byte[OneHopPath.Length];
        new OneHopPath(Info, Hop(1), Hop(2)).Write(oneHop);
        byte[] epic = [.. new byte[EpicFields.Length], .. standard];
        byte[] udp = [0x05, 0, 0, 80, 0, 24, 0, 0, .. "sixteen bytes ok"u8];
        yield return Build(PathType.Scion, standard, L4Protocol.Udp, udp);
        yield return Build(PathType.OneHop, oneHop, L4Protocol.Udp, udp);
        yield return Build(PathType.Epic, epic, L4Protocol.EndToEnd, [.. Authenticated(), .. udp]);
        yield return Build(PathType.Scion, StandardPath(63), L4Protocol.Udp, udp);
        yield return Build(PathType.Scion, StandardPath(24, 24, 16), L4Protocol.HopByHop, [17, 0, 1, 0, .. udp]);
        foreach (var (type, length) in new[] { (8, 4), (1, 8), (14, 12), (7, 16), (4, 4), (3, 16) })
        {
            var host = ScionHost.FromWire(type, new byte[length]);
            var header = PacketBuilder.Header with { SourceHost = host, NextHeader = L4Protocol.Udp };
            yield return PacketBuilder.Build(header, [], udp);
        }
        foreach (var type in Enum.GetValues<ScmpType>())
            yield return Scmp(type, Build(PathType.Scion, standard, L4Protocol.Udp, udp));
        yield return Scmp(ScmpType.ExternalInterfaceDown, Scmp(ScmpType.TracerouteRequest, []));
    }

    private static IEnumerable<byte[]> OfVectors()
    {
        foreach (var name in VectorFile.Names("packets/*.bin"))
            yield return VectorFile.Bytes(name);
        yield return Build(PathType.Scion, VectorFile.Json("path.json").Hex("raw_path_hex"), L4Protocol.Bfd, []);
        foreach (var c in VectorFile.Json("scmp.json").Rows("full", 8))
            yield return PacketBuilder.WithPayload(L4Protocol.Scmp, c.Hex("hex"));
        var options = VectorFile.Json("extn.json");
        yield return PacketBuilder.WithPayload(L4Protocol.HopByHop, [.. options.Hex("hbh_xy"), .. new byte[8]]);
        yield return PacketBuilder.WithPayload(L4Protocol.EndToEnd, [.. options.Hex("e2e_yx"), .. new byte[8]]);
        var authenticated = options.GetProperty("spao_option").Hex("e2e_hex");
        yield return PacketBuilder.WithPayload(L4Protocol.EndToEnd, [.. authenticated, .. new byte[8]]);
        foreach (var c in VectorFile.Json("router.json").Rows("forwarding", 10))
            yield return OfRouter(c);
    }

    private static byte[] OfRouter(JsonElement c)
    {
        var lengths = c.GetProperty("seg_len").EnumerateArray().Select(l => l.GetInt32()).ToArray();
        var infoFields = c.GetProperty("infos").EnumerateArray().Select(i => new InfoField(
            i.GetProperty("peer").GetBoolean(),
            i.GetProperty("consdir").GetBoolean(),
            i.GetProperty("segid").GetUInt16(),
            c.GetProperty("timestamp").GetUInt32()));
        var hopFields = c.GetProperty("hops").EnumerateArray().Select(h => new HopField(
            h.GetProperty("exp_time").GetByte(),
            h.GetProperty("in").GetUInt16(),
            h.GetProperty("eg").GetUInt16(),
            h.Hex("mac")));
        var path = PathHeader.Encode(lengths, [.. infoFields], [.. hopFields]);
        PathHeader.TryRead(path, out var header, out _).Should().BeTrue();
        header.At(c.GetProperty("curr_hf").GetInt32()).Write(path);
        return Build(PathType.Scion, path, L4Protocol.Udp, [0x05, 0, 0, 80, 0, 8, 0, 0, .. "actualpayloadbytes"u8]);
    }

    private static byte[] Scmp(ScmpType type, byte[] data)
    {
        var packet = new byte[ScmpMessage.MaxErrorPacketLength];
        var message = new ScmpMessage(type, 0) { Identifier = 7, IsdAs = new IsdAs(1, 2), Interface = 3 };
        var header = PacketBuilder.Header;
        ScionPacketWriter.TryWriteScmp(packet, header, [], message, data, out var length).Should().BeTrue();
        return packet[..length];
    }

    private static byte[] Authenticated()
    {
        var bytes = new byte[32];
        var writer = new ExtensionWriter(bytes);
        new AuthenticatorOption(new AuthenticatorSpi(1), AuthenticatorOption.AesCmac, 2, new byte[16])
            .TryWrite(ref writer).Should().BeTrue();
        writer.TryFinish(L4Protocol.Udp, out _).Should().BeTrue();
        return bytes;
    }

    private static byte[] StandardPath(params int[] lengths) => PathHeader.Encode(
        lengths,
        [.. Enumerable.Repeat(Info, lengths.Length)],
        [.. Enumerable.Range(0, lengths.Sum()).Select(i => Hop((ushort)i))]);

    private static HopField Hop(ushort ingress) => new(63, ingress, 9, [1, 2, 3, 4, 5, 6]);

    private static byte[] Build(PathType type, byte[] path, L4Protocol next, byte[] payload) =>
        PacketBuilder.Build(PacketBuilder.Header with { PathType = type, NextHeader = next }, path, payload);
}
