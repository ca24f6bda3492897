using System.Diagnostics.CodeAnalysis;

namespace MqttScion.Scion;

/// <summary>Probes the paths of a store that are not in use, so that it is known which of them would serve.</summary>
/// <remarks>
/// <para>
/// Sends SCMP echoes to a host, or traceroutes to the last border router of a path, which need no host. The path in use
/// is left out while it is up: its own traffic tells. An answer marks a path up; lost probes are followed up at once,
/// and so many in a row mark it down, once a probe of any path was answered (there are networks that answer none); a
/// smoothed round trip beyond twice the shortest of the last minutes marks it degraded. Paths inside one AS are probed
/// only by echo.
/// </para>
/// <para>
/// An engine: no I/O, no clock; one thread, except <see cref="QualityOf"/> and <see cref="Counts"/>. The owner sends
/// what <see cref="TryTransmit"/> writes until it returns false, passes on SCMP messages, and comes back at
/// <see cref="NextTimeout"/>.
/// </para>
/// </remarks>
public sealed class PathProber
{
    private static readonly TimeSpan ShortestRepeat = TimeSpan.FromSeconds(1);

    private readonly PathStore _store;
    private readonly PathProberOptions _options;
    private readonly ushort _responderPort;
    private readonly Random _random;
    private readonly ScmpExchanges<ProbedPath> _exchanges;
    private readonly Dictionary<ScionPath, ProbedPath> _probed = [];
    private readonly PriorityQueue<ProbedPath, TimeSpan> _due = new();
    private IReadOnlyList<ScionPath>? _known;
    private TimeSpan _nextSend;
    private bool _hasAnswers;

