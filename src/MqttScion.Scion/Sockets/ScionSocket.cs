using System.Net;
using MqttScion.Udp;

namespace MqttScion.Scion;

/// <summary>A SCION/UDP socket: one local ISD-AS, host and port over one underlay.</summary>
/// <remarks>
/// For one loop: one thread receives, sends and waits; only <see cref="Wake"/> may be called by any thread. Nothing is
/// allocated per datagram. The next hop of a datagram is the border router that owns the path's first interface; within
/// one AS (an empty path) it is the destination's host and port itself; for an answer it is the
/// <see cref="ScionDatagram.NextHop"/> of what is answered.
/// </remarks>
public sealed partial class ScionSocket : IDisposable
{
    // A flood of packets that are not for us must not keep the loop from its timers.
    private const int MaxDropsPerReceive = 64;

    private static readonly int ReasonCount = Enum.GetValues<ScionDropReason>().Length;

    private readonly IUnderlay _underlay;
    private readonly long[] _dropCounts = new long[ReasonCount];
    private readonly ScionHost _localHost;
    private readonly UdpAddress _localAddress;
    private readonly Dictionary<ushort, UdpAddress> _routers = [];

    /// <summary>Makes a socket of a bound underlay, which it then owns.</summary>
    /// <param name="localIsdAs">The AS that the underlay's address is in.</param>
    /// <param name="underlay">The underlay.</param>
    /// <param name="routers">For each interface of the AS, the border router that owns it, see
    /// <see cref="LocalAs.Routers"/>; needed only where a dispatcher on port 30041 of this host hands packets on.
    /// </param>
    public ScionSocket(
        IsdAs localIsdAs, IUnderlay underlay, IReadOnlyDictionary<ushort, IPEndPoint>? routers = null)
    {
        ArgumentNullException.ThrowIfNull(underlay);
        _underlay = underlay;
        _localAddress = underlay.LocalEndPoint;
        _localHost = ScionHost.FromIPAddress(underlay.LocalEndPoint.Address).ToWireForm();
        LocalEndPoint = new ScionEndPoint(localIsdAs, _localHost, (ushort)underlay.LocalEndPoint.Port);
        foreach (var (id, router) in routers ?? new Dictionary<ushort, IPEndPoint>())
            _routers.Add(id, router);
    }

    /// <summary>The local ISD-AS, host and port.</summary>
    public ScionEndPoint LocalEndPoint { get; }

    /// <summary>The UDP socket under it, for a loop to wait on.</summary>
    public BatchedUdpSocket UdpSocket => _underlay.UdpSocket;

    /// <summary>Bytes that the underlay puts around each packet, see <see cref="IUnderlay.OverheadBytes"/>.</summary>
    public int OverheadBytes => _underlay.OverheadBytes;

    /// <summary>True while packets that were taken from the system wait for <see cref="TryReceive"/>.</summary>
    public bool HasPackets => _underlay.HasPackets;

    /// <summary>The port of a dispatcher on this host; only a test has another one.</summary>
    internal ushort DispatcherPort { get; init; } = ScionEchoResponder.DefaultPort;

    /// <inheritdoc/>
    public void Dispose() => _underlay.Dispose();

    /// <summary>The number of packets dropped for a reason so far. Any thread may ask.</summary>
    public long DropCount(ScionDropReason reason) => Volatile.Read(ref _dropCounts[(int)reason]);

    /// <summary>Takes the next datagram or SCMP message for this socket, if there is one.</summary>
    /// <param name="datagram">What came; its spans are good until the next call.</param>
    /// <returns>False when nothing is waiting, or when many packets in a row were dropped.</returns>
    public bool TryReceive(out ScionDatagram datagram)
    {
        for (var drops = 0; drops < MaxDropsPerReceive && _underlay.TryReceive(out var packet); drops++)
        {
            if (Examine(packet, out datagram) is not { } reason)
                return true;
            if (reason == ScionDropReason.Malformed && TryTakeStunResponse(packet))
                continue;
            Volatile.Write(ref _dropCounts[(int)reason], _dropCounts[(int)reason] + 1);
        }
        datagram = default;
        return false;
    }

