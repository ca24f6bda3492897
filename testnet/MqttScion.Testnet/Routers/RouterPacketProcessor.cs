using System.Net;
using MqttScion.Scion;
using MqttScion.Udp;

namespace MqttScion.Testnet;

/// <summary>
/// Decides what a border router does with a packet: packet bytes, ingress interface and time in, a verdict out.
/// </summary>
/// <remarks>
/// No socket and no clock. The packet is changed in place; an answer stands in <see cref="Reply"/> until the next
/// packet. The order of the checks is that of the SCION reference router. For one loop; allocates nothing per packet.
/// </remarks>
internal sealed class RouterPacketProcessor : IDisposable
{
    // Pointers of parameter problems: where the ISD-ASes stand in the address header.
    private const ushort DestinationPointer = ScionPacketReader.CommonHeaderLength;
    private const ushort SourcePointer = DestinationPointer + sizeof(ulong);

    // What a burst of errors may send at once: a tenth of a second's worth.
    private static readonly TimeSpan ScmpBurst = TimeSpan.FromMilliseconds(100);

    private readonly IsdAs _isdAs;
    private readonly HopMac _mac;
    private readonly RouterReply _reply;
    private readonly PortDispatch _ports;
    private readonly TimeSpan _scmpCost;
    private readonly Dictionary<ushort, RouterEgress> _interfaces = [];
    private TokenBucket _scmpBucket;

    internal RouterPacketProcessor(
        BorderRouterOptions options, IPAddress internalAddress, ServiceTable? services = null)
    {
        _isdAs = options.IsdAs;
        _mac = new HopMac(options.ForwardingKey);
        _reply = new RouterReply(_isdAs, ScionHost.FromIPAddress(internalAddress));
        _ports = options.Ports;
        _scmpCost = TimeSpan.FromSeconds(1) / options.ScmpPerSecond;
        Services = services ?? new ServiceTable();
        foreach (var each in options.Interfaces)
        {
            var shaper = new LinkShaper(options.Seed * 65_537 + each.Id, each.Conditions);
            var sibling = each.Sibling is { } address ? new UdpAddress(address) : default(UdpAddress?);
            Add(new RouterEgress(each, sibling, shaper));
        }
    }

    /// <summary>Where the services of the AS are.</summary>
    internal ServiceTable Services { get; }

    /// <summary>The SCMP packet of the last verdict, when that was a reply.</summary>
    internal ReadOnlySpan<byte> Reply => _reply.Packet;

    /// <inheritdoc/>
    public void Dispose() => _mac.Dispose();

    /// <summary>Adds an interface; for the time before the first packet.</summary>
    internal void Add(RouterEgress egress) => _interfaces.Add(egress.Interface.Id, egress);

    /// <summary>An interface of the AS.</summary>
    /// <exception cref="KeyNotFoundException">There is none with this id.</exception>
    internal RouterEgress EgressOf(ushort interfaceId) => _interfaces[interfaceId];

    /// <summary>Decides about one packet.</summary>
    /// <param name="bytes">The packet, changed in place.</param>
    /// <param name="ingress">The interface that it came in by; 0 for from inside.</param>
    /// <param name="sender">The underlay address that it came from.</param>
    /// <param name="now">The time, for hop expiry.</param>
    internal RouterVerdict Process(Span<byte> bytes, ushort ingress, UdpAddress sender, DateTimeOffset now)
    {
        var verdict = Decide(bytes, ingress, sender, now);
        return verdict.Action != RouterAction.Reply || MayReply(now - DateTimeOffset.UnixEpoch)
            ? verdict
            : RouterVerdict.Drop(RouterDropReason.ScmpRateLimited);
    }

    private bool MayReply(TimeSpan now)
    {
        var paidAt = _scmpBucket.PaidAt(_scmpCost, ScmpBurst + _scmpCost, now);
        if (paidAt > now)
            return false;
        _scmpBucket.Take(paidAt);
        return true;
    }

