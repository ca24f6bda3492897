using MqttScion.Scion;

namespace MqttScion.Transport;

/// <summary>
/// What a loop learns about the paths of its outgoing connections, for their stores: SCMP errors about what it sent,
/// and probes of the paths that are not in use. Touched by the loop's thread only.
/// </summary>
internal sealed class PathWatch
{
    private readonly ScionSocket _socket;
    private readonly ScmpReactor _reactor;
    private readonly PathProber? _prober;
    private readonly byte[] _packet = GC.AllocateUninitializedArray<byte>(ScionPacketReader.MaxHeaderLength + 256);
    private TimeSpan _now;

    /// <summary>Makes the watch of a loop.</summary>
    /// <param name="options">The stores, and how to probe.</param>
    /// <param name="socket">The loop's socket.</param>
    /// <param name="isOurs">Tells whether a quote is a packet of one of the loop's connections.</param>
    public PathWatch(PathWatchOptions options, ScionSocket socket, ScmpQuoteCheck isOurs)
    {
        (_socket, UsesStun) = (socket, options.UsesStun);
        _prober = options.Probing is { } probing
            ? new PathProber(options.Store, socket.LocalEndPoint, Random.Shared, probing)
            : null;
        _reactor = new ScmpReactor(
            options.Stores,
            (in ScmpQuote quote) => isOurs(quote) || _prober?.Recognizes(quote) == true,
            path => _prober?.Request(path, _now));
    }

    /// <summary>True when border routers are asked for our address.</summary>
    public bool UsesStun { get; }

    /// <summary>When <see cref="Run"/> is due; null for never.</summary>
    public TimeSpan? NextTimeout => _prober?.NextTimeout;

    /// <summary>Packets are about to leave on a path: asks its router for our address, where that is wanted.</summary>
    public void Use(PathEntry entry)
    {
        // Beyond 64 routers packets carry the address of the socket; none of our ASes has so many.
        if (UsesStun && entry.Path is { IsLocal: false })
        {
            _socket.UseStun(entry.NextHop);
        }
    }

    /// <summary>Takes an SCMP message; null when it answers a probe.</summary>
    public ScmpReaction? Receive(in ScionDatagram datagram, TimeSpan now)
    {
        _now = now;
        if (!datagram.Scmp.IsError)
        {
            return _prober?.Receive(datagram, now) == true ? null : _reactor.Receive(datagram, now);
        }
        // Both want an error about a probe, the reactor first: the prober forgets what it is told of.
        var reaction = _reactor.Receive(datagram, now);
        _prober?.Receive(datagram, now);
        return reaction;
    }

    /// <summary>True while packets on a path would carry an address that its router may not see.</summary>
    public bool IsAwaitingStun(PathEntry path) => _socket.IsAwaitingStun(path.NextHop);

    /// <summary>Gives up on overdue probes and sends those that are due.</summary>
    public void Run(TimeSpan now)
    {
        if (_prober is null)
        {
            return;
        }
        _prober.OnTimeout(now);
        while (_prober.TryTransmit(_packet, now, out var probe))
        {
            _socket.SendPacket(_packet.AsSpan(0, probe.Length), probe.NextHop);
        }
    }
}
