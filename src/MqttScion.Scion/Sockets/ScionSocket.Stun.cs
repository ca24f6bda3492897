using MqttScion.Udp;

namespace MqttScion.Scion;

/// <content>The address that border routers see when there is a NAT in between.</content>
public sealed partial class ScionSocket
{
    private const int MaxStunMappings = 64;

    private readonly Dictionary<UdpAddress, StunMapping> _stun = [];

    /// <summary>When <see cref="OnTimeout"/> must be called next; null while no router is asked by STUN and the
    /// underlay needs no upkeep.</summary>
    public TimeSpan? NextTimeout
    {
        get
        {
            var next = _underlay.NextTimeout;
            foreach (var mapping in _stun.Values)
                next = next < mapping.NextTimeout ? next : mapping.NextTimeout;
            return next;
        }
    }

    /// <summary>Asks a border router by STUN for our address, and again as long as the socket lives.</summary>
    /// <remarks>
    /// From the answer on, what is sent with a header template to other ASes by that router carries the mapped address
    /// as its source. Packets to any host and port of our ISD-AS are taken. Requests go out from
    /// <see cref="OnTimeout"/>.
    /// </remarks>
    /// <returns>False when 64 other routers are asked already.</returns>
    public bool UseStun(in UdpAddress router)
    {
        if (_stun.ContainsKey(router))
            return true;
        if (_stun.Count == MaxStunMappings)
            return false;
        _stun.Add(router, new StunMapping(router, StunTransactionId.CreateRandom));
        return true;
    }

    /// <summary>Sends the STUN requests that are due, and does what the underlay has to do.</summary>
    /// <param name="now">The loop's time; it never runs backwards and is not negative.</param>
    public void OnTimeout(TimeSpan now)
    {
        if (_underlay.NextTimeout <= now)
            _underlay.OnTimeout(now);
        Span<byte> message = stackalloc byte[StunMessage.RequestLength];
        foreach (var mapping in _stun.Values)
        {
            // A request that can't be sent is as one that got lost: the next one follows.
            if (mapping.TryTakeRequest(now, message, out var length))
                _underlay.Send(message[..length], mapping.Router);
        }
    }

    /// <summary>
    /// True while packets by a router would carry an address that it may not see: it was asked less than 3.5 s ago and
    /// has not answered yet.
    /// </summary>
    public bool IsAwaitingStun(in UdpAddress router) =>
        _stun.TryGetValue(router, out var mapping) && mapping.IsAwaited;

    /// <summary>The source that packets to an ISD-AS by a next hop must carry: the mapped address for other ASes where
    /// there is one, else <see cref="LocalEndPoint"/>.</summary>
    /// <remarks>For packets sent by <see cref="SendPacket"/>; an SCMP identifier must be the port.</remarks>
    public ScionEndPoint SourceTowards(IsdAs destination, in UdpAddress nextHop)
    {
        if (!TryGetMapped(destination, nextHop, out var mapped))
            return LocalEndPoint;
        Span<byte> bytes = stackalloc byte[ScionHost.MaxLength];
        var host = ScionHost.FromWire(_localHost.TypeAndLength, bytes[..mapped.CopyAddressTo(bytes)]);
        return new ScionEndPoint(LocalEndPoint.IsdAs, host, mapped.Port);
    }

    // One branch for sockets without STUN.
    private bool TryGetMapped(IsdAs destination, in UdpAddress nextHop, out UdpAddress mapped)
    {
        mapped = default;
        if (_stun.Count == 0 || destination == LocalEndPoint.IsdAs || !_stun.TryGetValue(nextHop, out var mapping)
            || mapping.Mapped is not { } address)
        {
            return false;
        }
        mapped = address;
        return true;
    }

    private bool TryGetMappedRequest(
        ReadOnlySpan<byte> packet, in UdpAddress nextHop, out int requestOffset, out UdpAddress mapped)
    {
        (requestOffset, mapped) = (0, default);
        if (_stun.Count == 0
            || !ScionPacketReader.TryRead(packet, out var reader, out _)
            || reader.SourceHost != _localHost
            || reader.Protocol != L4Protocol.Scmp
            || !ScmpMessage.TryRead(reader.UpperLayer, out var message, out _, out _)
            || message.Type is not (ScmpType.EchoRequest or ScmpType.TracerouteRequest))
        {
            return false;
        }
        requestOffset = reader.UpperLayerOffset;
        return TryGetMapped(reader.DestinationIsdAs, nextHop, out mapped);
    }

    private bool TryTakeStunResponse(in UdpDatagram packet) =>
        _stun.TryGetValue(packet.Sender, out var mapping) && mapping.TryTakeResponse(packet.Bytes);

    /// <summary>True when packets go to that port of ours: the bound one or a mapped one.</summary>
    private bool IsOurPort(ushort port)
    {
        if (port == LocalEndPoint.Port)
            return true;
        foreach (var mapping in _stun.Values)
        {
            if (mapping.Mapped is { } mapped && mapped.Port == port)
                return true;
        }
        return false;
    }

    /// <summary>True when packets with that source are ours: with the bound address or a mapped one.</summary>
    private bool IsOurs(in ScionEndPoint endPoint)
    {
        if (endPoint == LocalEndPoint)
            return true;
        foreach (var router in _stun.Keys)
        {
            if (endPoint == SourceTowards(destination: default, router))
                return true;
        }
        return false;
    }
}