    private RouterVerdict Decide(Span<byte> bytes, ushort ingress, UdpAddress sender, DateTimeOffset now)
    {
        if (!ScionPacketReader.TryReadHeader(bytes, out var header, out _))
            return RouterVerdict.Drop(RouterDropReason.Malformed);
        if (header.PathType != PathType.Scion)
            return RouterVerdict.Drop(RouterDropReason.UnsupportedPathType);
        if (!PathHeader.TryRead(header.RawPath, out var path, out _) || !path.IsConsistent)
            return RouterVerdict.Drop(RouterDropReason.InconsistentPath);
        var packet = new RouterPacket(bytes, header, path, ingress, sender);
        var isPeering = IsAtPeeringLink(path, packet.PathBytes, out var isWellFormed);
        var hasSingleHop = path.SegmentLength(0) == 1 || path.SegmentLength(1) == 1 || path.SegmentLength(2) == 1;
        if (!isWellFormed || (hasSingleHop && !packet.Info.IsPeering))
            return RouterVerdict.Drop(RouterDropReason.InconsistentPath);
        packet.IsPeering = isPeering;

        if (CheckEntry(ref packet, now) is { } refusal)
            return refusal;
        if (packet.Header.DestinationIsdAs == _isdAs)
            return Deliver(ref packet);
        if (packet.Path.IsCrossover && !packet.IsPeering)
        {
            packet.TryCrossOver();
            if ((CheckExpiry(ref packet, now) ?? CheckMac(ref packet)) is { } secondRefusal)
                return secondRefusal;
        }
        return Forward(ref packet);
    }

    /// <summary>True when the current hop field is one of the two at the peering link of a peering path.</summary>
    /// <param name="path">The meta header.</param>
    /// <param name="pathBytes">The path.</param>
    /// <param name="isWellFormed">False when a peering path does not have exactly two segments.</param>
    internal static bool IsAtPeeringLink(PathHeader path, ReadOnlySpan<byte> pathBytes, out bool isWellFormed)
    {
        isWellFormed = true;
        if (!PathHeader.ReadInfoField(pathBytes, path.CurrentInfoField).IsPeering)
            return false;
        isWellFormed = path.InfoFieldCount == 2;
        return path.CurrentHopField == path.SegmentLength(0) - 1 || path.CurrentHopField == path.SegmentLength(0);
    }

    private RouterVerdict? CheckEntry(scoped ref RouterPacket packet, DateTimeOffset now)
    {
        var refusal = CheckExpiry(ref packet, now) ?? CheckIngress(ref packet) ?? CheckAddresses(ref packet);
        if (refusal is not null)
            return refusal;
        if (!packet.Info.ConsDir && packet.IsFromOutside && !packet.IsPeering)
            packet.UpdateSegId(isIngress: true);
        if (CheckMac(ref packet) is { } macRefusal)
            return macRefusal;
        if (packet.IsFromOutside && packet.HasIngressAlert)
        {
            packet.ClearIngressAlert();
            return _reply.Traceroute(ref packet, packet.Ingress);
        }
        return null;
    }

    private RouterVerdict? CheckExpiry(scoped ref RouterPacket packet, DateTimeOffset now) =>
        packet.Hop.Expiry(packet.Info.Timestamp) < now
            ? Problem(ref packet, ScmpCode.PathExpired, packet.HopPointer)
            : null;

    private RouterVerdict? CheckIngress(scoped ref RouterPacket packet)
    {
        if (packet.IsFromOutside && packet.Ingress != packet.IngressOfHop)
        {
            var code = packet.Info.ConsDir ? ScmpCode.UnknownHopIngressInterface : ScmpCode.UnknownHopEgressInterface;
            return Problem(ref packet, code, packet.HopPointer);
        }
        if (packet.Header.HeaderLength + packet.Header.PayloadLength != packet.Bytes.Length)
            return Problem(ref packet, ScmpCode.InvalidPacketSize, pointer: 0);
        var isFromSibling = packet.IsFromOutside || packet.Path.IsFirstHop
            || (_interfaces.TryGetValue(packet.EntryInterface, out var entry) && entry.Sibling == packet.Sender);
        return isFromSibling ? null : RouterVerdict.Drop(RouterDropReason.WrongSibling);
    }

    private RouterVerdict? CheckAddresses(scoped ref RouterPacket packet)
    {
        var isSourceLocal = packet.Header.SourceIsdAs == _isdAs;
        var isDestinationLocal = packet.Header.DestinationIsdAs == _isdAs;
        var isSourceRight = packet.IsFromOutside ? !isSourceLocal : isSourceLocal || !packet.Path.IsFirstHop;
        if (!isSourceRight)
            return Problem(ref packet, ScmpCode.InvalidSourceAddress, SourcePointer);
        if (isDestinationLocal != (packet.IsFromOutside && packet.Path.IsLastHop))
            return Problem(ref packet, ScmpCode.InvalidDestinationAddress, DestinationPointer);
        var host = packet.Header.SourceHost;
        return isSourceLocal && (host.Kind == ScionHostKind.Unknown || host.IsIPv4Mapped)
            ? Problem(ref packet, ScmpCode.InvalidSourceAddress, pointer: 0)
            : null;
    }

