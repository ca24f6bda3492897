namespace MqttScion.Quic;

/// <summary>
/// One network path of a connection: what is known of it (round-trip time, congestion window) and how far it is
/// validated.
/// </summary>
/// <remarks>
/// Another SCION path is another network although addresses stay the same, so nothing here is shared.
/// </remarks>
internal sealed partial class NetworkPath
{
    private const int AmplificationFactor = 3;
    private const int MaxPendingResponses = 4;
    private const int MaxLargeLosses = 3;
    private const int ReserveBytes = 32 * 1024;

    private readonly Queue<ulong> _responses = new();
    private bool _hasLargeArrived;
    private int _largeLossCount;

    public NetworkPath(int id, int maxDatagramBytes, int headroomBytes, int probeCeilingBytes, QuicOptions options)
    {
        Id = id;
        MaxDatagramBytes = maxDatagramBytes;
        KnownDatagramBytes = maxDatagramBytes;
        HeadroomBytes = headroomBytes;
        Congestion = options.CongestionControl switch
        {
            QuicCongestionControl.NewReno => new NewReno(maxDatagramBytes),
            QuicCongestionControl.EagerReno => new NewReno(maxDatagramBytes, NewReno.EagerBeta),
            _ => new Cubic(maxDatagramBytes),
        };
        Ecn = new EcnValidation(options.EnableEcn);
        Mtu = new MtuDiscovery(maxDatagramBytes, probeCeilingBytes);
        Pacer = new Pacer(maxDatagramBytes);
    }

    public int Id { get; }

    public int MaxDatagramBytes { get; private set; }

    /// <summary>
    /// What the owner said of the size; <see cref="MaxDatagramBytes"/> may have been found to be more.
    /// </summary>
    public int KnownDatagramBytes { get; private set; }

    public int HeadroomBytes { get; set; }

    public RttEstimator Rtt { get; } = new();

    public ICongestionController Congestion { get; }

    public Pacer Pacer { get; }

    public EcnValidation Ecn { get; }

    public MtuDiscovery Mtu { get; private set; }

    /// <summary>True once the owner closed the path: what is in flight on it is lost.</summary>
    public bool IsClosed { get; set; }

    /// <summary>True once the peer proved that it receives what we send here (RFC 9000 §8).</summary>
    public bool IsValidated { get; set; }

    public long ReceivedBytes { get; private set; }

    public long SentBytes { get; private set; }

    /// <summary>What the peer must echo, or null when no validation is under way.</summary>
    public ulong? Challenge { get; set; }

    public bool IsChallengePending { get; set; }

    public int ChallengeCount { get; set; }

    public TimeSpan ChallengeSentAt { get; set; }

    public TimeSpan ChallengeDeadline { get; set; }

    public bool HasResponse => _responses.Count > 0;

    /// <summary>How many bytes may be sent before the peer's address is validated (RFC 9000 §8.1).</summary>
    public long AllowanceBytes =>
        IsValidated ? long.MaxValue : Math.Max(0, ReceivedBytes * AmplificationFactor - SentBytes);

    /// <summary>A datagram came, which allows more to go before the peer's address is validated.</summary>
    public void OnDatagramReceived(int lengthBytes) => ReceivedBytes += lengthBytes;

    /// <summary>A datagram left.</summary>
    public void OnDatagramSent(int lengthBytes) => SentBytes += lengthBytes;

    /// <summary>A packet arrived; a large one shows that the size which was found still holds.</summary>
    private void OnArrived(int sizeBytes)
    {
        if (sizeBytes <= KnownDatagramBytes)
            return;
        _hasLargeArrived = true;
        _largeLossCount = 0;
    }

    /// <summary>
    /// Packets were found lost at one time, a large one among them. When that goes on and no large one arrives, the
    /// path has become narrower (RFC 8899 §4.3).
    /// </summary>
    public void OnLargeLost(TimeSpan now)
    {
        if (!_hasLargeArrived && ++_largeLossCount >= MaxLargeLosses)
            Shrink(now);
        _hasLargeArrived = false;
    }

    /// <summary>Goes back to the size that the owner knows.</summary>
    private void Shrink(TimeSpan now)
    {
        _largeLossCount = 0;
        if (MaxDatagramBytes > KnownDatagramBytes)
            SetDatagramBytes(Mtu.OnBlackHole(now));
    }

    /// <summary>
    /// The owner knows other sizes of the path. What was found out is void, unless it is within them.
    /// </summary>
    public void KnowDatagramBytes(int knownBytes, int probeCeilingBytes)
    {
        var ceiling = Math.Max(knownBytes, probeCeilingBytes);
        if (knownBytes == KnownDatagramBytes && ceiling == Mtu.CeilingBytes)
            return;
        if (knownBytes == KnownDatagramBytes && MaxDatagramBytes <= ceiling)
        {
            Mtu = new MtuDiscovery(knownBytes, ceiling, MaxDatagramBytes);
            return;
        }

        KnownDatagramBytes = knownBytes;
        Mtu = new MtuDiscovery(knownBytes, ceiling);
        SetDatagramBytes(knownBytes);
    }

    /// <summary>The path carries larger or smaller datagrams than was known.</summary>
    private void SetDatagramBytes(int maxDatagramBytes)
    {
        MaxDatagramBytes = maxDatagramBytes;
        Congestion.MaxDatagramBytes = maxDatagramBytes;
        Pacer.MaxDatagramBytes = maxDatagramBytes;
    }

    /// <summary>Queues the answer to a challenge; beyond a few the oldest is dropped.</summary>
    public void AddResponse(ulong challenge)
    {
        if (_responses.Count == MaxPendingResponses)
            _responses.Dequeue();
        _responses.Enqueue(challenge);
    }

    public bool TryTakeResponse(out ulong challenge) => _responses.TryDequeue(out challenge);
}
