namespace MqttScion.Transport;

/// <summary>Decides on which path a connection sends, for the side that dialed and for the one that answers.</summary>
/// <remarks>
/// <para>
/// What is known to be wrong (a path is down, gone or forbidden) moves the connection at once, to the preferred of the
/// usable paths. Silence moves nothing by itself, as the peer may be slow: the path in use and the standbys that share
/// least with it are asked at the same time, and the first standby that answers while the path in use does not takes
/// over. The path in use has as much longer as its way back is longer.
/// </para>
/// <para>
/// A path that answers probes while nothing that is sent on it is acknowledged is left too, when the silence has
/// doubled twice. Each path that is left for silence comes after the others for a while, longer each time.
/// </para>
/// <para>An engine: no I/O, no clock, no thread. The owner does what <see cref="TryTakeStep"/> gives, until it gives
/// nothing, and comes back at <see cref="NextTimeout"/>.</para>
/// </remarks>
internal sealed class PathSelector<TPath>
    where TPath : class
{
    /// <summary>How many standbys are asked at once.</summary>
    public const int MaxStandbys = 3;

    /// <summary>How many standbys are kept known to the peer.</summary>
    public const int KeptStandbys = 2;

    /// <summary>After how many silences in a row, each twice as long, an answer to a probe no longer counts.</summary>
    public const int SilencesUntilLeft = 3;

    /// <summary>The shortest time between two probes of one path, but for the first of a silence.</summary>
    public static readonly TimeSpan ProbeInterval = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan LeastGrace = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan MostGrace = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan FirstStandbys = TimeSpan.FromMilliseconds(250);

    private readonly IPathCandidates<TPath> _candidates;
    private readonly TimeSpan? _standbyInterval;
    private readonly Queue<PathStep<TPath>> _steps = new();
    private readonly List<(TPath Path, TimeSpan At)> _asked = [];
    private readonly List<TPath> _answered = [];
    private TimeSpan? _standbysAt;
    private TimeSpan _movedAt = TimeSpan.MinValue;
    private int _silenceCount;
    private bool _doesCurrentAnswer;
    private bool _isOnHint;
    private TPath? _winner;
    private TimeSpan _winsAt;

    /// <summary>Makes a selector.</summary>
    /// <param name="candidates">The paths.</param>
    /// <param name="current">The path in use.</param>
    /// <param name="standbyInterval">How often the peer is shown standbys; null for never.</param>
    public PathSelector(IPathCandidates<TPath> candidates, TPath current, TimeSpan? standbyInterval)
    {
        _candidates = candidates;
        _standbyInterval = standbyInterval;
        Current = current;
    }

    /// <summary>The path in use.</summary>
    public TPath Current { get; private set; }

    /// <summary>When <see cref="OnTimeout"/> is due; null for never.</summary>
    public TimeSpan? NextTimeout => _winner is null ? _standbysAt : _standbysAt < _winsAt ? _standbysAt : _winsAt;

    /// <summary>Gives the next thing to do.</summary>
    public bool TryTakeStep(out PathStep<TPath> step) => _steps.TryDequeue(out step);

    /// <summary>The connection is up: standbys are of use from now on.</summary>
    public void OnConnected(TimeSpan now) => _standbysAt = _standbyInterval is null ? null : now + FirstStandbys;

    /// <summary>The oldest packet on the path in use is overdue, or is so for twice as long as last time.</summary>
    public void OnSilent(TimeSpan now)
    {
        _silenceCount = _isOnHint ? 1 : _silenceCount + 1;
        _isOnHint = false;
        if (_silenceCount >= SilencesUntilLeft && _doesCurrentAnswer && _answered.Count > 0)
        {
            Leave(_answered[0], "it answers probes and carries nothing else", now);
            return;
        }
        Ask(Current, now);
        foreach (var standby in Standbys(MaxStandbys))
        {
            Ask(standby, now);
        }
    }

    /// <summary>Something was acknowledged on the path in use.</summary>
    public void OnAnswered() => EndSilence();

    /// <summary>The peer answered a probe.</summary>
    public void OnProbeAnswered(TPath path, TimeSpan now)
    {
        if (_silenceCount == 0)
        {
            return;
        }
        if (_candidates.IsSame(path, Current))
        {
            _doesCurrentAnswer = true;
            _winner = null;
            if (_isOnHint)
            {
                EndSilence();
            }
            return;
        }
        _answered.Add(path);
        if (_silenceCount >= SilencesUntilLeft && _doesCurrentAnswer)
        {
            Leave(path, "it answers probes and carries nothing else", now);
        }
        else if (_winner is null && !_doesCurrentAnswer)
        {
            (_winner, _winsAt) = (path, now + GraceOver(path));
        }
    }

    /// <summary>What may be used has changed.</summary>
    /// <param name="why">What became of the path in use, when it is not among it any more.</param>
    /// <param name="isDown">True when it carries nothing any more.</param>
    /// <param name="now">The time.</param>
    public void OnCandidatesChanged(string why, bool isDown, TimeSpan now)
    {
        var usable = _candidates.Usable;
        if (usable.Count == 0)
        {
            return; // Nothing better is known: what is in use may still work.
        }
        if (FindUsable(Current, usable) is not null)
        {
            return;
        }
        Move(isDown ? PathStepKind.GiveUp : PathStepKind.Move, usable[0], why, now);
    }

    /// <summary>
    /// The peer sends on another path now, though we did not go there. It may have noticed what we can't, who send
    /// nothing; or it answers where a packet of ours came last, a probe too, as SCION hosts without QUIC's paths do. So
    /// the path in use is asked.
    /// </summary>
    /// <param name="path">That path.</param>
    /// <param name="settling">How long after a move of ours the peer may not know of it.</param>
    /// <param name="now">The time.</param>
    public void OnPeerMoved(TPath path, TimeSpan settling, TimeSpan now)
    {
        if ((_movedAt > TimeSpan.MinValue && now - _movedAt < settling) || _silenceCount > 0)
        {
            return; // Of two that move at once, the side that dialed decides.
        }
        if (FindUsable(path, _candidates.Usable) is { } usable)
        {
            (_silenceCount, _isOnHint) = (1, true);
            Ask(Current, now);
            Ask(usable, now);
        }
    }

    /// <summary>The owner sends on another path, or on a renewal of this one.</summary>
    public void OnMoved(TPath path)
    {
        Current = path;
        EndSilence();
    }

    /// <summary>Does what is due.</summary>
    public void OnTimeout(TimeSpan now)
    {
        if (_winner is { } winner && _winsAt <= now)
        {
            Leave(winner, "nothing was acknowledged on the path in use, which others still answer", now);
        }
        if (_standbysAt <= now)
        {
            _standbysAt = now + _standbyInterval;
            foreach (var standby in Standbys(KeptStandbys))
            {
                Ask(standby, now);
            }
        }
    }

    private void Leave(TPath path, string why, TimeSpan now)
    {
        _candidates.Suspect(Current, why, now);
        Move(PathStepKind.GiveUp, path, why, now);
    }

    private void Move(PathStepKind kind, TPath path, string why, TimeSpan now)
    {
        _movedAt = now;
        _standbysAt = _standbysAt is null ? null : now + FirstStandbys; // Others are the best standbys now.
        Current = path;
        EndSilence();
        _steps.Enqueue(new PathStep<TPath>(kind, path, why));
    }

    private void EndSilence()
    {
        (_silenceCount, _isOnHint, _doesCurrentAnswer, _winner) = (0, false, false, null);
        _answered.Clear();
    }

    private void Ask(TPath path, TimeSpan now)
    {
        var index = IndexOfAsked(path);
        if (index >= 0 && now - _asked[index].At < ProbeInterval && _silenceCount != 1)
        {
            return;
        }
        if (index >= 0)
        {
            _asked.RemoveAt(index);
        }
        else if (_asked.Count > 2 * MaxStandbys)
        {
            _asked.RemoveAt(0);
        }
        _asked.Add((path, now));
        _steps.Enqueue(new PathStep<TPath>(PathStepKind.Probe, path, ""));
    }

    // Those that share least with the path in use and with each other; of equals the preferred. In a long silence each
    // has its turn: those come first that were not asked for longest.
    private List<TPath> Standbys(int count)
    {
        var left = new List<TPath>(_candidates.Usable);
        left.RemoveAll(path => _candidates.IsSame(path, Current));
        var chosen = new List<TPath>();
        while (chosen.Count < count && left.Count > 0)
        {
            var best = 0;
            var least = (AskedAt: TimeSpan.MaxValue, Shared: int.MaxValue);
            for (var i = 0; i < left.Count; i++)
            {
                var shared = _candidates.Shared(left[i], Current) * 2;
                foreach (var other in chosen)
                {
                    shared += _candidates.Shared(left[i], other);
                }
                var rank = (_silenceCount > 1 ? AskedAt(left[i]) : TimeSpan.MinValue, shared);
                if (rank.CompareTo(least) < 0)
                {
                    (best, least) = (i, rank);
                }
            }
            chosen.Add(left[best]);
            left.RemoveAt(best);
        }
        return chosen;
    }

    private TPath? FindUsable(TPath path, IReadOnlyList<TPath> usable) =>
        usable.FirstOrDefault(each => _candidates.IsSame(each, path));

    private int IndexOfAsked(TPath path) => _asked.FindIndex(asked => _candidates.IsSame(asked.Path, path));

    private TimeSpan AskedAt(TPath path) =>
        IndexOfAsked(path) is >= 0 and var index ? _asked[index].At : TimeSpan.MinValue;

    private TimeSpan GraceOver(TPath winner)
    {
        if (_candidates.RttOf(Current) is not { } own || _candidates.RttOf(winner) is not { } other)
        {
            return LeastGrace;
        }
        var grace = LeastGrace + ((own - other) / 2);
        return grace < LeastGrace ? LeastGrace : grace > MostGrace ? MostGrace : grace;
    }
}
