namespace MqttScion.Quic;

/// <summary>The 1-RTT keys and their updates (RFC 9001 §6).</summary>
/// <remarks>
/// Whoever updates, both directions move together. The old read key is kept for packets that are late.
/// </remarks>
internal sealed class ApplicationKeys(IPacketProtectorFactory factory, PacketSpace space) : IDisposable
{
    private QuicCipherSuite _suite;
    private byte[]? _readSecret;
    private byte[]? _writeSecret;
    private IPacketProtector? _previousRead;
    private IPacketProtector? _nextRead;
    private long _firstReceived = long.MaxValue;
    private long _firstSent;
    private bool _isPhaseAcknowledged;

    /// <summary>The key phase bit of packets that we send.</summary>
    public bool Phase { get; private set; }

    /// <summary>How often the keys were updated.</summary>
    public int UpdateCount { get; private set; }

    /// <summary>How many packets were sealed with the current key.</summary>
    public long SentInPhase => space.NextNumber - _firstSent;

    /// <summary>
    /// RFC 9001 §6.1: no further update before a packet of this phase was acknowledged, and the old key is gone.
    /// </summary>
    public bool MayUpdate => _writeSecret is not null && _readSecret is not null && _previousRead is null &&
        space.LargestAcknowledged >= _firstSent;

    /// <summary>
    /// RFC 9001 §6.2: a peer that updates twice has seen an acknowledgement of a packet of the phase between.
    /// </summary>
    public bool MayPeerUpdate => UpdateCount == 0 || _isPhaseAcknowledged;

    /// <summary>The number of the first packet that is sent in the current phase.</summary>
    public long FirstSent => _firstSent;

    /// <summary>The read key of the previous phase while it is kept.</summary>
    public IPacketProtector? Previous => _previousRead;

    /// <summary>True when <see cref="Select"/> chose the previous key for the last packet.</summary>
    public bool IsPreviousSelected { get; private set; }

    public void SetSecrets(QuicTrafficSecrets secrets)
    {
        _suite = secrets.Suite;
        if (secrets.ReadSecret is { } read)
        {
            _readSecret = read;
            space.ReadProtector = factory.Create(_suite, read);
        }

        if (secrets.WriteSecret is { } write)
        {
            _writeSecret = write;
            space.WriteProtector = factory.Create(_suite, write);
        }
    }

    /// <summary>The protector for a packet by its phase bit and number; null when it cannot be opened.</summary>
    public IPacketProtector? Select(bool phase, long number, out bool isUpdate)
    {
        isUpdate = false;
        IsPreviousSelected = phase != Phase && _previousRead is not null && number < _firstReceived;
        if (phase == Phase)
            return space.ReadProtector;
        if (IsPreviousSelected)
            return _previousRead;
        if (_readSecret is null || _writeSecret is null)
            return null;
        isUpdate = true;
        return _nextRead ??= factory.CreateUpdated(
            _suite, KeySchedule.NextSecret(_suite, _readSecret), space.ReadProtector!);
    }

    /// <summary>
    /// An authentic packet came. True when it was the first of its phase: the previous key can go soon.
    /// </summary>
    public bool OnReceived(bool phase, long number)
    {
        if (phase != Phase)
            return false;
        var isFirst = _firstReceived == long.MaxValue;
        _firstReceived = Math.Min(_firstReceived, number);
        return isFirst;
    }

    /// <summary>An ACK frame was sent, of all that came.</summary>
    public void OnAckSent() => _isPhaseAcknowledged |= _firstReceived != long.MaxValue;

    /// <summary>Moves both directions to the next phase.</summary>
    public void Update()
    {
        if (_readSecret is null || _writeSecret is null || space.ReadProtector is null || space.WriteProtector is null)
            return;
        var nextReadSecret = KeySchedule.NextSecret(_suite, _readSecret);
        var nextWriteSecret = KeySchedule.NextSecret(_suite, _writeSecret);
        _nextRead ??= factory.CreateUpdated(_suite, nextReadSecret, space.ReadProtector);
        var nextWrite = factory.CreateUpdated(_suite, nextWriteSecret, space.WriteProtector);
        _previousRead?.Dispose();
        _previousRead = space.ReadProtector;
        space.WriteProtector.Dispose();
        space.ReadProtector = _nextRead;
        space.WriteProtector = nextWrite;
        _nextRead = null;
        _readSecret = nextReadSecret;
        _writeSecret = nextWriteSecret;
        _firstReceived = long.MaxValue;
        _isPhaseAcknowledged = false;
        _firstSent = space.NextNumber;
        Phase = !Phase;
        UpdateCount++;
    }

    /// <summary>Forgets the read key of the previous phase (RFC 9001 §6.5).</summary>
    public void DiscardPrevious()
    {
        _previousRead?.Dispose();
        _previousRead = null;
    }

    public void Dispose()
    {
        DiscardPrevious();
        _nextRead?.Dispose();
        _nextRead = null;
    }
}
