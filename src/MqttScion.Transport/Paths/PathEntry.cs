using System.Net;
using MqttScion.Scion;
using MqttScion.Udp;

namespace MqttScion.Transport;

/// <summary>One path of a connection: how to recognise datagrams that come on it and how to send on it.</summary>
internal sealed class PathEntry
{
    /// <summary>
    /// Every path must carry so many bytes of QUIC (RFC 9000 §14), and a connection starts with them: what a path
    /// source announces knows nothing of our own interface, a VPN or PPPoE.
    /// </summary>
    public const int LeastDatagramBytes = 1200;

    private const int MostDatagramBytes = 1400;

    private readonly byte[] _receivedPath;
    private readonly PathType _receivedType;
    private int _overheadBytes;
    private int _largestBytes = int.MaxValue;

    private PathEntry(
        int pathId,
        ScionEndPoint remote,
        PathType receivedType,
        byte[] receivedPath,
        HeaderTemplate? template,
        UdpAddress nextHop)
    {
        PathId = pathId;
        Remote = remote;
        _receivedType = receivedType;
        _receivedPath = receivedPath;
        Template = template;
        NextHop = nextHop;
    }

    /// <summary>The engine's name for the path.</summary>
    public int PathId { get; }

    public ScionEndPoint Remote { get; }

    /// <summary>The headers of packets that we send on the path; null on IP.</summary>
    public HeaderTemplate? Template { get; }

    /// <summary>The IP address to which they go.</summary>
    public UdpAddress NextHop { get; }

    /// <summary>The bytes that SCION and UDP headers take; none on IP.</summary>
    public int Headroom => Template?.Length ?? 0;

    /// <summary>Up to which size datagrams are probed for (RFC 8899).</summary>
    public int MaxProbedDatagramBytes { get; private set; } = MostDatagramBytes;

    /// <summary>The path as the path source described it; null for one that the peer chose, and on IP.</summary>
    public ScionPath? Path { get; private init; }

    /// <summary>When a datagram last came on the path, in the loop's time.</summary>
    public TimeSpan LastReceived { get; set; }

    /// <summary>
    /// When the path was last in doubt, in the loop's time; null for never. Something that came since dispels it.
    /// </summary>
    public TimeSpan? DoubtedAt { get; set; }

    /// <summary>True when nothing came on the path since it was in doubt.</summary>
    public bool IsDoubtful => LastReceived <= DoubtedAt;

    /// <summary>An entry for an address on IP.</summary>
    public static PathEntry FromAddress(int pathId, ScionEndPoint remote, in UdpAddress address) =>
        new(pathId, remote, PathType.Empty, receivedPath: [], template: null, address)
        {
            MaxProbedDatagramBytes = UdpLoopSocket.MaxProbedDatagramBytes,
        };

    /// <summary>An entry for a SCION path that we chose.</summary>
    public static PathEntry FromPath(
        int pathId, ScionEndPoint local, ScionEndPoint remote, ScionPath path, int overheadBytes = 0)
    {
        var raw = path.DataplanePath;
        var type = path.IsLocal ? PathType.Empty : PathType.Scion;
        var template = new HeaderTemplate(local, remote, type, raw.Span);
        // The answer to a path comes on its reverse, which at our end reads like our own path reversed.
        var received = new byte[raw.Length];
        if (!PathReversal.TryReverse(type, raw.Span, received, out var receivedType, out _))
        {
            throw new ArgumentException($"The data plane path of {path} can't be reversed.", nameof(path));
        }
        var nextHop = path.NextHop ?? HostOf(remote);
        var entry = new PathEntry(pathId, remote, receivedType, received, template, nextHop)
        {
            Path = path,
            _overheadBytes = overheadBytes,
        };
        entry.LimitMtu(path.Mtu);
        return entry;
    }

    /// <summary>An entry for the reverse of the path on which a datagram came.</summary>
    public static bool TryReverse(int pathId, ScionEndPoint local, in ScionDatagram datagram, out PathEntry? entry)
    {
        entry = null;
        var reversed = new byte[datagram.RawPath.Length];
        if (!PathReversal.TryReverse(datagram.PathType, datagram.RawPath, reversed, out var type, out var length))
        {
            return false;
        }
        var template = new HeaderTemplate(local, datagram.Source, type, reversed.AsSpan(0, length));
        entry = new PathEntry(
            pathId,
            datagram.Source,
            datagram.PathType,
            datagram.RawPath.ToArray(),
            template,
            datagram.NextHop);
        return true;
    }

    /// <summary>
    /// Takes the size, in bytes, of SCION packets that the path is said to carry where nothing is around them.
    /// </summary>
    public void LimitMtu(int mtu) => MaxProbedDatagramBytes = Math.Clamp(
        mtu - _overheadBytes - Headroom, LeastDatagramBytes, Math.Min(MostDatagramBytes, _largestBytes));

    /// <summary>A datagram of QUIC was larger than what our own interface, or one on the way, lets through.</summary>
    public void LimitDatagrams(int maxBytes)
    {
        _largestBytes = Math.Max(LeastDatagramBytes, Math.Min(_largestBytes, maxBytes));
        MaxProbedDatagramBytes = Math.Min(MaxProbedDatagramBytes, _largestBytes);
    }

    /// <summary>True when a datagram came on this path.</summary>
    public bool Matches(in ScionDatagram datagram) =>
        datagram.PathType == _receivedType
        && datagram.Source == Remote
        && datagram.RawPath.SequenceEqual(_receivedPath);

    /// <summary>
    /// True when a quoted packet was sent on this path: routers move the pointers, SegIDs and flags, but not what else
    /// is in a hop field.
    /// </summary>
    public bool HasSent(in ScionPacketReader packet)
    {
        if (Template is not { } template)
        {
            return false;
        }
        var sent = template.RawPath;
        var quoted = packet.RawPath;
        if (packet.PathType != template.PathType
            || !PathHeader.TryRead(sent, out var header, out _)
            || !PathHeader.TryRead(quoted, out var other, out _)
            || header.At(hop: 0) != other.At(hop: 0))
        {
            return false;
        }
        for (var i = 0; i < header.HopFieldCount; i++)
        {
            var hop = header.ReadHopField(sent, i);
            var hopQuoted = other.ReadHopField(quoted, i);
            if ((hop.ConsIngress, hop.ConsEgress, hop.Mac)
                != (hopQuoted.ConsIngress, hopQuoted.ConsEgress, hopQuoted.Mac))
            {
                return false;
            }
        }
        return true;
    }

    /// <summary>True when the path leads over an interface of this number in some AS.</summary>
    public bool HasInterface(ulong interfaceId)
    {
        if (Template is not { } template || !PathHeader.TryRead(template.RawPath, out var header, out _))
        {
            return false;
        }
        for (var i = 0; i < header.HopFieldCount; i++)
        {
            var hop = header.ReadHopField(template.RawPath, i);
            if (hop.ConsIngress == interfaceId || hop.ConsEgress == interfaceId)
            {
                return true;
            }
        }
        return false;
    }

    /// <summary>True when this entry is to be forgotten before another.</summary>
    public bool IsLessThan(PathEntry other) =>
        (Path is null) == (other.Path is null) ? LastReceived < other.LastReceived : Path is null;

    private static IPEndPoint HostOf(ScionEndPoint remote) =>
        remote.TryGetIPEndPoint(out var endPoint)
            ? endPoint
            : throw new ArgumentException($"{remote} names no IP host, and there is no path to a router.");
}
