using System.Net;
using MqttScion.Scion;
using MqttScion.Udp;

namespace MqttScion.Testnet;

/// <summary>
/// A border router over real UDP sockets: one towards its AS and its sibling routers, and one for each of its
/// interfaces.
/// </summary>
/// <remarks>
/// A <see cref="RouterLoop"/> drives it on its thread: receives, decides (<see cref="RouterPacketProcessor"/>) and
/// sends. The public members may be used by any thread.
/// </remarks>
public sealed class BorderRouter : IDisposable
{
    private readonly RouterPacketProcessor _processor;
    private readonly TimeProvider _time;
    private readonly int _seed;
    private readonly BatchedUdpSocket _internal;
    private readonly List<BatchedUdpSocket> _sockets = [];
    private readonly List<ushort> _interfaces = [];
    private readonly Dictionary<ushort, RouterLink> _links = [];
    private readonly Dictionary<UdpAddress, RouterLink> _siblings = [];
    private readonly byte[] _stunAnswer = new byte[StunMessage.MaxResponseLength];
    private readonly long[] _dropCounts = new long[Enum.GetValues<RouterDropReason>().Length];
    private long _forwardedCount;

    /// <summary>Binds all sockets; links carry nothing until they are connected and a loop drives the router.</summary>
    /// <exception cref="System.Net.Sockets.SocketException">An address is in use or not of this machine.</exception>
    /// <exception cref="ArgumentException">The forwarding key does not have 16 bytes, or an interface id repeats.
    /// </exception>
    internal BorderRouter(BorderRouterOptions options, ServiceTable? services = null)
    {
        (IsdAs, Name, _time, _seed) = (options.IsdAs, options.Name, options.TimeProvider, options.Seed);
        _processor = new RouterPacketProcessor(options, options.InternalAddress.Address, services);
        try
        {
            _internal = Bind(options.InternalAddress);
            foreach (var own in options.Interfaces.Where(each => each.Sibling is null))
            {
                _interfaces.Add(own.Id);
                _links.Add(own.Id, new RouterLink(this, Bind(own.Local), _processor.EgressOf(own.Id).Shaper));
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The AS of the router.</summary>
    public IsdAs IsdAs { get; }

    /// <summary>The name of the router, unique in its AS.</summary>
    public string Name { get; }

    /// <summary>The interfaces that it owns.</summary>
    public IReadOnlyList<ushort> Interfaces => _interfaces;

    /// <summary>Where hosts of the AS send packets that are to leave by an interface of this router.</summary>
    public IPEndPoint InternalEndPoint => _internal.LocalEndPoint;

    /// <summary>The number of packets forwarded, delivered or answered.</summary>
    public long ForwardedCount => Interlocked.Read(ref _forwardedCount);

    /// <summary>The sockets, for a loop to wait on: first the internal one.</summary>
    internal IReadOnlyList<BatchedUdpSocket> Sockets => _sockets;

    /// <summary>Closes the sockets; its loop has ended.</summary>
    public void Dispose()
    {
        foreach (var socket in _sockets)
            socket.Dispose();
        _processor.Dispose();
    }

    /// <summary>The number of packets dropped for a reason so far.</summary>
    public long DropCount(RouterDropReason reason) => Interlocked.Read(ref _dropCounts[(int)reason]);

    /// <summary>The underlay address of our end of a link.</summary>
    /// <exception cref="ArgumentException">The router has no such interface.</exception>
    internal IPEndPoint EndPointOf(ushort interfaceId) => LinkOf(interfaceId).Socket.LocalEndPoint;

    /// <summary>Tells a link where its other end is; packets from elsewhere are not taken.</summary>
    /// <exception cref="ArgumentException">The router has no such interface.</exception>
    internal void Connect(ushort interfaceId, IPEndPoint remote) => LinkOf(interfaceId).Connect(remote);

    /// <summary>What happens to packets that leave by an interface of this router.</summary>
    /// <exception cref="ArgumentException">The router has no such interface.</exception>
    internal LinkShaper ShaperOf(ushort interfaceId) => LinkOf(interfaceId).Shaper;

    /// <summary>Joins this router to another one of its AS; for the time before a loop drives it.</summary>
    /// <returns>What happens to packets from here to the sibling.</returns>
    internal LinkShaper Join(BorderRouter sibling)
    {
        var address = new UdpAddress(sibling.InternalEndPoint);
        var shaper = new LinkShaper(_seed * 65_537 - _siblings.Count - 1, LinkConditions.Perfect);
        var link = new RouterLink(this, _internal, shaper);
        link.Connect(sibling.InternalEndPoint);
        _siblings.Add(address, link);
        foreach (var id in sibling.Interfaces)
            _processor.Add(new RouterEgress(sibling._processor.EgressOf(id).Interface, address, shaper));
        return shaper;
    }

    /// <summary>Takes a packet from one of the <see cref="Sockets"/>; false when none waits.</summary>
    internal bool Receive(RouterLoop loop, int socketIndex)
    {
        if (!_sockets[socketIndex].TryReceive(loop.Buffer, out var sender, out var length, out _))
            return false;
        var interfaceId = socketIndex == 0 ? (ushort)0 : _interfaces[socketIndex - 1];
        var link = socketIndex == 0 ? null : _links[interfaceId];
        var packet = loop.Buffer.AsSpan(0, length);
        if (link is not null && !link.IsFrom(sender))
            Drop(RouterDropReason.UnknownSender);
        else if (link is null && StunMessage.TryReadRequest(packet, out var request))
            AnswerStun(request, sender);
        else
            Act(loop, _processor.Process(packet, interfaceId, sender, _time.GetUtcNow()), packet);
        return true;
    }

    /// <summary>Sends a packet whose way over a slow link has ended, if the link still carries.</summary>
    internal void SendDelayed(in DelayQueue.DelayedPacket packet)
    {
        if (packet.Link.Shaper.Conditions.State == LinkState.Up)
            Count(packet.Link.Send(packet.Bytes));
        else
            Drop(RouterDropReason.LinkCut);
    }

    private RouterLink LinkOf(ushort interfaceId) => _links.TryGetValue(interfaceId, out var link)
        ? link
        : throw new ArgumentException(
            $"The border router {Name} of {IsdAs} has the interfaces {string.Join(", ", _interfaces)}, "
            + $"not {interfaceId}.",
            nameof(interfaceId));

    private BatchedUdpSocket Bind(IPEndPoint local)
    {
        var socket = new BatchedUdpSocket(local);
        _sockets.Add(socket);
        return socket;
    }

    private void AnswerStun(StunTransactionId request, in UdpAddress sender)
    {
        var length = StunMessage.WriteResponse(_stunAnswer, request, sender);
        Count(_internal.Send(_stunAnswer.AsSpan(0, length), sender));
    }

    private void Act(RouterLoop loop, in RouterVerdict verdict, ReadOnlySpan<byte> packet)
    {
        var bytes = verdict.Action == RouterAction.Reply ? _processor.Reply : packet;
        if (verdict.Action == RouterAction.Drop)
            Drop(verdict.DropReason);
        else if (verdict.EgressInterface != 0)
            SendOver(loop, _links[verdict.EgressInterface], bytes);
        else if (_siblings.TryGetValue(verdict.Destination, out var sibling))
            SendOver(loop, sibling, bytes);
        else
            Count(_internal.Send(bytes, verdict.Destination));
    }

    private void SendOver(RouterLoop loop, RouterLink link, ReadOnlySpan<byte> packet)
    {
        if (link.Shaper.IsTransparent)
        {
            Count(link.Send(packet));
            return;
        }
        var now = loop.Now;
        var loss = link.Shaper.Admit(packet.Length, now, out var due, out var copies);
        if (loss != RouterDropReason.None)
        {
            Drop(loss);
            return;
        }
        for (var i = 0; i < copies; i++)
        {
            if (due <= now && link.Shaper.WaitingCount == 0)
                Count(link.Send(packet));
            else
                loop.Delayed.Add(packet, link, due);
        }
    }

    private void Count(UdpSendResult result)
    {
        if (result == UdpSendResult.Sent)
            Interlocked.Increment(ref _forwardedCount);
        else
            Drop(RouterDropReason.SendFailed);
    }

    private void Drop(RouterDropReason reason) => Interlocked.Increment(ref _dropCounts[(int)reason]);
}
