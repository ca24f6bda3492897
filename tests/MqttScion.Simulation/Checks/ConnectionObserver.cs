using System.Buffers.Binary;

namespace MqttScion.Simulation;

/// <summary>
/// Sees every packet that one side of a connection seals or opens, and holds each frame it sends against what the
/// peer permitted in packets that came.
/// </summary>
internal sealed partial class ConnectionObserver
{
    private const int MinInitialDatagramBytes = 1200;
    private const int AmplificationFactor = 3;

    private readonly bool _isServer;
    private readonly ulong _contentSeed;
    private readonly QuicOptions _peer;
    private readonly SpaceView[] _spaces = [new(), new(), new()];
    private readonly Dictionary<int, PathView> _paths = [];
    private readonly Dictionary<long, StreamView> _streams = [];
    private readonly Dictionary<ulong, int> _ownChallenges = [];
    private readonly Dictionary<ulong, int> _challenges;
    private readonly Queue<(int Length, bool MustBePadded)> _sealed = new();
    private readonly long[] _streamLimits;
    private readonly HashSet<int> _earlyPaths = [];
    private int _arrivalPath;
    private long _dataLimit;
    private long _dataSent;

    /// <param name="isServer">Whose side.</param>
    /// <param name="contentSeed">Decides the bytes of all streams.</param>
    /// <param name="peer">What the other side permits at first.</param>
    /// <param name="challenges">On which path each challenge of either side went out.</param>
    public ConnectionObserver(
        bool isServer, ulong contentSeed, QuicOptions peer, Dictionary<ulong, int> challenges)
    {
        _challenges = challenges;
        _isServer = isServer;
        _contentSeed = contentSeed;
        _peer = peer;
        _dataLimit = peer.ConnectionWindowBytes;
        _streamLimits = [peer.MaxBidirectionalStreams, peer.MaxUnidirectionalStreams];
    }

    /// <summary>The path of the datagram that is being received.</summary>
    public int ArrivalPath
    {
        get => _arrivalPath;
        set
        {
            _arrivalPath = value;
            if (_spaces[(int)SpaceId.Application].Opened.IsEmpty)
                _earlyPaths.Add(value);
        }
    }

    /// <summary>Bytes of streams that were sent for the first time.</summary>
    public long DataSent => _dataSent;

    /// <summary>Whether a frame about a path went out since the last look.</summary>
    public bool TakeSentPathFrame()
    {
        var hasSent = _hasSentPathFrame;
        _hasSentPathFrame = false;
        return hasSent;
    }

    public PathView Path(int id)
    {
        if (!_paths.TryGetValue(id, out var path))
            _paths[id] = path = new PathView { IsValidated = !_isServer };
        return path;
    }

    /// <summary>The owner closed a path and opened it anew: it starts from nothing.</summary>
    public void Forget(int pathId) => _paths.Remove(pathId);

    /// <summary>All packets that were sealed have left.</summary>
    public void CheckNothingPending() =>
        Invariant.Check(_sealed.Count == 0, $"{_sealed.Count} packets were sealed and did not leave");

    /// <summary>A packet before it is protected.</summary>
    public void OnSealed(long number, ReadOnlySpan<byte> packet, int headerLength)
    {
        var id = SpaceOf(packet);
        var space = _spaces[(int)id];
        Invariant.Check(number > space.LastSealed, $"packet {number} of {id} follows {space.LastSealed}");
        space.LastSealed = number;
        var reader = new FrameReader(packet[headerLength..^IPacketProtector.TagLength]);
        Invariant.Check(!reader.IsAtEnd, "a packet has no frames");
        var isAckEliciting = false;
        while (!reader.IsAtEnd)
        {
            Frame frame = default;
            var isRead = reader.TryRead(ref frame, out var error);
            Invariant.Check(isRead, $"a frame 0x{frame.WireType:x} that was sent is malformed: {error}");
            isAckEliciting |= frame.IsAckEliciting;
            Invariant.Check(
                id == SpaceId.Application || frame.IsAllowedInHandshake, $"frame {frame.Type} was sent in {id}");
            CheckSent(space, frame, packet);
        }

        // RFC 9000 §14.1.
        _sealed.Enqueue((packet.Length, id == SpaceId.Initial && (!_isServer || isAckEliciting)));
    }