    /// <summary>Makes a prober.</summary>
    /// <param name="store">The paths; what is found out is marked there.</param>
    /// <param name="local">The socket that sends the probes.</param>
    /// <param name="random">Spreads the probes and makes them hard to guess.</param>
    /// <param name="options">How to probe; null for the defaults.</param>
    /// <param name="responderPort">The port of SCMP responders inside our own AS.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public PathProber(
        PathStore store,
        ScionEndPoint local,
        Random random,
        PathProberOptions? options = null,
        ushort responderPort = ScionPinger.DefaultResponderPort)
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(random);
        (_store, _random, _options) = (store, random, options ?? new PathProberOptions());
        _options.Validate();
        _responderPort = responderPort;
        _exchanges = new ScmpExchanges<ProbedPath>(local, random);
    }

    /// <summary>The answers that were not the awaited ones.</summary>
    public ProbeCounts Counts => _exchanges.Counts;

    /// <summary>When to call <see cref="OnTimeout"/> and <see cref="TryTransmit"/> again; null for never.</summary>
    public TimeSpan? NextTimeout
    {
        get
        {
            var send = _due.TryPeek(out _, out var due) ? (TimeSpan?)(due > _nextSend ? due : _nextSend) : null;
            return _exchanges.NextTimeout is { } timeout && !(send < timeout) ? timeout : send;
        }
    }

    /// <summary>What is known of a path; null when it is not probed.</summary>
    public PathQuality? QualityOf(ScionPath path)
    {
        lock (_probed)
        {
            return _probed.GetValueOrDefault(path)?.Quality;
        }
    }

    /// <summary>Asks for a probe of a path soon, even if it is in use; once a second at most.</summary>
    public void Request(ScionPath path, TimeSpan now)
    {
        Follow(now);
        if (_probed.TryGetValue(path, out var probed))
        {
            probed.IsRequested = true;
            var earliest = probed.SentAt + ShortestRepeat ?? now;
            Schedule(probed, earliest > now ? earliest : now);
        }
    }

    /// <summary>Writes the next probe that is due.</summary>
    /// <param name="packet">Room for the packet.</param>
    /// <param name="now">The time since some fixed moment.</param>
    /// <param name="probe">Where to send how much of it.</param>
    /// <returns>False when none is due, or the rate is reached.</returns>
    public bool TryTransmit(Span<byte> packet, TimeSpan now, out PathProbe probe)
    {
        probe = default;
        Follow(now);
        while (now >= _nextSend && TryTakeDue(now, out var probed))
        {
            Schedule(probed, now + Jittered(_options.Interval));
            var request = RequestFor(probed.Path);
            if (IsLeftAlone(probed)
                || request is null
                || !ScionPinger.TryGetNextHop(probed.Path, request.Host, _responderPort, out var nextHop)
                || !_exchanges.TryStart(packet, request, probed, now, _options.Timeout, out var length, out _))
            {
                continue;
            }
            (probed.SentAt, probed.IsRequested) = (now, false);
            probed.SentCount++;
            _nextSend = now + TimeSpan.FromSeconds(1) / _options.MaxPerSecond;
            probe = new PathProbe(probed.Path, length, nextHop);
            return true;
        }
        return false;
    }

    /// <summary>Takes an SCMP message; false when it is not the answer to a probe.</summary>
    public bool Receive(in ScionDatagram datagram, TimeSpan now)
    {
        if (!_exchanges.TryReceive(datagram, now, out var probed, out var outcome))
        {
            return false;
        }
        Conclude(probed, outcome, now);
        return true;
    }

    /// <summary>Gives up on probes whose time is up.</summary>
    public void OnTimeout(TimeSpan now)
    {
        while (_exchanges.TryTimeOut(now, out var probed, out var outcome))
        {
            Conclude(probed, outcome, now);
        }
    }

    /// <summary>True when an SCMP error quotes one of the probes: for a <see cref="ScmpReactor"/>.</summary>
    public bool Recognizes(in ScmpQuote quote) => _exchanges.Recognizes(quote);

    private void Conclude(ProbedPath probed, ProbeOutcome outcome, TimeSpan now)
    {
        var isDegraded = false;
        lock (_probed)
        {
            if (outcome.RttFrom(probed.Path.Destination) is { } rtt)
            {
                isDegraded = probed.OnReply(rtt, now);
            }
            else
            {
                probed.OnLoss();
            }
        }
        if (probed.IsGone)
        {
            return;
        }
        if (probed.LossesInRow == 0)
        {
            _hasAnswers = true;
            _store.MarkUp(probed.Path);
        }
        else if (probed.LossesInRow < _options.LossesUntilDown)
        {
            Schedule(probed, now);
        }
        else if (_hasAnswers)
        {
            _store.MarkDown(probed.Path, $"{probed.LossesInRow} probes in a row lost");
        }
        if (isDegraded)
        {
            _store.MarkDegraded(probed.Path, probed.SmoothedRtt);
        }
    }

    private ScmpRequest? RequestFor(ScionPath path) =>
        _options.EchoHost is { } host ? ScmpRequest.Echo(path, host, payloadLength: 8)
        : path.IsLocal ? null
        : ScmpRequest.LastRouter(path);

    // A first loss in a row is followed up even when the path came into use meanwhile.
    private bool IsLeftAlone(ProbedPath probed) =>
        !probed.IsRequested
        && probed.LossesInRow == 0
        && probed.Path.Equals(_store.Selected)
        && !_store.IsHeldBack(probed.Path);

    private bool TryTakeDue(TimeSpan now, [NotNullWhen(true)] out ProbedPath? probed)
    {
        while (_due.TryPeek(out probed, out var due) && due <= now)
        {
            _due.Dequeue();
            if (probed.ScheduledAt == due && !probed.IsGone)
            {
                probed.ScheduledAt = null;
                return true;
            }
        }
        return false;
    }

    // At most the earliest entry of a path in the heap is live.
    private void Schedule(ProbedPath probed, TimeSpan at)
    {
        if (!(probed.ScheduledAt <= at))
        {
            probed.ScheduledAt = at;
            _due.Enqueue(probed, at);
        }
    }

    private void Follow(TimeSpan now)
    {
        var paths = _store.Paths;
        if (ReferenceEquals(paths, _known))
        {
            return;
        }
        _known = paths;
        lock (_probed)
        {
            foreach (var gone in _probed.Keys.Except(paths).ToList())
            {
                _probed[gone].IsGone = true;
                _probed.Remove(gone);
            }
            foreach (var path in paths)
            {
                if (_probed.TryGetValue(path, out var probed))
                {
                    probed.Path = path;
                }
                else
                {
                    Schedule(_probed[path] = new ProbedPath(path), now);
                }
            }
        }
    }

    private TimeSpan Jittered(TimeSpan wait) => wait * (0.9 + 0.2 * _random.NextDouble());
}
