using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace MqttScion.Simulation;

/// <content>The frames that are sent, against what the peer permitted.</content>
internal sealed partial class ConnectionObserver
{
    private const int PeerIdLimit = 4;

    private readonly Dictionary<long, byte[]> _ownIds = [];
    private readonly Dictionary<long, byte[]> _peerIds = [];
    private readonly HashSet<long> _retiredOwnIds = [];

    // Which path they go out on, the host learns after they were sealed.
    private readonly List<ulong> _newChallenges = [];
    private readonly List<ulong> _newResponses = [];
    private bool _hasSentPathFrame;

    /// <summary>The datagrams since the last call went out on a path: so did their challenges and responses.</summary>
    public void OnFlight(int pathId)
    {
        foreach (var challenge in _newChallenges)
            _challenges[challenge] = _ownChallenges[challenge] = pathId;
        foreach (var response in _newResponses)
        {
            // A packet that waited for its keys belongs to another path than the datagram that brought them.
            var isOfPath = Path(pathId).Challenges.Contains(response) ||
                (_challenges.TryGetValue(response, out var sentOn) &&
                    (sentOn == pathId || _earlyPaths.Contains(pathId)));
            Invariant.Check(
                isOfPath,
                $"a PATH_RESPONSE left on path {pathId}, where no such challenge came");
        }

        _newChallenges.Clear();
        _newResponses.Clear();
    }

    private void CheckSent(SpaceView space, in Frame frame, ReadOnlySpan<byte> packet)
    {
        switch (frame.Type)
        {
            case FrameType.Ack or FrameType.AckEcn:
                CheckAck(space, frame);
                break;
            case FrameType.Crypto:
                CheckCrypto(space, frame);
                break;
            case FrameType.Stream:
                CheckStream(frame);
                break;
            case FrameType.ResetStream:
                CheckReset(frame);
                break;
            case FrameType.NewConnectionId:
                CheckNewId(frame);
                break;
            case FrameType.RetireConnectionId:
                var isKnown = frame.Id == 0 || _peerIds.ContainsKey((long)frame.Id);
                Invariant.Check(isKnown, $"connection id {frame.Id} is retired and was never given");
                var isOfPacket = _peerIds.TryGetValue((long)frame.Id, out var id) &&
                    packet[1..].StartsWith(id);
                Invariant.Check(!isOfPacket, $"a packet retires its own connection id {frame.Id}");
                break;
            case FrameType.HandshakeDone or FrameType.NewToken:
                Invariant.Check(_isServer, $"a client sent {frame.Type}");
                break;
            case FrameType.PathChallenge:
                _newChallenges.Add(BinaryPrimitives.ReadUInt64BigEndian(frame.Data));
                _hasSentPathFrame = true;
                break;
            case FrameType.PathResponse:
                _newResponses.Add(BinaryPrimitives.ReadUInt64BigEndian(frame.Data));
                _hasSentPathFrame = true;
                break;
            default:
                break;
        }
    }

    private static void CheckAck(SpaceView space, in Frame frame)
    {
        var ranges = new AckRangeReader(frame.Data, frame.Offset);
        while (ranges.TryRead(out var smallest, out var largest))
        {
            Invariant.Check(
                space.Opened.Contains(smallest, largest + 1),
                $"packets {smallest} to {largest} are acknowledged and did not all come");
        }
    }

    private static void CheckCrypto(SpaceView space, in Frame frame)
    {
        var offset = (int)frame.Offset;
        Invariant.Check(offset <= space.Crypto.Count, $"CRYPTO data leaves a gap before {offset}");
        var repeated = Math.Min(frame.Data.Length, space.Crypto.Count - offset);
        var before = CollectionsMarshal.AsSpan(space.Crypto).Slice(offset, repeated);
        Invariant.Check(before.SequenceEqual(frame.Data[..repeated]), $"CRYPTO data at {offset} changed");
        foreach (var octet in frame.Data[repeated..])
            space.Crypto.Add(octet);
    }

    private void CheckStream(in Frame frame)
    {
        var id = (long)frame.Id;
        var end = (long)frame.Offset + frame.Data.Length;
        CheckCount(id);
        var stream = Stream(id);
        Invariant.Check(!stream.IsReset, $"stream {id} goes on after its reset");
        Invariant.Check(end <= stream.Limit, $"stream {id} reached {end}, its limit is {stream.Limit}");
        Invariant.Check(
            Content.Matches(stream.ContentKey, (long)frame.Offset, frame.Data),
            $"stream {id} has wrong bytes between {frame.Offset} and {end}");
        Invariant.Check(
            stream.FinalSize is null || (end <= stream.FinalSize && (!frame.IsFinal || end == stream.FinalSize)),
            $"stream {id} has its end at {stream.FinalSize} and a frame up to {end}");
        if (frame.IsFinal)
            stream.FinalSize = end;
        Account(id, stream, end);
    }

    private void CheckReset(in Frame frame)
    {
        var id = (long)frame.Id;
        var size = (long)frame.Value;
        CheckCount(id);
        var stream = Stream(id);
        Invariant.Check(size >= stream.Sent, $"stream {id} is reset at {size}, and {stream.Sent} bytes were sent");
        Invariant.Check(size <= stream.Limit, $"stream {id} is reset at {size}, its limit is {stream.Limit}");
        Invariant.Check(
            stream.FinalSize is null || stream.FinalSize == size,
            $"stream {id} ends at {stream.FinalSize}, then at {size}");
        stream.FinalSize = size;
        stream.IsReset = true;
        Account(id, stream, size);
    }

    private void Account(long id, StreamView stream, long end)
    {
        if (end <= stream.Sent)
            return;
        _dataSent += end - stream.Sent;
        stream.Sent = end;
        Invariant.Check(_dataSent <= _dataLimit, $"{_dataSent} bytes were sent, up to stream {id}, of {_dataLimit}");
    }

    private void CheckCount(long id)
    {
        if (StreamId.IsLocal(id, _isServer))
        {
            var limit = _streamLimits[StreamId.IsBidirectional(id) ? 0 : 1];
            Invariant.Check(StreamId.Index(id) < limit, $"stream {id} is beyond the limit of {limit}");
        }
        else
        {
            Invariant.Check(StreamId.IsBidirectional(id), $"stream {id} only receives");
        }
    }

    private void CheckNewId(in Frame frame)
    {
        var sequence = (long)frame.Id;
        byte[] both = [.. frame.Data, .. frame.ResetToken];
        var isNew = !_ownIds.TryGetValue(sequence, out var known);
        Invariant.Check(
            isNew || both.AsSpan().SequenceEqual(known), $"connection id {sequence} was given with two values");
        _ownIds[sequence] = both;
        // Sequence number 0 is that of the handshake.
        var active = 1 + _ownIds.Count - _retiredOwnIds.Count;
        Invariant.Check(active <= PeerIdLimit, $"{active} connection ids are active, {PeerIdLimit} permitted");
    }
}