    /// <summary>A packet that proved to be authentic.</summary>
    public void OnOpened(long number, ReadOnlySpan<byte> packet, int headerLength)
    {
        var id = SpaceOf(packet);
        _spaces[(int)id].Opened.Add(number, number + 1);
        if (id == SpaceId.Handshake)
            Path(ArrivalPath).IsValidated = true;
        if (id != SpaceId.Application)
            return;
        var reader = new FrameReader(packet[headerLength..^IPacketProtector.TagLength]);
        Frame frame = default;
        while (!reader.IsAtEnd && reader.TryRead(ref frame, out _))
            TakeGrant(frame);
    }

    /// <summary>A datagram left: which packets are in it must add up, and so must its size.</summary>
    public void OnDatagram(int pathId, int length, int limitBytes)
    {
        var mustBePadded = false;
        var total = 0;
        while (total < length && _sealed.TryDequeue(out var packet))
        {
            total += packet.Length;
            mustBePadded |= packet.MustBePadded;
        }

        Invariant.Check(total == length, $"a datagram of {length} bytes has packets of {total}");
        Invariant.Check(length <= limitBytes, $"a datagram of {length} bytes left on path {pathId} of {limitBytes}");
        Invariant.Check(
            !mustBePadded || length >= MinInitialDatagramBytes,
            $"a datagram of {length} bytes carries an Initial");
        var path = Path(pathId);
        path.SentBytes += length;
        Invariant.Check(
            path.IsValidated || path.SentBytes <= AmplificationFactor * path.ReceivedBytes,
            $"{path.SentBytes} bytes left for {path.ReceivedBytes} that came on path {pathId}, not validated yet");
    }

    private static SpaceId SpaceOf(ReadOnlySpan<byte> packet)
    {
        const byte longForm = 0x80;
        if ((packet[0] & longForm) == 0)
            return SpaceId.Application;
        return (packet[0] >> 4 & 3) == 0 ? SpaceId.Initial : SpaceId.Handshake;
    }

    private StreamView Stream(long id)
    {
        if (_streams.TryGetValue(id, out var stream))
            return stream;
        var limit = _peer.StreamWindowBytes;
        _streams[id] = stream = new StreamView(Content.Key(_contentSeed, id, _isServer), limit);
        return stream;
    }

    // What the peer permits in frames that came.
    private void TakeGrant(in Frame frame)
    {
        switch (frame.Type)
        {
            case FrameType.MaxData:
                _dataLimit = Math.Max(_dataLimit, (long)frame.Value);
                break;
            case FrameType.MaxStreamData:
                var stream = Stream((long)frame.Id);
                stream.Limit = Math.Max(stream.Limit, (long)frame.Value);
                break;
            case FrameType.MaxStreamsBidirectional or FrameType.MaxStreamsUnidirectional:
                var index = frame.Type == FrameType.MaxStreamsBidirectional ? 0 : 1;
                _streamLimits[index] = Math.Max(_streamLimits[index], (long)frame.Value);
                break;
            case FrameType.PathChallenge:
                Path(ArrivalPath).Challenges.Add(BinaryPrimitives.ReadUInt64BigEndian(frame.Data));
                break;
            case FrameType.PathResponse:
                if (_ownChallenges.TryGetValue(BinaryPrimitives.ReadUInt64BigEndian(frame.Data), out var path))
                    Path(path).IsValidated = true;
                break;
            case FrameType.NewConnectionId:
                _peerIds[(long)frame.Id] = frame.Data.ToArray();
                break;
            case FrameType.RetireConnectionId:
                _retiredOwnIds.Add((long)frame.Id);
                break;
            default:
                break;
        }
    }
}
