using MqttScion.Udp;

namespace MqttScion.Scion;

/// <summary>Answers SCMP echo requests that reach this host, as a host without a dispatcher should on port 30041.
/// </summary>
/// <remarks>One thread of its own receives and answers; the members may be called by any thread. Everything else that
/// arrives is dropped and counted.</remarks>
public sealed class ScionEchoResponder : IDisposable
{
    /// <summary>The port to which border routers deliver echo requests.</summary>
    public const ushort DefaultPort = 30041;

    private readonly IUnderlay _underlay;
    private readonly ScionHost _host;
    private readonly HashSet<IsdAs>? _isdAses;
    private readonly byte[] _reply = new byte[UdpReceiveBatch.MaxDatagramBytes];
    private readonly SocketLoop _loop;
    private long _answeredCount;
    private long _droppedCount;

    /// <summary>Starts to answer.</summary>
    /// <param name="underlay">A bound underlay, which the responder then owns; requests must name its address as their
    /// destination host.</param>
    /// <param name="isdAses">The ISD-ASes to answer for; null for any.</param>
    public ScionEchoResponder(IUnderlay underlay, IEnumerable<IsdAs>? isdAses = null)
    {
        ArgumentNullException.ThrowIfNull(underlay);
        _underlay = underlay;
        _host = ScionHost.FromIPAddress(underlay.LocalEndPoint.Address).ToWireForm();
        _isdAses = isdAses?.ToHashSet();
        _loop = new SocketLoop(new Owner(this), [underlay.UdpSocket]);
        _loop.Start($"scion echo {underlay.LocalEndPoint}");
    }

    /// <summary>The requests answered so far.</summary>
    public long AnsweredCount => Interlocked.Read(ref _answeredCount);

    /// <summary>The packets dropped so far: no intact echo request to us, or the answer could not be sent.</summary>
    public long DroppedCount => Interlocked.Read(ref _droppedCount);

    /// <summary>Writes the answer to a packet when it is an echo request.</summary>
    /// <param name="packet">The SCION packet as it arrived.</param>
    /// <param name="reply">Room for as many bytes as the packet has.</param>
    /// <param name="length">The length of the answer in bytes, never more than that of the packet.</param>
    /// <returns>False when the packet is no intact echo request, or its path can't be reversed.</returns>
    public static bool TryAnswer(ReadOnlySpan<byte> packet, Span<byte> reply, out int length)
    {
        length = 0;
        Span<byte> path = stackalloc byte[ScionPacketReader.MaxHeaderLength];
        if (!ScionPacketReader.TryRead(packet, out var request, out _) || request.Protocol != L4Protocol.Scmp
            || !ScmpMessage.TryRead(request.UpperLayer, out var message, out var data, out _)
            || message.Type != ScmpType.EchoRequest || message.Code != 0
            || !ScionChecksum.IsValid(request.AddressHeader, L4Protocol.Scmp, request.UpperLayer)
            || !CanAnswer(request.SourceHost) || !CanAnswer(request.DestinationHost)
            || !PathReversal.TryReverse(request.PathType, request.RawPath, path, out var pathType, out var pathLength))
        {
            return false;
        }
        var header = new ScionHeader(
            request.SourceIsdAs,
            request.SourceHost,
            request.DestinationIsdAs,
            request.DestinationHost,
            pathType,
            L4Protocol.Scmp,
            request.TrafficClass,
            request.FlowId);
        var answer = message with { Type = ScmpType.EchoReply };
        return ScionPacketWriter.TryWriteScmp(reply, header, path[..pathLength], answer, data, out length);
    }

    /// <summary>Ends the thread and closes the underlay.</summary>
    /// <exception cref="AggregateException">A defect had ended the thread.</exception>
    public void Dispose()
    {
        _loop.Dispose();
        if (_loop.Ended.Exception is { } defect)
            throw defect;
    }

    private static bool CanAnswer(in ScionHost host) =>
        host.Kind is ScionHostKind.IPv4 or ScionHostKind.IPv6 && !host.IsIPv4Mapped && !host.IsUnspecified;

    private bool Receive()
    {
        if (!_underlay.TryReceive(out var packet))
            return false;
        if (IsForUs(packet.Bytes) && TryAnswer(packet.Bytes, _reply, out var length)
            && _underlay.Send(_reply.AsSpan(0, length), packet.Sender) == UdpSendResult.Sent)
        {
            Interlocked.Increment(ref _answeredCount);
        }
        else
        {
            Interlocked.Increment(ref _droppedCount);
        }
        return true;
    }

    private bool IsForUs(ReadOnlySpan<byte> packet) =>
        ScionPacketReader.TryReadHeader(packet, out var reader, out _)
        && reader.DestinationHost == _host
        && _isdAses?.Contains(reader.DestinationIsdAs) != false;

    private sealed class Owner(ScionEchoResponder responder) : ISocketLoopOwner
    {
        public TimeSpan? NextTimeout => responder._underlay.NextTimeout;

        public bool Receive(int socketIndex, TimeSpan now) => responder.Receive();

        public void OnTimeout(TimeSpan now) => responder._underlay.OnTimeout(now);

        public bool Flush(TimeSpan now) => false; // Answers have left at once.

        public void OnEnded(Exception? defect) => responder._underlay.Dispose();
    }
}
