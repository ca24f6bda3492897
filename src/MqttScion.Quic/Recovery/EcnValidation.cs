namespace MqttScion.Quic;

/// <summary>Whether a path carries ECN marks (RFC 9000 §13.4.2, appendix A.4).</summary>
/// <remarks>
/// Marks must never cost the connection. Only 1-RTT packets are marked, so no handshake depends on it, and no probe of
/// a path or its size, whose loss must have one reason. When what was sent is overdue, packets leave unmarked until one
/// is acknowledged; marked ones that are lost meanwhile, and none acknowledged, are given up on for good. A path that
/// marks each packet of the test as congested changes the field rather than telling anything.
/// </remarks>
internal sealed class EcnValidation(bool isEnabled)
{
    private const int TestPackets = 10;
    private const int MaxLostInRow = 3;

    private EcnState _state = isEnabled ? EcnState.Testing : EcnState.Failed;
    private int _sentCount;
    private int _answeredCount;
    private long _congestedCount;
    private int _lostInRow;
    private bool _wasSuspended;
    private bool _isSuspended;

    private enum EcnState
    {
        Testing,
        Waiting,
        Capable,
        Failed,
    }

    /// <summary>How the next datagrams are marked.</summary>
    public EcnCodepoint Mark =>
        _state is EcnState.Testing or EcnState.Capable && !_isSuspended ? EcnCodepoint.Ect0 : EcnCodepoint.NotEct;

    /// <summary>True once marks came back as they should.</summary>
    public bool IsCapable => _state == EcnState.Capable;

    /// <summary>A marked packet left.</summary>
    public void OnSent()
    {
        if (_state == EcnState.Testing && ++_sentCount >= TestPackets)
            _state = EcnState.Waiting;
    }

    /// <summary>A marked packet is lost. When nothing marked arrives and the rest does, marks are the reason.</summary>
    public void OnLost()
    {
        _lostInRow++;
        if ((_wasSuspended && _lostInRow >= MaxLostInRow) ||
            (_state is EcnState.Testing or EcnState.Waiting && _lostInRow >= TestPackets))
            _state = EcnState.Failed;
    }

    /// <summary>What was sent is overdue: a path that drops what is marked answers nothing at all.</summary>
    public void OnProbe() => (_isSuspended, _wasSuspended) = (true, true);

    /// <summary>Something unmarked was acknowledged.</summary>
    public void OnUnmarkedAcknowledged() => _isSuspended = false;

    /// <summary>Marked packets were acknowledged, with counts that are right or not.</summary>
    public void OnAcknowledged(bool isRight)
    {
        (_isSuspended, _wasSuspended, _lostInRow) = (false, false, 0);
        if (_state == EcnState.Failed)
            return;
        _state = isRight ? EcnState.Capable : EcnState.Failed;
        if (++_answeredCount == TestPackets && _congestedCount >= TestPackets)
            _state = EcnState.Failed;
    }

    /// <summary>The peer saw so many more packets marked as congested.</summary>
    public void OnCongested(long count) => _congestedCount += _answeredCount < TestPackets ? count : 0;
}
