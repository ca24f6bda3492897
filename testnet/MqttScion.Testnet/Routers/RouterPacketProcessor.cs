using System.Net;
using MqttScion.Scion;
using MqttScion.Udp;

namespace MqttScion.Testnet;

/// <summary>
/// Decides what a border router does with a packet: packet bytes, ingress interface and time in, a verdict out.
/// </summary>
/// <remarks>
/// No socket and no clock. The packet is changed in place; an answer stands in <see cref="Reply"/> until the next packet.
/// The order of the checks is that of the SCION reference router. Not thread-safe; allocates nothing per packet.
/// </remarks>
internal sealed class RouterPacketProcessor : IDisposable
{
    private const ushort EndhostPort = 30041;

    // Pointers of parameter problems: where the ISD-ASes stand in the address header.
    private const ushort DestinationPointer = ScionPacketReader.CommonHeaderLength;
    private const ushort SourcePointer = DestinationPointer + sizeof(ulong);

    private readonly IsdAs _isdAs;
    private readonly HopMac _mac;
    private readonly RouterReply _reply;
    private readonly Dictionary<ushort, RouterInterface> _interfaces;
    private readonly Dictionary<ushort, UdpAddress> _siblings;
    private readonly HashSet<ushort> _down = [];

    internal RouterPacketProcessor(BorderRouterOptions options, IPAddress internalAddress)
    {
        _isdAs = options.IsdAs;
        _mac = new HopMac(options.ForwardingKey);
        _reply = new RouterReply(_isdAs, ScionHost.FromIPAddress(internalAddress));
        _interfaces = options.Interfaces.ToDictionary(i => i.Id);
        _siblings = options.Interfaces.Where(i => i.Sibling is not null)
            .ToDictionary(i => i.Id, i => new UdpAddress(i.Sibling!));
    }

    /// <summary>The SCMP packet of the last verdict, when that was a reply.</summary>
    internal ReadOnlySpan<byte> Reply => _reply.Packet;

    /// <inheritdoc/>
    public void Dispose() => _mac.Dispose();

    /// <summary>Marks the link behind an interface up or down; down means SCMP answers.</summary>
    internal void SetLinkState(ushort interfaceId, bool isUp)
    {
        if (isUp)
            _down.Remove(interfaceId);
        else
            _down.Add(interfaceId);
    }

    /// <summary>Decides about one packet.</summary>
    /// <param name="bytes">The packet, changed in place.</param>
    /// <param name="ingress">The interface that it came in by; 0 for from inside.</param>
    /// <param name="sender">The underlay address that it came from.</param>
    /// <param name="now">The time, for hop expiry.</param>
    internal RouterVerdict Process(Span<byte> bytes, ushort ingress, UdpAddress sender, DateTimeOffset now)
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
            || (_siblings.TryGetValue(packet.IngressOfHop, out var sibling) && sibling == packet.Sender);
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
        if (!_interfaces.TryGetValue(packet.EgressOfHop, out var egress))
        {
            var code = packet.Info.ConsDir ? ScmpCode.UnknownHopEgressInterface : ScmpCode.UnknownHopIngressInterface;
            return Problem(ref packet, code, packet.HopPointer);
        }
        if (CheckLinkTypes(ref packet, egress.Type) is { } refusal)
            return refusal;
        var isOwn = egress.Sibling is null;
        if (isOwn && packet.HasEgressAlert)
        {
            packet.ClearEgressAlert();
            return _reply.Traceroute(ref packet, egress.Id);
        }
        if (_down.Contains(egress.Id))
            return _reply.Error(ref packet, LinkDown(egress, packet.Ingress));
        if (!isOwn)
            return new RouterVerdict(RouterAction.Deliver, Destination: _siblings[egress.Id]);
        if (egress.Mtu > 0 && packet.Bytes.Length > egress.Mtu)
            return _reply.Error(ref packet, new ScmpMessage(ScmpType.PacketTooBig, 0) { Mtu = (ushort)egress.Mtu });
        if (packet.Info.ConsDir && !packet.IsPeering)
            packet.UpdateSegId(isIngress: false);
        return packet.TryAdvance()
            ? new RouterVerdict(RouterAction.Forward, egress.Id)
            : RouterVerdict.Drop(RouterDropReason.InconsistentPath);
    }

    private RouterVerdict? CheckLinkTypes(scoped ref RouterPacket packet, LinkType egress)
    {
        LinkType? ingress = _interfaces.TryGetValue(packet.Ingress, out var known) ? known.Type : null;
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

    private ScmpMessage LinkDown(RouterInterface egress, ushort ingress) => egress.Sibling is null
        ? new ScmpMessage(ScmpType.ExternalInterfaceDown, 0) { IsdAs = _isdAs, Interface = egress.Id }
        : new ScmpMessage(ScmpType.InternalConnectivityDown, 0)
        {
            IsdAs = _isdAs,
            Interface = ingress,
            Egress = egress.Id,
        };

    private RouterVerdict Deliver(scoped ref RouterPacket packet)
    {
        var host = packet.Header.DestinationHost;
        if (host.Kind == ScionHostKind.Service)
            return _reply.Error(ref packet, new ScmpMessage(ScmpType.DestinationUnreachable, ScmpCode.NoRoute));
        var endPoint = new ScionEndPoint(_isdAs, host, Port: 0);
        if (host.IsIPv4Mapped || host.IsUnspecified || !endPoint.TryGetUdpAddress(out var address))
            return Problem(ref packet, ScmpCode.InvalidDestinationAddress, pointer: 0);
        return TryGetPort(packet.Bytes, out var port)
            ? new RouterVerdict(RouterAction.Deliver, Destination: address.WithPort(port))
            : RouterVerdict.Drop(RouterDropReason.NoDestinationPort);
    }

    /// <summary>The underlay port of an end host: it follows from the upper layer.</summary>
    private static bool TryGetPort(ReadOnlySpan<byte> bytes, out ushort port)
    {
        port = EndhostPort;
        if (!ScionPacketReader.TryRead(bytes, out var reader, out _))
            return false;
        var upperLayer = reader.UpperLayer;
        switch (reader.Protocol)
        {
            case L4Protocol.Udp or L4Protocol.Tcp when upperLayer.Length >= ScionUdpHeader.Length:
                port = (ushort)(upperLayer[2] << 8 | upperLayer[3]);
                break;
            case L4Protocol.Udp or L4Protocol.Tcp:
                return false;
            case L4Protocol.Scmp:
                return TryGetScmpPort(upperLayer, out port);
        }
        return true;
    }

    private static bool TryGetScmpPort(ReadOnlySpan<byte> upperLayer, out ushort port)
    {
        port = EndhostPort;
        if (!ScmpMessage.TryRead(upperLayer, out var message, out var data, out _))
            return false;
        if (message.Type is ScmpType.EchoRequest or ScmpType.TracerouteRequest)
            return true;
        var isError = ScmpQuote.TryRead(data, out var quote) && message.IsError;
        port = isError ? quote.Source.Port : message.Identifier;
        return isError || message.Type is ScmpType.EchoReply or ScmpType.TracerouteReply;
    }

    private RouterVerdict Problem(scoped ref RouterPacket packet, byte code, ushort pointer) =>
        _reply.Error(ref packet, new ScmpMessage(ScmpType.ParameterProblem, code) { ParameterPointer = pointer });
}
