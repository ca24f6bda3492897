using System.Net;
using System.Text;
using System.Text.Json;
using MqttScion.Scion;

namespace MqttScion.Testnet.Tests;

/// <summary>One row of router.json: a router, a packet and what becomes of it.</summary>
internal sealed class RouterCase
{
    internal static readonly DateTimeOffset Now = DateTimeOffset.FromUnixTimeSeconds(1_700_000_100);

    private readonly JsonElement _row;

    private RouterCase(JsonElement row) => _row = row;

    internal string Name => _row.GetProperty("name").GetString()!;

    internal ushort Ingress => _row.GetProperty("ingress_if").GetUInt16();

    internal IsdAs Local => IsdAs.Parse(_row.GetProperty("local_ia").GetString()!);

    internal JsonElement Expected => _row.GetProperty("expect");

    internal string SourceHost { get; init; } = "10.0.200.200";

    internal string DestinationHost { get; init; } = "10.0.100.100";

    internal IReadOnlyList<RouterInterface>? Interfaces { get; init; }

    internal string? SourceIsdAs { get; init; }

    internal string? DestinationIsdAs { get; init; }

    internal static IEnumerable<RouterCase> All() =>
        VectorFile.Json("router.json").GetProperty("forwarding").EnumerateArray().Select(row => new RouterCase(row));

    internal static RouterCase Named(string name) => All().Single(c => c.Name == name);

    internal RouterCase With(
        string? destinationHost = null, string? sourceHost = null, string? destination = null, string? source = null) =>
        new(_row)
        {
            SourceHost = sourceHost ?? SourceHost,
            DestinationHost = destinationHost ?? DestinationHost,
            SourceIsdAs = source,
            DestinationIsdAs = destination,
        };

    internal byte[] Key => Convert.FromHexString(_row.GetProperty("key_hex").GetString()!);

    /// <summary>The same packet at a router that owns other interfaces.</summary>
    internal RouterCase WithInterfaces(params (ushort Id, LinkType Type)[] interfaces) => new(_row)
    {
        Interfaces = [.. interfaces.Select(each => new RouterInterface { Id = each.Id, Type = each.Type })],
    };

    internal RouterPacketProcessor Processor(int scmpPerSecond = 1000)
    {
        var own = _row.GetProperty("own_interfaces").EnumerateObject().Select(i => new RouterInterface
        {
            Id = ushort.Parse(i.Name, provider: null),
            Type = Enum.TryParse<LinkType>(i.Value.GetString(), true, out var type) ? type : LinkType.Parent,
        });
        var siblings = _row.GetProperty("sibling_interfaces").EnumerateObject().Select(i => new RouterInterface
        {
            Id = ushort.Parse(i.Name, provider: null),
            Type = Enum.Parse<LinkType>(i.Value.GetProperty("type").GetString()!, ignoreCase: true),
            Sibling = IPEndPoint.Parse(i.Value.GetProperty("addr").GetString()!),
        });
        var options = new BorderRouterOptions
        {
            IsdAs = Local,
            ForwardingKey = Key,
            Interfaces = Interfaces ?? [.. own, .. siblings],
            ScmpPerSecond = scmpPerSecond,
        };
        return new RouterPacketProcessor(options, IPAddress.Parse("10.0.200.100"));
    }

    internal byte[] Path()
    {
        var timestamp = _row.GetProperty("timestamp").GetUInt32();
        var infoFields = _row.GetProperty("infos").EnumerateArray().Select(i => new InfoField(
            i.GetProperty("peer").GetBoolean(),
            i.GetProperty("consdir").GetBoolean(),
            i.GetProperty("segid").GetUInt16(),
            timestamp)).ToArray();
        var hopFields = _row.GetProperty("hops").EnumerateArray().Select(h => new HopField(
            h.GetProperty("exp_time").GetByte(),
            h.GetProperty("in").GetUInt16(),
            h.GetProperty("eg").GetUInt16(),
            Convert.FromHexString(h.GetProperty("mac").GetString()!))).ToArray();
        var lengths = _row.GetProperty("seg_len").EnumerateArray().Select(l => l.GetInt32()).ToArray();
        var path = PathHeader.Encode(lengths, infoFields, hopFields);
        PathHeader.TryRead(path, out var header, out _).Should().BeTrue();
        header.At(_row.GetProperty("curr_hf").GetInt32()).Write(path);
        return path;
    }

    internal byte[] Packet()
    {
        var payload = Encoding.ASCII.GetBytes("actualpayloadbytes");
        var template = new HeaderTemplate(
            EndPoint(SourceIsdAs ?? _row.GetProperty("src_ia").GetString()!, SourceHost, 50_000),
            EndPoint(DestinationIsdAs ?? _row.GetProperty("dst_ia").GetString()!, DestinationHost, 40_000),
            PathType.Scion,
            Path(),
            trafficClass: 184,
            flowId: 57005);
        var packet = new byte[template.Length + payload.Length];
        payload.CopyTo(packet, template.Length);
        template.Stamp(packet);
        return packet;
    }

    private static ScionEndPoint EndPoint(string isdAs, string host, ushort port) =>
        ScionEndPoint.Parse($"[{isdAs},{host}]:{port}");
}
