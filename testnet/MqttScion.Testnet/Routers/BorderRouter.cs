using System.Collections.Concurrent;
using System.Net;
using MqttScion.Scion;
using MqttScion.Udp;

namespace MqttScion.Testnet;

/// <summary>A border router over real UDP sockets: one towards its AS and one for each of its interfaces.</summary>
/// <remarks>
/// One thread of its own receives, decides (<see cref="RouterPacketProcessor"/>) and sends. The other members may be
/// called by any thread.
/// </remarks>
public sealed class BorderRouter : IDisposable
{
    private const int BufferBytes = 65535;
    private const int MaxPacketsPerSocket = 32;
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(5);

    private readonly RouterPacketProcessor _processor;
    private readonly TimeProvider _time;
    private readonly Random _random;
    private readonly BatchedUdpSocket _internal;
    private readonly Dictionary<ushort, RouterLink> _links = [];
    private readonly RouterLink[] _linksInOrder;
    private readonly UdpPollSet _pollSet;
    private readonly ConcurrentQueue<(ushort InterfaceId, bool IsUp)> _linkStates = new();
    private readonly DelayQueue _delayed = new();
    private readonly byte[] _buffer = GC.AllocateUninitializedArray<byte>(BufferBytes, pinned: true);
    private readonly long[] _dropCounts = new long[Enum.GetValues<RouterDropReason>().Length];
    private readonly Thread _loop;
    private long _forwardedCount;
    private volatile bool _isStopping;

    /// <summary>Binds all sockets and starts; links carry nothing until they are connected.</summary>
    /// <exception cref="System.Net.Sockets.SocketException">An address is in use or not of this machine.</exception>
    /// <exception cref="ArgumentException">The forwarding key does not have 16 bytes, or an interface id repeats.
    /// </exception>
    public BorderRouter(BorderRouterOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        IsdAs = options.IsdAs;
        _time = options.TimeProvider;
        _random = new Random(options.Seed);
        _processor = new RouterPacketProcessor(options, options.InternalAddress.Address);
        try
        {
            _internal = new BatchedUdpSocket(options.InternalAddress);
            foreach (var own in options.Interfaces.Where(i => i.Sibling is null))
                _links.Add(own.Id, new RouterLink(own));
        }
        catch
        {
            CloseSockets();
            throw;
        }
        _linksInOrder = [.. _links.Values];
        _pollSet = new UdpPollSet([_internal, .. _linksInOrder.Select(l => l.Socket)]);
        _loop = new Thread(Run) { IsBackground = true, Name = $"router {IsdAs}" };
        _loop.Start();
    }

    /// <summary>The AS of the router.</summary>
    public IsdAs IsdAs { get; }

    /// <summary>Where hosts of the AS send packets that are to leave by an interface of this router.</summary>
    public IPEndPoint InternalEndPoint => _internal.LocalEndPoint;

