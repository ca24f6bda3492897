namespace MqttScion.Quic;

/// <summary>Whether a path carries ECN marks (RFC 9000 §13.4.2, appendix A.4).</summary>
internal sealed class EcnValidation(bool isEnabled)
{
    private const int TestPackets = 10;
    private const int MaxProbes = 3;

    private EcnState _state = isEnabled ? EcnState.Testing : EcnState.Failed;
    private int _sentCount;
    private int _lostCount;
    private int _probeCount;

    private enum EcnState
    {
        Testing,
        Waiting,
        Capable,
        Failed,
    }

    /// <summary>How the next datagrams are marked.</summary>
    public EcnCodepoint Mark =>
        _state is EcnState.Testing or EcnState.Capable ? EcnCodepoint.Ect0 : EcnCodepoint.NotEct;

    /// <summary>True once marks came back as they should.</summary>
    public bool IsCapable => _state == EcnState.Capable;

    /// <summary>A marked packet left.</summary>
    public void OnSent()
    {
        if (_state == EcnState.Testing && ++_sentCount >= TestPackets)
            _state = EcnState.Waiting;
    }

    /// <summary>A marked packet is lost. When all of the test are, marks may be the reason.</summary>
    public void OnLost()
    {
        if (_state is EcnState.Testing or EcnState.Waiting && ++_lostCount >= TestPackets)
            _state = EcnState.Failed;
    }

    /// <summary>A probe timeout passed: a path that drops what is marked answers nothing at all.</summary>
    public void OnProbe()
    {
        if (_state is EcnState.Testing or EcnState.Waiting && ++_probeCount >= MaxProbes)
            _state = EcnState.Failed;
    }

    /// <summary>Marked packets were acknowledged, with counts that are right or not.</summary>
    public void OnAcknowledged(bool isRight)
    {
        if (_state != EcnState.Failed)
            _state = isRight ? EcnState.Capable : EcnState.Failed;
    }
}
