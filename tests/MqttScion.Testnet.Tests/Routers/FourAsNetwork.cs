using System.Net;
using MqttScion.Scion;
using MqttScion.Udp;

namespace MqttScion.Testnet.Tests;

/// <summary>
/// Leaf 1-1 below core 1-10, a link to core 1-20, leaf 1-2 below that; one router each, over loopback.
/// </summary>
/// <remarks>The path from 1-1 to 1-2 has an up, a core and a down segment, thus two segment changes.</remarks>
internal sealed class FourAsNetwork : IDisposable
{
    internal const ushort LeafUp = 1;
    internal const ushort CoreDown = 2;
    internal const ushort CoreCore = 3;

    private const uint Timestamp = 1_700_000_000;
    private readonly IReadOnlyList<BorderRouter> _routers;
    private readonly bool _isCoreConsDir;
    private readonly RouterLoop _loop;

    internal FourAsNetwork(bool isCoreConsDir = true, int mtu = 0)
    {
        _isCoreConsDir = isCoreConsDir;
        Leaf1 = Router(1, mtu, (LeafUp, LinkType.Parent));
        Core1 = Router(10, mtu, (CoreDown, LinkType.Child), (CoreCore, LinkType.Core));
        Core2 = Router(20, mtu, (CoreDown, LinkType.Child), (CoreCore, LinkType.Core));
        Leaf2 = Router(2, mtu, (LeafUp, LinkType.Parent));
        _routers = [Leaf1, Core1, Core2, Leaf2];
        Join(Leaf1, LeafUp, Core1, CoreDown);
        Join(Core1, CoreCore, Core2, CoreCore);
        Join(Core2, CoreDown, Leaf2, LeafUp);
        _loop = new RouterLoop(_routers, TimeProvider.System);
        Client = Open(Leaf1);
        Server = Open(Leaf2);
    }

    internal BorderRouter Leaf1 { get; }

    internal BorderRouter Core1 { get; }

    internal BorderRouter Core2 { get; }

    internal BorderRouter Leaf2 { get; }

    internal ScionSocket Client { get; }

    internal ScionSocket Server { get; }

    internal IEnumerable<BorderRouter> Routers => _routers;

    public void Dispose()
    {
        Client.Dispose();
        Server.Dispose();
        _loop.Dispose();
        foreach (var router in _routers)
            router.Dispose();
    }

    /// <summary>The path from 1-1 to 1-2.</summary>
    internal byte[] Path()
    {
        var up = new Segment(0x1111, (Core1, 0, CoreDown), (Leaf1, LeafUp, 0));
        var core = _isCoreConsDir
            ? new Segment(0x2222, (Core1, 0, CoreCore), (Core2, CoreCore, 0))
            : new Segment(0x2222, (Core2, 0, CoreCore), (Core1, CoreCore, 0));
        var down = new Segment(0x3333, (Core2, 0, CoreDown), (Leaf2, LeafUp, 0));
        return PathHeader.Encode(
            [2, 2, 2],
            [up.Info(consDir: false), core.Info(_isCoreConsDir), down.Info(consDir: true)],
            [.. up.Hops(consDir: false), .. core.Hops(_isCoreConsDir), .. down.Hops(consDir: true)]);
    }

    internal HeaderTemplate ClientToServer() =>
        new(Client.LocalEndPoint, Server.LocalEndPoint, PathType.Scion, Path());

    internal UdpSendResult SendToServer(string payload) =>
        Send(Client, ClientToServer(), payload, Leaf1.InternalEndPoint);

    internal static UdpSendResult Send(ScionSocket from, HeaderTemplate template, string payload, UdpAddress nextHop)
    {
        var segment = new byte[template.Length + payload.Length];
        System.Text.Encoding.ASCII.GetBytes(payload, segment.AsSpan(template.Length));
        return from.Send(segment, template, nextHop);
    }

    private static byte[] KeyOf(IsdAs isdAs)
    {
        var key = new byte[16];
        key.AsSpan().Fill((byte)isdAs.As);
        return key;
    }

    private static BorderRouter Router(ulong asNumber, int mtu, params (ushort Id, LinkType Type)[] interfaces)
    {
        var isdAs = new IsdAs(1, asNumber);
        return new BorderRouter(new BorderRouterOptions
        {
            IsdAs = isdAs,
            ForwardingKey = KeyOf(isdAs),
            TimeProvider = new FixedWallClock(DateTimeOffset.FromUnixTimeSeconds(Timestamp + 100)),
            Interfaces = interfaces.Select(i => new RouterInterface
            {
                Id = i.Id,
                Type = i.Type,
                Mtu = mtu,
            }).ToList(),
        });
    }

    private static void Join(BorderRouter one, ushort oneId, BorderRouter other, ushort otherId)
    {
        one.Connect(oneId, other.EndPointOf(otherId));
        other.Connect(otherId, one.EndPointOf(oneId));
    }

    private static ScionSocket Open(BorderRouter router) =>
        new(router.IsdAs, new UdpUnderlay(new IPEndPoint(IPAddress.Loopback, 0)));

    /// <summary>A segment with its MACs, in construction order.</summary>
    private sealed class Segment
    {
        private readonly List<HopField> _hops = [];
        private readonly List<ushort> _betas = [];

        internal Segment(ushort segmentId, params (BorderRouter Router, ushort Ingress, ushort Egress)[] entries)
        {
            var beta = segmentId;
            foreach (var (router, ingress, egress) in entries)
            {
                _betas.Add(beta);
                var mac = new byte[HopMac.Length];
                HopMac.Compute(KeyOf(router.IsdAs), beta, Timestamp, 63, ingress, egress, mac);
                var hop = new HopField(expTime: 63, ingress, egress, mac);
                _hops.Add(hop);
                beta ^= hop.SegIdUpdate;
            }
        }

        internal InfoField Info(bool consDir) => new(false, consDir, consDir ? _betas[0] : _betas[^1], Timestamp);

        internal IEnumerable<HopField> Hops(bool consDir) => consDir ? _hops : Enumerable.Reverse(_hops);
    }

    /// <summary>A wall clock that stands still; timestamps still run.</summary>
    private sealed class FixedWallClock(DateTimeOffset now) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => now;
    }
}