    /// <summary>The number of packets forwarded, delivered or answered.</summary>
    public long ForwardedCount => Interlocked.Read(ref _forwardedCount);

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_isStopping)
            return;
        _isStopping = true;
        _pollSet.Wake();
        if (!_loop.Join(StopLimit))
            throw new TimeoutException($"The border router of {IsdAs} did not stop within {StopLimit}.");
        _pollSet.Dispose();
        CloseSockets();
        _delayed.Dispose();
        _processor.Dispose();
    }

    /// <summary>The underlay address of our end of a link.</summary>
    /// <exception cref="ArgumentException">The router has no such interface.</exception>
    public IPEndPoint EndPointOf(ushort interfaceId) => LinkOf(interfaceId).Socket.LocalEndPoint;

    /// <summary>Tells a link where its other end is; packets from elsewhere are not taken.</summary>
    /// <exception cref="ArgumentException">The router has no such interface.</exception>
    public void Connect(ushort interfaceId, IPEndPoint remote) => LinkOf(interfaceId).Connect(remote);

    /// <summary>Marks a link up or down; packets that would leave by a down link are answered by SCMP.</summary>
    /// <exception cref="ArgumentException">The router has no such interface.</exception>
    public void SetLinkState(ushort interfaceId, bool up)
    {
        _linkStates.Enqueue((LinkOf(interfaceId).Id, up));
        _pollSet.Wake();
    }

    /// <summary>What a link does to packets that leave by it.</summary>
    /// <exception cref="ArgumentException">The router has no such interface.</exception>
    public LinkFaults FaultsOf(ushort interfaceId) => LinkOf(interfaceId).Faults;

    /// <summary>The number of packets dropped for a reason so far.</summary>
    public long DropCount(RouterDropReason reason) => Interlocked.Read(ref _dropCounts[(int)reason]);

    private RouterLink LinkOf(ushort interfaceId) => _links.TryGetValue(interfaceId, out var link)
        ? link
        : throw new ArgumentException(
            $"The border router of {IsdAs} has the interfaces {string.Join(", ", _links.Keys)}, not {interfaceId}.",
            nameof(interfaceId));

    private void Run()
    {
        while (!_isStopping)
        {
            _pollSet.Wait(UntilNextDue());
            if (_pollSet.IsReadable(0))
                ReceiveFrom(_internal, link: null);
            for (var i = 0; i < _linksInOrder.Length; i++)
            {
                if (_pollSet.IsReadable(i + 1))
                    ReceiveFrom(_linksInOrder[i].Socket, _linksInOrder[i]);
            }
            SendDelayed();
        }
    }

    private TimeSpan UntilNextDue()
    {
        if (_delayed.NextDue is not { } due)
            return Timeout.InfiniteTimeSpan;
        var now = _time.GetTimestamp();
        return due <= now ? TimeSpan.Zero : _time.GetElapsedTime(now, due);
    }

    private void ReceiveFrom(BatchedUdpSocket socket, RouterLink? link)
    {
        for (var i = 0; i < MaxPacketsPerSocket; i++)
        {
            if (!socket.TryReceive(_buffer, out var sender, out var length, out _))
                return;
            if (link is not null && !link.IsFrom(sender))
            {
                Drop(RouterDropReason.UnknownSender);
                continue;
            }
            TakeLinkStates();
            var packet = _buffer.AsSpan(0, length);
            Act(_processor.Process(packet, link?.Id ?? 0, sender, _time.GetUtcNow()), packet);
        }
    }

    // For each packet: one that was sent after a change must meet it, however full the sockets were before.
    private void TakeLinkStates()
    {
        while (_linkStates.TryDequeue(out var change))
            _processor.SetLinkState(change.InterfaceId, change.IsUp);
    }

    private void Act(in RouterVerdict verdict, ReadOnlySpan<byte> packet)
    {
        var bytes = verdict.Action == RouterAction.Reply ? _processor.Reply : packet;
        if (verdict.Action == RouterAction.Drop)
            Drop(verdict.DropReason);
        else if (verdict.EgressInterface != 0)
            SendOut(_links[verdict.EgressInterface], bytes);
        else
            Count(_internal.Send(bytes, verdict.Destination));
    }

    private void SendOut(RouterLink link, ReadOnlySpan<byte> packet)
    {
        var faults = link.Faults;
        var (lossRate, delay) = (faults.LossRate, faults.Delay);
        if (faults.IsCut)
            Drop(RouterDropReason.LinkCut);
        else if (lossRate > 0 && _random.NextDouble() < lossRate)
            Drop(RouterDropReason.LinkLoss);
        else if (delay == TimeSpan.Zero)
            Count(link.Send(packet));
        else if (!_delayed.TryAdd(packet, link.Id, _time.GetTimestamp() + ToTimestampUnits(delay)))
            Drop(RouterDropReason.LinkQueueFull);
    }

    private void SendDelayed()
    {
        while (_delayed.TryTake(_time.GetTimestamp(), out var packet))
        {
            Count(_links[packet.InterfaceId].Send(packet.Bytes));
            DelayQueue.Return(packet);
        }
    }

    private long ToTimestampUnits(TimeSpan delay) =>
        (long)(delay.Ticks * ((double)_time.TimestampFrequency / TimeSpan.TicksPerSecond));

    private void Count(UdpSendResult result)
    {
        if (result == UdpSendResult.Sent)
            Interlocked.Increment(ref _forwardedCount);
        else
            Drop(RouterDropReason.SendFailed);
    }

    private void Drop(RouterDropReason reason) => Interlocked.Increment(ref _dropCounts[(int)reason]);

    private void CloseSockets()
    {
        _internal?.Dispose();
        foreach (var link in _links.Values)
            link.Dispose();
    }
}
