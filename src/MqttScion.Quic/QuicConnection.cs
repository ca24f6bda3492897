using System.Diagnostics.CodeAnalysis;

namespace MqttScion.Quic;

/// <summary>
/// One QUIC v1 connection without I/O: datagrams in, datagrams and events out, time as an argument.
/// </summary>
/// <remarks>
/// All members are called by one thread at a time. <c>now</c> is monotonic, from any fixed start. After
/// <see cref="Receive"/>, <see cref="OnTimeout"/> or a call on a stream, the owner calls <see cref="TryTransmit"/> and
/// <see cref="TryGetEvent"/> until both give nothing, and sets its timer to <see cref="NextTimeout"/>. Nothing that
/// comes from the network makes a member throw.
/// </remarks>
public sealed partial class QuicConnection : IDisposable, IFrameOutcomes, IHandshakeOutcomes
{
    private readonly QuicEndpoint _endpoint;
    private readonly QuicOptions _options;
    private readonly IPacketProtectorFactory _protectors;
    private readonly IQuicRandom _random;
    private readonly PacketSpace[] _spaces;

    private readonly List<ConnectionId> _resetTokens = [];
    private readonly EventQueue _events = new();
    private readonly TimerTable _timers = new();
    private readonly LocalConnectionIds _localIds;
    private readonly PeerConnectionIds _peerIds;
    private readonly StreamTable _streams;
    private readonly LossDetector _loss;
    private readonly ApplicationKeys _applicationKeys;
    private readonly ConnectionPaths _paths;
    private long _sentPackets;
    private long _receivedPackets;
    private long _droppedPackets;
    private long _sentBytes;
    private long _receivedBytes;

    internal QuicConnection(
        QuicEndpoint endpoint,
        IQuicTls tls,
        string serverName,
        bool isServer,
        Admission admission,
        NetworkPath path,
        TimeSpan now)
    {
        _endpoint = endpoint;
        _options = endpoint.Options;
        _protectors = endpoint.Protectors;
        _random = endpoint.Random;
        _spaces =
        [
            new(SpaceId.Initial, endpoint.SentPacketPool),
            new(SpaceId.Handshake, endpoint.SentPacketPool),
            new(SpaceId.Application, endpoint.SentPacketPool),
        ];
        ServerName = serverName;
        IsServer = isServer;
        _localIds = new LocalConnectionIds(_random, endpoint.Resets);
        _peerIds = new PeerConnectionIds(admission.PeerId);
        _originalDestinationId = admission.OriginalId;
        _initialDestinationId = admission.InitialId;
        _retrySourceId = admission.RetryId;
        _addressDigest = admission.AddressDigest;
        _token = admission.Token;
        _peerAddress = admission.PeerAddress ?? [];
        _ticket = admission.Ticket;
        _isHandshakeCounted = isServer;
        _datagramsOut = new DatagramQueue(_options.MaxQueuedDatagrams);
        _datagramsIn = new DatagramQueue(_options.MaxQueuedDatagrams);
        _streams = new StreamTable(isServer, _options, _events);
        _handshake = new HandshakeDriver(tls, isServer, _spaces, this);
        _loss = new LossDetector(_spaces, this);
        _applicationKeys = new ApplicationKeys(_protectors, Application);
        _paths = new ConnectionPaths(isServer, path, _spaces, _loss, _timers, _events, _random);
        path.IsValidated = admission.IsAddressValidated;
        _idle = new IdleTimers(_options, _timers);
        _timers[QuicTimer.Handshake] = now + _options.HandshakeTimeout;
        InstallInitialKeys();
        if (!isServer)
            StartTrace(now);
        StartHandshake(now);
    }

    /// <summary>The owner's own state for this connection.</summary>
    public object? Owner { get; set; }

    /// <summary>True on the side that accepted the connection.</summary>
    public bool IsServer { get; }

    /// <summary>Where the connection is in its life.</summary>
    public QuicConnectionState State { get; private set; }

    /// <summary>
    /// True once both sides know that the handshake succeeded. A client takes only HANDSHAKE_DONE for it: its own TLS
    /// is done before the server has judged its certificate.
    /// </summary>
    public bool IsHandshakeConfirmed { get; private set; }

    /// <summary>The protocol that ALPN selected, or null before the handshake is done.</summary>
    public string? ApplicationProtocol { get; private set; }

    /// <summary>The peer's certificate (DER), or null when there is none or none yet.</summary>
    public byte[]? PeerCertificate => _handshake.PeerCertificate;

    /// <summary>The name that the server's certificate must carry; empty on a server.</summary>
    public string ServerName { get; }

    /// <summary>Why the connection ended, or null while it lives.</summary>
    public QuicCloseReason? CloseReason { get; private set; }

    /// <summary>When <see cref="OnTimeout"/> is due; null when never.</summary>
    public TimeSpan? NextTimeout => _timers.Next;

