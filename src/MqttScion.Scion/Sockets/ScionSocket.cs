using MqttScion.Udp;

namespace MqttScion.Scion;

/// <summary>A SCION/UDP socket: one local ISD-AS, host and port over one underlay.</summary>
/// <remarks>
/// For one loop: one thread receives, sends and waits; only <see cref="Wake"/> may be called by any thread. Nothing is
/// allocated per datagram. The next hop of a datagram is the border router that owns the path's first interface; within
/// one AS (an empty path) it is the destination's host and port itself; for an answer it is the
/// <see cref="ScionDatagram.UnderlaySender"/> of what is answered.
/// </remarks>
public sealed class ScionSocket : IDisposable
{
    private const int BufferBytes = 65535;

    // A flood of packets that are not for us must not keep the loop from its timers.
    private const int MaxDropsPerReceive = 64;

    private static readonly int ReasonCount = Enum.GetValues<ScionDropReason>().Length;

    private readonly IUnderlay _underlay;
    private readonly byte[] _buffer = GC.AllocateUninitializedArray<byte>(BufferBytes, pinned: true);
    private readonly long[] _dropCounts = new long[ReasonCount];
    private readonly ScionHost _localHost;

    /// <summary>Makes a socket of a bound underlay, which it then owns.</summary>
    public ScionSocket(IsdAs localIsdAs, IUnderlay underlay)
    {
        ArgumentNullException.ThrowIfNull(underlay);
        _underlay = underlay;
        _localHost = ScionHost.FromIPAddress(underlay.LocalEndPoint.Address).ToWireForm();
        LocalEndPoint = new ScionEndPoint(localIsdAs, _localHost, (ushort)underlay.LocalEndPoint.Port);
    }

    /// <summary>The local ISD-AS, host and port.</summary>
    public ScionEndPoint LocalEndPoint { get; }

    /// <inheritdoc/>
    public void Dispose() => _underlay.Dispose();

    /// <summary>The number of packets dropped for a reason so far. Any thread may ask.</summary>
    public long DropCount(ScionDropReason reason) => Volatile.Read(ref _dropCounts[(int)reason]);

    /// <summary>Takes the next datagram or SCMP message for this socket, if there is one.</summary>
    /// <param name="datagram">What came; its spans are good until the next call.</param>
    /// <returns>False when nothing is waiting, or when many packets in a row were dropped.</returns>
    public bool TryReceive(out ScionDatagram datagram)
    {
        for (var drops = 0; drops < MaxDropsPerReceive; drops++)
        {
            if (!_underlay.TryReceive(_buffer, out var length, out var sender))
                break;
            if (Examine(_buffer.AsSpan(0, length), sender, out datagram) is not { } reason)
                return true;
            Volatile.Write(ref _dropCounts[(int)reason], _dropCounts[(int)reason] + 1);
        }
        datagram = default;
        return false;
    }

    /// <summary>Stamps the headers into a segment's headroom and sends it.</summary>
    /// <param name="segment">Headroom of <see cref="HeaderTemplate.Length"/> bytes, then the UDP payload.</param>
    /// <param name="template">The headers; made for this socket's <see cref="LocalEndPoint"/>.</param>
    /// <param name="nextHop">The border router, or the neighbour within the AS.</param>
    public UdpSendResult Send(Span<byte> segment, HeaderTemplate template, in UdpAddress nextHop)
    {
        ArgumentNullException.ThrowIfNull(template);
        template.Stamp(segment);
        return _underlay.Send(segment, nextHop);
    }

    /// <summary>Sends a whole SCION packet as it is, such as an SCMP message.</summary>
    public UdpSendResult SendPacket(ReadOnlySpan<byte> packet, in UdpAddress nextHop) =>
        _underlay.Send(packet, nextHop);

    /// <summary>Blocks this thread until a packet is waiting, <see cref="Wake"/> is called, or time is up.</summary>
    /// <param name="timeout">The longest wait; <see cref="Timeout.InfiniteTimeSpan"/> for no limit.</param>
    /// <returns>False when time is up. True may be spurious.</returns>
    public bool Wait(TimeSpan timeout) => _underlay.Wait(timeout);

