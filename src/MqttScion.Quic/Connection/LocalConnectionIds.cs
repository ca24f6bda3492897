namespace MqttScion.Quic;

/// <summary>The connection ids that we gave to the peer (RFC 9000 §5.1.1).</summary>
internal sealed class LocalConnectionIds
{
    /// <summary>The length of all our ids.</summary>
    public const int IdLength = 8;

    /// <summary>The length of a stateless reset token.</summary>
    public const int TokenLength = 16;

    private const int MaxActive = 3;

    private readonly List<Issued> _active = [];
    private readonly List<Issued> _pending = [];
    private readonly IQuicRandom _random;
    private readonly StatelessResets _resets;
    private long _nextSequence;
    private int _limit = 1;

    public LocalConnectionIds(IQuicRandom random, StatelessResets resets)
    {
        _random = random;
        _resets = resets;
        Initial = Create();
    }

    /// <summary>The id of sequence number 0.</summary>
    public Issued Initial { get; }

    public bool HasPending => _pending.Count > 0;

    public IReadOnlyList<Issued> Active => _active;

    /// <summary>Takes the peer's active_connection_id_limit and issues more ids.</summary>
    public IEnumerable<ConnectionId> IssueUpTo(ulong peerLimit)
    {
        _limit = (int)Math.Min(peerLimit, MaxActive);
        return Fill();
    }

    /// <summary>Handles RETIRE_CONNECTION_ID; gives the retired id and those issued instead.</summary>
    public Violation? Retire(
        ulong sequence,
        ConnectionId usedNow,
        out ConnectionId? retired,
        out List<ConnectionId> issued)
    {
        retired = null;
        issued = [];
        if (sequence >= (ulong)_nextSequence)
            return new Violation(QuicError.ProtocolViolation, $"connection id {sequence} was never issued");
        var index = _active.FindIndex(item => item.Sequence == (long)sequence);
        if (index < 0)
            return null;
        if (_active[index].Id.Equals(usedNow))
            return new Violation(QuicError.ProtocolViolation, "the packet retires its own connection id");
        retired = _active[index].Id;
        // A peer may retire what it guesses that we are about to issue: that must not pile up.
        _pending.Remove(_active[index]);
        _active.RemoveAt(index);
        issued = Fill();
        return null;
    }

    public Issued TakePending()
    {
        var item = _pending[0];
        _pending.RemoveAt(0);
        return item;
    }

    /// <summary>Sends an id again whose frame was lost, unless it was retired meanwhile.</summary>
    public void OnLost(long sequence)
    {
        var index = _active.FindIndex(item => item.Sequence == sequence);
        if (index >= 0 && !_pending.Contains(_active[index]))
            _pending.Add(_active[index]);
    }

    private List<ConnectionId> Fill()
    {
        var issued = new List<ConnectionId>();
        while (_active.Count < _limit)
        {
            var item = Create();
            _pending.Add(item);
            issued.Add(item.Id);
        }

        return issued;
    }

    private Issued Create()
    {
        var id = ConnectionId.Create(_random, IdLength);
        var item = new Issued(_nextSequence++, id, _resets.TokenOf(id));
        _active.Add(item);
        return item;
    }

    /// <summary>One id with its sequence number and stateless reset token.</summary>
    internal sealed record Issued(long Sequence, ConnectionId Id, byte[] Token);
}