    /// <summary>Stamps the headers into a segment's headroom and sends it.</summary>
    /// <param name="segment">Headroom of <see cref="HeaderTemplate.Length"/> bytes, then the UDP payload.</param>
    /// <param name="template">The headers; made for this socket's <see cref="LocalEndPoint"/>.</param>
    /// <param name="nextHop">The border router, or the neighbour within the AS.</param>
    /// <param name="ecn">The ECN field, in the SCION header and in the packet that carries it; with
    /// <see cref="UdpEcn.NotEct"/> the traffic class stays as the template has it.</param>
    public UdpSendResult Send(
        Span<byte> segment, HeaderTemplate template, in UdpAddress nextHop, UdpEcn ecn = UdpEcn.NotEct)
    {
        ArgumentNullException.ThrowIfNull(template);
        Stamp(segment, segment.Length, template, nextHop, ecn);
        return _underlay.Send(segment, nextHop, ecn);
    }

    /// <summary>Stamps the headers into the headroom of each segment and sends them all, by one call where the system
    /// can.</summary>
    /// <param name="flight">The segments, back to back, each with headroom of <see cref="HeaderTemplate.Length"/> bytes
    /// before its UDP payload.</param>
    /// <param name="segmentSize">The size of each segment, headroom included, in bytes; the last may be shorter, but
    /// has its headroom.</param>
    /// <param name="template">The headers; made for this socket's <see cref="LocalEndPoint"/>.</param>
    /// <param name="nextHop">The border router, or the neighbour within the AS.</param>
    /// <param name="sentCount">The number of segments sent.</param>
    /// <param name="ecn">As for a single segment.</param>
    /// <returns>The result of the first segment that was not sent, or <see cref="UdpSendResult.Sent"/>.</returns>
    public UdpSendResult Send(
        Span<byte> flight,
        int segmentSize,
        HeaderTemplate template,
        in UdpAddress nextHop,
        out int sentCount,
        UdpEcn ecn = UdpEcn.NotEct)
    {
        ArgumentNullException.ThrowIfNull(template);
        ArgumentOutOfRangeException.ThrowIfLessThan(segmentSize, template.Length);
        Stamp(flight, segmentSize, template, nextHop, ecn);
        return _underlay.Send(flight, segmentSize, nextHop, out sentCount, ecn);
    }

    /// <summary>
    /// Sends a whole SCION packet as it is, such as an SCMP message; an echo or traceroute request from the bound
    /// address carries the mapped one where STUN gave one.
    /// </summary>
    public UdpSendResult SendPacket(ReadOnlySpan<byte> packet, in UdpAddress nextHop)
    {
        if (!TryGetMappedRequest(packet, nextHop, out var requestOffset, out var source))
            return _underlay.Send(packet, nextHop);
        var mapped = packet.ToArray();
        SourceRewrite.ApplyToRequest(mapped, requestOffset, source);
        return _underlay.Send(mapped, nextHop);
    }

    /// <summary>Blocks this thread until a packet is waiting, <see cref="Wake"/> is called, or time is up.</summary>
    /// <param name="timeout">The longest wait; <see cref="Timeout.InfiniteTimeSpan"/> for no limit.</param>
    /// <returns>False when time is up. True may be spurious.</returns>
    public bool Wait(TimeSpan timeout) => HasPackets || UdpSocket.Wait(timeout);

    /// <summary>Ends a <see cref="Wait"/>, this one or the next. Any thread may call it.</summary>
    public void Wake() => UdpSocket.Wake();

    private void Stamp(
        Span<byte> flight, int segmentSize, HeaderTemplate template, in UdpAddress nextHop, UdpEcn ecn)
    {
        var isMapped = TryGetMapped(template.Destination.IsdAs, nextHop, out var source);
        while (!flight.IsEmpty)
        {
            var segment = flight[..Math.Min(segmentSize, flight.Length)];
            template.Stamp(segment);
            if (ecn != UdpEcn.NotEct)
                EcnTunnel.Write(segment, ecn);
            if (isMapped)
                SourceRewrite.Apply(segment, template.Length - ScionUdpHeader.Length, source);
            flight = flight[segment.Length..];
        }
    }
}