    /// <summary>Ends a <see cref="Wait"/>, this one or the next. Any thread may call it.</summary>
    public void Wake() => _underlay.Wake();

    private ScionDropReason? Examine(Span<byte> packet, UdpAddress sender, out ScionDatagram datagram)
    {
        datagram = default;
        if (!ScionPacketReader.TryRead(packet, out var reader, out _))
            return ScionDropReason.Malformed;
        if (reader.DestinationIsdAs != LocalEndPoint.IsdAs || reader.DestinationHost != _localHost)
            return ScionDropReason.NotForUs;
        var host = reader.SourceHost;
        if (host.Kind is not (ScionHostKind.IPv4 or ScionHostKind.IPv6) || host.IsIPv4Mapped)
            return ScionDropReason.BadSource;
        var upperLayer = packet[reader.UpperLayerOffset..];
        return reader.Protocol switch
        {
            L4Protocol.Udp => ExamineUdp(reader, upperLayer, sender, out datagram),
            L4Protocol.Scmp => ExamineScmp(reader, upperLayer, sender, out datagram),
            _ => ScionDropReason.UnknownProtocol,
        };
    }

    private ScionDropReason? ExamineUdp(
        ScionPacketReader reader, Span<byte> upperLayer, UdpAddress sender, out ScionDatagram datagram)
    {
        datagram = default;
        if (!ScionUdpHeader.TryRead(upperLayer, out var udp, out var payloadLength, out _))
            return ScionDropReason.MalformedUpperLayer;
        if (udp.DestinationPort != LocalEndPoint.Port)
            return ScionDropReason.NotForUs;
        if (udp.Checksum != 0 && !HasValidChecksum(reader))
            return ScionDropReason.BadChecksum;
        datagram = new ScionDatagram
        {
            Source = new ScionEndPoint(reader.SourceIsdAs, reader.SourceHost, udp.SourcePort),
            UnderlaySender = sender,
            PathType = reader.PathType,
            RawPath = reader.RawPath,
            TrafficClass = reader.TrafficClass,
            Payload = upperLayer.Slice(ScionUdpHeader.Length, payloadLength),
        };
        return null;
    }

    private ScionDropReason? ExamineScmp(
        ScionPacketReader reader, Span<byte> upperLayer, UdpAddress sender, out ScionDatagram datagram)
    {
        datagram = default;
        if (!ScmpMessage.TryRead(upperLayer, out var message, out var data, out _))
            return ScionDropReason.MalformedUpperLayer;
        var hasChecksum = upperLayer.Slice(ScmpMessage.ChecksumOffset, sizeof(ushort)).ContainsAnyExcept((byte)0);
        if (hasChecksum && !HasValidChecksum(reader))
            return ScionDropReason.BadChecksum;
        if (!IsAboutUs(message, data))
            return ScionDropReason.UnrelatedScmp;
        datagram = new ScionDatagram
        {
            Source = new ScionEndPoint(reader.SourceIsdAs, reader.SourceHost, Port: 0),
            UnderlaySender = sender,
            PathType = reader.PathType,
            RawPath = reader.RawPath,
            TrafficClass = reader.TrafficClass,
            Payload = upperLayer[message.Length..],
            IsScmp = true,
            Scmp = message,
        };
        return null;
    }

    private bool IsAboutUs(in ScmpMessage message, ReadOnlySpan<byte> data)
    {
        if (message.IsError)
            return ScmpQuote.TryRead(data, out var quote) && quote.Source == LocalEndPoint;
        return message.Type is ScmpType.EchoReply or ScmpType.TracerouteReply
            && message.Identifier == LocalEndPoint.Port;
    }

    private static bool HasValidChecksum(ScionPacketReader reader) =>
        ScionChecksum.IsValid(reader.AddressHeader, reader.Protocol, reader.UpperLayer);
}