    private RouterVerdict? CheckMac(scoped ref RouterPacket packet)
    {
        var (info, hop) = (packet.Info, packet.Hop);
        var mac = _mac.Compute(info.SegId, info.Timestamp, hop.ExpTime, hop.ConsIngress, hop.ConsEgress);
        return mac == hop.Mac ? null : Problem(ref packet, ScmpCode.InvalidHopMac, packet.HopPointer);
    }

    private RouterVerdict Forward(scoped ref RouterPacket packet)
    {
        // From inside, a packet must go out here: a host that means another router's interface sends it there.
        if (!_interfaces.TryGetValue(packet.EgressOfHop, out var egress)
            || (!packet.IsFromOutside && egress.Sibling is not null))
        {
            var code = packet.Info.ConsDir ? ScmpCode.UnknownHopEgressInterface : ScmpCode.UnknownHopIngressInterface;
            return Problem(ref packet, code, packet.HopPointer);
        }
        if (CheckLinkTypes(ref packet, egress.Interface.Type) is { } refusal)
            return refusal;
        if (egress.Sibling is null && packet.HasEgressAlert)
        {
            packet.ClearEgressAlert();
            return _reply.Traceroute(ref packet, egress.Interface.Id);
        }
        if (egress.IsDown)
            return _reply.Error(ref packet, LinkDown(egress, packet.Ingress));
        if (egress.Sibling is { } sibling)
            return new RouterVerdict(RouterAction.Deliver, Destination: sibling);
        var mtu = egress.Mtu;
        if (mtu > 0 && packet.Bytes.Length > mtu)
            return _reply.Error(ref packet, new ScmpMessage(ScmpType.PacketTooBig, 0) { Mtu = (ushort)mtu });
        if (packet.Info.ConsDir && !packet.IsPeering)
            packet.UpdateSegId(isIngress: false);
        return packet.TryAdvance()
            ? new RouterVerdict(RouterAction.Forward, egress.Interface.Id)
            : RouterVerdict.Drop(RouterDropReason.InconsistentPath);
    }

    private RouterVerdict? CheckLinkTypes(scoped ref RouterPacket packet, LinkType egress)
    {
        LinkType? ingress = _interfaces.TryGetValue(packet.Ingress, out var known) ? known.Interface.Type : null;
        if (packet.HasCrossedOver)
        {
            return (ingress, egress) is (LinkType.Core, LinkType.Child) or (LinkType.Child, LinkType.Core)
                or (LinkType.Child, LinkType.Child)
                ? null
                : Problem(ref packet, ScmpCode.InvalidSegmentChange, packet.InfoPointer);
        }
        return ingress is null || (ingress, egress) is (LinkType.Core, LinkType.Core)
            or (LinkType.Child, LinkType.Parent) or (LinkType.Parent, LinkType.Child)
            or (LinkType.Child, LinkType.Peer) or (LinkType.Peer, LinkType.Child)
            ? null
            : Problem(ref packet, ScmpCode.InvalidPath, packet.HopPointer);
    }

    // A sibling's own link is its own to report; what is known here is the internal link to the sibling.
    private ScmpMessage LinkDown(RouterEgress egress, ushort ingress) => egress.Sibling is null
        ? new ScmpMessage(ScmpType.ExternalInterfaceDown, 0) { IsdAs = _isdAs, Interface = egress.Interface.Id }
        : new ScmpMessage(ScmpType.InternalConnectivityDown, 0)
        {
            IsdAs = _isdAs,
            Interface = ingress,
            Egress = egress.Interface.Id,
        };

    private RouterVerdict Deliver(scoped ref RouterPacket packet)
    {
        var host = packet.Header.DestinationHost;
        if (host.TryGetService(out var service))
        {
            return Services.TryPick(service, out var backend)
                ? new RouterVerdict(RouterAction.Deliver, Destination: backend)
                : _reply.Error(ref packet, new ScmpMessage(ScmpType.DestinationUnreachable, ScmpCode.NoRoute));
        }
        var endPoint = new ScionEndPoint(_isdAs, host, Port: 0);
        if (host.IsIPv4Mapped || host.IsUnspecified || !endPoint.TryGetUdpAddress(out var address))
            return Problem(ref packet, ScmpCode.InvalidDestinationAddress, pointer: 0);
        return _ports.TryGetPort(packet.Bytes, out var port)
            ? new RouterVerdict(RouterAction.Deliver, Destination: address.WithPort(port))
            : RouterVerdict.Drop(RouterDropReason.NoDestinationPort);
    }

    private RouterVerdict Problem(scoped ref RouterPacket packet, byte code, ushort pointer) =>
        _reply.Error(ref packet, new ScmpMessage(ScmpType.ParameterProblem, code) { ParameterPointer = pointer });
}
