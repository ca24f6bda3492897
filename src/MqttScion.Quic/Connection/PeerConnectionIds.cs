namespace MqttScion.Quic;

/// <summary>The connection ids that the peer gave to us; we send to one of them (RFC 9000 §5.1.2).</summary>
internal sealed class PeerConnectionIds(ConnectionId first)
{
    /// <summary>Our active_connection_id_limit.</summary>
    public const int Limit = 4;

    private const long PreferredSequence = 1;
    private const int MaxPendingRetirements = 3 * Limit;

    private readonly List<Known> _active = [new Known(0, first, [])];
    private readonly Queue<long> _retirements = new();
    private long _retirePriorTo;

    /// <summary>The id that packets are sent to.</summary>
    public ConnectionId Current => _active[0].Id;

    public bool HasPending => _retirements.Count > 0;

    public IReadOnlyList<Known> Active => _active;

    /// <summary>During the handshake: the peer chose its id, or a Retry replaced it.</summary>
    public void ReplaceFirst(ConnectionId id) => _active[0] = new Known(0, id, []);

    /// <summary>The server's transport parameters have the token for its first id.</summary>
    public void SetFirstToken(byte[] token)
    {
        if (_active[0].Sequence == 0)
            _active[0] = _active[0] with { Token = token };
    }

    /// <summary>
    /// The server's transport parameters have an id for a preferred address, which has sequence number 1 (RFC 9000
    /// §5.1.1); false when it has none for the present one, or gives the same (RFC 9000 §18.2).
    /// </summary>
    public bool TryAddPreferred(ConnectionId id, byte[] token)
    {
        if (Current.Length == 0 || Current.Equals(id))
            return false;
        _active.Add(new Known(PreferredSequence, id, token));
        return true;
    }

    /// <summary>Handles NEW_CONNECTION_ID (RFC 9000 §19.15).</summary>
    public Violation? Add(in Frame frame)
    {
        if (Current.Length == 0)
            return new Violation(QuicError.ProtocolViolation, "the peer uses no connection ids");
        var sequence = (long)frame.Id;
        var id = new ConnectionId(frame.Data);
        foreach (var known in _active)
        {
            if ((known.Sequence == sequence) != known.Id.Equals(id))
                return new Violation(QuicError.ProtocolViolation, $"connection id {sequence} was given twice");
            if (known.Sequence == sequence && known.Token.Length > 0 && !frame.ResetToken.SequenceEqual(known.Token))
                return new Violation(QuicError.ProtocolViolation, $"connection id {sequence} has two reset tokens");
        }

        var isKnown = _active.Exists(known => known.Sequence == sequence);
        _retirePriorTo = Math.Max(_retirePriorTo, (long)frame.Offset);
        if (sequence < _retirePriorTo && !isKnown)
            Retire(sequence);
        else if (!isKnown)
            _active.Add(new Known(sequence, id, frame.ResetToken.ToArray()));
        for (var index = _active.Count - 1; index >= 0; index--)
        {
            if (_active[index].Sequence >= _retirePriorTo)
                continue;
            Retire(_active[index].Sequence);
            _active.RemoveAt(index);
        }

        return _active.Count is > Limit or 0 || _retirements.Count > MaxPendingRetirements
            ? new Violation(QuicError.ConnectionIdLimitError, $"more than {Limit} connection ids are active")
            : null;
    }

    public long TakePending() => _retirements.Dequeue();

    /// <summary>Sends a retirement again whose frame was lost.</summary>
    public void OnLost(long sequence) => Retire(sequence);

    private void Retire(long sequence)
    {
        if (!_retirements.Contains(sequence))
            _retirements.Enqueue(sequence);
    }

    /// <summary>One id with its sequence number and stateless reset token, which may be empty.</summary>
    internal sealed record Known(long Sequence, ConnectionId Id, byte[] Token);
}