    /// <summary>Counters, and the state of the current path.</summary>
    public QuicStatistics Statistics => new()
    {
        PathId = _paths.Current.Id,
        SmoothedRtt = _paths.Current.Rtt.Smoothed,
        LatestRtt = _paths.Current.Rtt.Latest,
        MinRtt = _paths.Current.Rtt.Min,
        RttVariation = _paths.Current.Rtt.Variation,
        MaxDatagramBytes = PeerLimit(_paths.Current),
        CongestionWindow = _paths.Current.Congestion.WindowBytes,
        BytesInFlight = _paths.Current.BytesInFlight,
        IsEcnCapable = _paths.Current.Ecn.IsCapable,
        SentPackets = _sentPackets,
        ReceivedPackets = _receivedPackets,
        LostPackets = _loss.LostCount,
        LostBytes = _loss.LostBytes,
        ProbeTimeouts = _loss.ProbeTimeoutCount,
        KeyUpdates = _applicationKeys.UpdateCount,
        DroppedDatagrams = _droppedDatagrams,
        SentBytes = _sentBytes,
        ReceivedBytes = _receivedBytes,
        DroppedPackets = _droppedPackets,
    };

    internal int KeyUpdateCount => _applicationKeys.UpdateCount;

    internal long NextPacketNumber => Application.NextNumber;

    internal long SkippedPacketNumber => Application.SkippedNumber;

    internal EncryptionLevel ReadLevel => _handshake.ReadLevel;

    internal int StreamCount => _streams.Count;

    internal bool IsTlsReleased => _handshake.IsReleased;

    internal EarlyPackets EarlyPackets => _early;

    internal int SentPacketCapacity => Application.Sent.Capacity;

    internal LocalConnectionIds LocalIds => _localIds;

    internal IReadOnlyList<ConnectionId> ResetTokens => _resetTokens;

    internal ConnectionId OriginalDestinationId => _originalDestinationId;

    internal ConnectionId InitialDestinationId => _initialDestinationId;

    private PacketSpace Initial => _spaces[(int)SpaceId.Initial];

    private PacketSpace Handshake => _spaces[(int)SpaceId.Handshake];

    private PacketSpace Application => _spaces[(int)SpaceId.Application];

    bool IHandshakeOutcomes.IsAlive => IsAlive;

    private bool IsAlive => State is QuicConnectionState.Handshaking or QuicConnectionState.Connected;

    /// <summary>Gives the next event; false when there is none.</summary>
    public bool TryGetEvent(out QuicEvent e)
    {
        if (!_events.TryTake(out e))
            return false;
        if (e.Kind == QuicEventKind.StreamReadable && _streams.TryGet(e.StreamId, out var stream))
            stream.IsReadableQueued = false;
        return true;
    }

    /// <summary>
    /// Opens a stream. False when the handshake is not done and there can be no early data, the connection ended, or
    /// the peer permits no more streams (<see cref="QuicEventKind.StreamsAvailable"/> tells when it does).
    /// </summary>
    public bool TryOpenStream(bool bidirectional, [NotNullWhen(true)] out QuicStream? stream)
    {
        stream = null;
        return (State == QuicConnectionState.Connected || CanSendEarlyData) &&
            _streams.TryOpen(bidirectional, out stream);
    }

    /// <summary>Finds a stream that is not over in both directions.</summary>
    public bool TryGetStream(long id, [NotNullWhen(true)] out QuicStream? stream) => _streams.TryGet(id, out stream);

    /// <summary>
    /// True when the bytes are the start of a packet that we may have sent: they carry a connection id in use. For the
    /// quotes in SCMP errors, which anyone can forge.
    /// </summary>
    public bool Recognizes(ReadOnlySpan<byte> quotedDatagram)
    {
        if (quotedDatagram.IsEmpty || State == QuicConnectionState.Drained)
            return false;
        foreach (var known in _peerIds.Active)
        {
            if (IsDestination(known.Id, quotedDatagram))
                return true;
        }

        // Until the server's first packet is here, and for what left before.
        return !IsHandshakeConfirmed && !IsServer && IsDestination(_initialDestinationId, quotedDatagram);
    }

    /// <summary>
    /// Ends the connection without a word to the peer, leaves the endpoint and gives all buffers back: what came and
    /// was not read is gone. TLS may be busy on another thread meanwhile.
    /// </summary>
    public void Dispose()
    {
        Leave();
        _streams.Release();
        _datagramsIn.Dispose();
    }

    // Quotes are cut (SCMP errors are at most 1232 bytes), so a padded Initial never arrives whole.
    private static bool IsDestination(ConnectionId id, ReadOnlySpan<byte> quotedDatagram) =>
        id.Length > 0 && PacketHeader.TryReadDestination(quotedDatagram, id.Length, out var destination) &&
        id.Equals(destination);

    private void Leave()
    {
        State = QuicConnectionState.Drained;
        EndTrace();
        _timers.Clear();
        _endpoint.Remove(this);
        EndHandshakeCount();
        _early.Dispose();
        _datagramsOut.Dispose();
        _streams.Close();
        _applicationKeys.Dispose();
        foreach (var space in _spaces)
            space.Dispose();
        _handshake.Release();
    }
}
