using System.Buffers;
using System.Security.Cryptography;

namespace MqttScion.Quic;

public sealed partial class QuicConnection
{
    private const int TagLength = IPacketProtector.TagLength;
    private const byte KeyPhaseBit = 0x04;
    private const byte LongReservedBits = 0x0c;
    private const byte ShortReservedBits = 0x18;

    private readonly EarlyPackets _early = new();
    private bool _isPreviousKeyDue;
    private long _forgedPackets;

    /// <summary>
    /// Takes a datagram that came on a path and decrypts it in place. True when at least one packet in it was authentic
    /// and new.
    /// </summary>
    /// <param name="datagram">The QUIC bytes; the buffer is not kept.</param>
    /// <param name="pathId">The path it came on; a datagram on a path that is not open is dropped.</param>
    /// <param name="ecn">The ECN field of the packet that carried it.</param>
    /// <param name="now">The time.</param>
    public bool Receive(Span<byte> datagram, int pathId, EcnCodepoint ecn, TimeSpan now)
    {
        if (State is QuicConnectionState.Draining or QuicConnectionState.Drained ||
            !_paths.TryGet(pathId, out var path))
            return false;
        _qlog?.At(now);
        _receivedBytes += datagram.Length;
        path.OnDatagramReceived(datagram.Length);
        if (State == QuicConnectionState.Closing)
        {
            OnReceivedWhileClosing();
            return false;
        }

        Span<byte> token = stackalloc byte[LocalConnectionIds.TokenLength];
        var isLongEnough = datagram.Length > token.Length;
        if (isLongEnough)
            datagram[^token.Length..].CopyTo(token);
        var isAuthentic = ReceivePackets(datagram, path, ecn, now);
        if (isAuthentic && _early.Count > 0)
            ReceiveEarly(now);
        if (isAuthentic)
            AfterReceive(now);
        else if (isLongEnough && IsResetToken(token))
            OnStatelessReset(now);
        else if (IsServer && !_hasPeerId)
            EndAtOnce(null);
        return isAuthentic;
    }

    private bool ReceivePackets(Span<byte> datagram, NetworkPath path, EcnCodepoint ecn, TimeSpan now)
    {
        var isAuthentic = false;
        ConnectionId? first = null;
        // RFC 9000 §14.1: a server ignores Initial packets in datagrams that are not padded.
        var mayHoldInitial = !IsServer || datagram.Length >= MinInitialDatagramBytes;
        while (!datagram.IsEmpty && State is QuicConnectionState.Handshaking or QuicConnectionState.Connected)
        {
            if (!PacketHeader.TryRead(datagram, LocalConnectionIds.IdLength, out var header) ||
                !_endpoint.IsQuic(header) || header.DestinationId.Length > ConnectionId.MaxLength)
            {
                _droppedPackets++;
                _qlog?.PacketDropped(PacketType.UnknownVersion, datagram.Length, QlogDrop.Invalid, path);
                break;
            }

            // RFC 9000 §12.2: packets of one datagram have one destination.
            var destination = new ConnectionId(header.DestinationId);
            first ??= destination;
            var packet = datagram[..header.PacketLength];
            datagram = datagram[header.PacketLength..];
            var isFit = destination.Equals(first.Value) && (mayHoldInitial || header.Type != PacketType.Initial);
            if (isFit && ReceivePacket(header, destination, packet, path, ecn, now))
                isAuthentic = true;
            else if (isFit && TryKeepEarly(header.Type, packet, path, ecn))
                _qlog?.PacketBuffered(header.Type, packet.Length, path);
            else
                DropPacket(header.Type, packet.Length, isFit ? _drop : QlogDrop.UnexpectedId, path);
        }

        return isAuthentic;
    }

    private bool TryKeepEarly(PacketType type, ReadOnlySpan<byte> packet, NetworkPath path, EcnCodepoint ecn)
    {
        if (type == PacketType.ZeroRtt)
        {
            return IsServer && _options.EarlyData && IsAlive && !IsReadable(type) &&
                _early.TryAdd(type, packet, path.Id, ecn);
        }

        var space = type == PacketType.Handshake ? Handshake : Application;
        return type is PacketType.Handshake or PacketType.OneRtt && IsAlive && space.ReadProtector is null &&
            !space.IsDiscarded && _early.TryAdd(type, packet, path.Id, ecn);
    }

    /// <summary>Packets that waited for their keys, which may have come.</summary>
    private void ReceiveEarly(TimeSpan now)
    {
        Span<PacketType> types = [PacketType.ZeroRtt, PacketType.Handshake, PacketType.OneRtt];
        foreach (var type in types)
        {
            while (IsReadable(type) && _early.TryTake(type, out var early))
            {
                var packet = early.Bytes.AsSpan(0, early.Length);
                if (IsAlive && _paths.TryGet(early.PathId, out var path) &&
                    PacketHeader.TryRead(packet, LocalConnectionIds.IdLength, out var header))
                    ReceivePacket(header, new ConnectionId(header.DestinationId), packet, path, early.Ecn, now);
                ArrayPool<byte>.Shared.Return(early.Bytes);
            }
        }
    }

    /// <summary>Whether packets of a type can be read by now, or never.</summary>
    private bool IsReadable(PacketType type) => type switch
    {
        PacketType.ZeroRtt => Application.EarlyReadProtector is not null || _handshake.HasPeerParameters,
        PacketType.Handshake => Handshake.ReadProtector is not null || Handshake.IsDiscarded,
        _ => Application.ReadProtector is not null || Application.IsDiscarded,
    };

    private bool ReceivePacket(
        in PacketHeader header,
        ConnectionId destination,
        Span<byte> packet,
        NetworkPath path,
        EcnCodepoint ecn,
        TimeSpan now)
    {
        switch (header.Type)
        {
            case PacketType.Initial:
                return ReceiveProtected(Initial, header, destination, packet, path, ecn, now);
            case PacketType.Handshake:
                return ReceiveProtected(Handshake, header, destination, packet, path, ecn, now);
            case PacketType.OneRtt or PacketType.ZeroRtt:
                return ReceiveProtected(Application, header, destination, packet, path, ecn, now);
            case PacketType.Retry:
                _drop = QlogDrop.Unexpected;
                return ReceiveRetry(header, packet);
            case PacketType.VersionNegotiation:
                ReceiveVersionNegotiation(header, now);
                return false;
            default:
                _drop = QlogDrop.Unexpected;
                return false;
        }
    }

    private bool ReceiveProtected(
        PacketSpace space,
        in PacketHeader header,
        ConnectionId destination,
        Span<byte> packet,
        NetworkPath path,
        EcnCodepoint ecn,
        TimeSpan now)
    {
        var isLong = header.Type != PacketType.OneRtt;
        _drop = QlogDrop.UnexpectedId;
        // RFC 9000 §7.2: the peer keeps its id through the handshake.
        if (isLong && _hasPeerId && !_peerIds.Active[0].Id.Equals(header.SourceId))
            return false;
        // RFC 9000 §17.2.2: a server's Initial has no token.
        if (!IsServer && space == Initial && !header.Token.IsEmpty)
            return false;
        var isEarly = header.Type == PacketType.ZeroRtt;
        var protector = isEarly ? space.EarlyReadProtector : space.ReadProtector;
        _drop = protector is null ? QlogDrop.KeysUnavailable : QlogDrop.NotAuthentic;
        if (!TryUnprotect(
            space, protector, header.PacketNumberOffset, packet, isLong, now, out var number, out var headerLength))
            return false;
        _drop = QlogDrop.Duplicate;
        if (space.Received.IsDuplicate(number))
            return false;
        _receivedPackets++;
        if ((packet[0] & (isLong ? LongReservedBits : ShortReservedBits)) != 0)
        {
            Fail(QuicError.ProtocolViolation, null, "reserved header bits are set", now);
            return true;
        }

        OnAuthentic(space, header, path, now);
        _qlog?.PacketReceived(header, number, packet, headerLength, path);
        var payload = packet[headerLength..^TagLength];
        if (payload.IsEmpty)
        {
            Fail(QuicError.ProtocolViolation, null, "a packet has no frames", now);
            return true;
        }

        var isPreviousPhase = !isLong && _applicationKeys.IsPreviousSelected;
        var context = new PacketContext(number, destination, path, ecn, isPreviousPhase, isEarly);
        ReceiveFrames(space, payload, context, now);
        return true;
    }

    /// <summary>Removes header and packet protection (RFC 9001 §5.3 and §5.4).</summary>
    private bool TryUnprotect(
        PacketSpace space,
        IPacketProtector? protector,
        int numberOffset,
        Span<byte> packet,
        bool isLong,
        TimeSpan now,
        out long number,
        out int headerLength)
    {
        number = 0;
        headerLength = 0;
        var sampleOffset = numberOffset + PacketNumber.MaxLength;
        if (protector is null || packet.Length < sampleOffset + IPacketProtector.SampleLength)
            return false;
        Span<byte> mask = stackalloc byte[1 + PacketNumber.MaxLength];
        protector.HeaderMask(packet.Slice(sampleOffset, IPacketProtector.SampleLength), mask);
        packet[0] ^= (byte)(mask[0] & (isLong ? 0x0f : 0x1f));
        var numberLength = (packet[0] & 0x03) + 1;
        headerLength = numberOffset + numberLength;
        var encoded = packet[numberOffset..headerLength];
        for (var index = 0; index < numberLength; index++)
            encoded[index] ^= mask[index + 1];
        number = PacketNumber.Decode(space.Received.Largest, PacketNumber.ReadTruncated(encoded), numberLength);
        var isOpen = isLong
            ? protector.TryOpen((ulong)number, packet, headerLength)
            : TryOpenApplication(packet, number, headerLength, now);
        if (!isOpen && !isLong)
            OnForged(now);
        return isOpen;
    }

    private bool TryOpenApplication(Span<byte> packet, long number, int headerLength, TimeSpan now)
    {
        var phase = (packet[0] & KeyPhaseBit) != 0;
        var protector = _applicationKeys.Select(phase, number, out var isUpdate);
        if (protector is null)
            return false;
        // Two updates in close succession look like a packet that is late: the bytes are kept for another attempt.
        var isDoubtful = isUpdate && _applicationKeys.Previous is not null;
        var copy = isDoubtful ? ArrayPool<byte>.Shared.Rent(packet.Length) : null;
        if (copy is not null)
            packet.CopyTo(copy);
        var isOpen = protector.TryOpen((ulong)number, packet, headerLength);
        if (copy is not null)
        {
            if (!isOpen)
                CheckOldKeys(number, copy.AsSpan(0, packet.Length), headerLength, now);
            ArrayPool<byte>.Shared.Return(copy);
        }

        if (!isOpen)
            return false;
        if (isUpdate && !_applicationKeys.MayPeerUpdate)
        {
            const string reason = "the keys were updated again before the last update was acknowledged";
            Fail(QuicError.KeyUpdateError, null, reason, now);
            return false;
        }

        if (isUpdate)
            UpdateKeys(QlogKeyTrigger.Remote);
        if (_applicationKeys.OnReceived(phase, number) && _applicationKeys.Previous is not null)
            _isPreviousKeyDue = true;
        return true;
    }

    // RFC 9001 §6.4: packets with higher numbers must not go back to older keys.
    private void CheckOldKeys(long number, Span<byte> packet, int headerLength, TimeSpan now)
    {
        if (_applicationKeys.Previous?.TryOpen((ulong)number, packet, headerLength) == true)
            Fail(QuicError.KeyUpdateError, null, $"packet {number} has older keys than one before it", now);
    }

    // RFC 9001 §6.6: forgeries are counted over all keys of the connection.
    private void OnForged(TimeSpan now)
    {
        if (++_forgedPackets >= _options.MaxForgedPackets)
            Fail(QuicError.AeadLimitReached, null, "too many packets were not authentic", now);
    }

    private void OnAuthentic(PacketSpace space, in PacketHeader header, NetworkPath path, TimeSpan now)
    {
        if (!_hasPeerId)
        {
            _hasPeerId = true;
            _peerIds.ReplaceFirst(new ConnectionId(header.SourceId));
            if (IsServer)
                StartTrace(now);
        }

        if (IsServer && space == Handshake)
        {
            // RFC 9000 §8.1: a Handshake packet proves that the client got ours, and so is where we sent it if that was
            // one path. RFC 9001 §4.9.1: Initial keys go.
            path.IsValidated |= path == _paths.Current && !_paths.HasMovedInHandshake;
            Discard(Initial);
        }

        if (IsServer && !IsHandshakeConfirmed && path != _paths.Current)
            _paths.MoveTo(path, PathMove.PeerInHandshake, now);
        _idle.OnReceived(ProbeTimeout, now);
    }

    private void ReceiveFrames(PacketSpace space, ReadOnlySpan<byte> payload, in PacketContext context, TimeSpan now)
    {
        var reader = new FrameReader(payload);
        var isAckEliciting = false;
        var isProbing = true;
        while (!reader.IsAtEnd)
        {
            Frame frame = default;
            if (!reader.TryRead(ref frame, out var error))
            {
                Fail(error, frame.WireType, $"frame 0x{frame.WireType:x2} is malformed or unknown", now);
                return;
            }

            if (space != Application && !frame.IsAllowedInHandshake)
            {
                const string reason = "the frame is not allowed in a handshake packet";
                Fail(QuicError.ProtocolViolation, frame.WireType, reason, now);
                return;
            }

            if (context.IsEarlyData && !frame.IsAllowedInEarlyData)
            {
                Fail(QuicError.ProtocolViolation, frame.WireType, "the frame is not allowed in a 0-RTT packet", now);
                return;
            }

            isAckEliciting |= frame.IsAckEliciting;
            isProbing &= frame.IsProbing;
            ReceiveFrame(space, frame, context, now);
            if (!IsAlive)
                return;
        }

        if (space.IsDiscarded)
            return;
        if (space == Application && isAckEliciting)
            space.Received.AdaptThreshold(context.Path.Rtt.Smoothed, now);
        // RFC 9000 §13.2.1: Initial and Handshake packets are acknowledged at once.
        space.Received.Add(context.Number, isAckEliciting, context.Ecn, ackAtOnce: space != Application, now);
        if (space.Received.HasUnacknowledged && !space.Received.IsAckDue)
            _timers[QuicTimer.AckDelay] ??= now + LocalMaxAckDelay;
        if (space == Application && !isProbing && context.Number == space.Received.Largest &&
            !context.IsEarlyData)
            _paths.FollowPeer(context.Path, now);
    }

    private void AfterReceive(TimeSpan now)
    {
        if (!IsAlive)
            return;
        _qlog?.MetricsUpdated(_paths.Current);
        _idle.RestartKeepAlive(ProbeTimeout, now);
        if (_isPreviousKeyDue)
        {
            _isPreviousKeyDue = false;
            _timers[QuicTimer.PreviousKeys] = now + ProbeTimeout * 3;
        }

        RestartLossTimerIfDue(now);
    }

    private bool IsResetToken(ReadOnlySpan<byte> candidate)
    {
        foreach (var known in _peerIds.Active)
        {
            if (known.Token.Length > 0 && CryptographicOperations.FixedTimeEquals(known.Token, candidate))
                return true;
        }

        return false;
    }

    /// <summary>What frames need to know of the packet they came in.</summary>
    private readonly record struct PacketContext(
        long Number,
        ConnectionId Destination,
        NetworkPath Path,
        EcnCodepoint Ecn,
        bool IsPreviousPhase,
        bool IsEarlyData);
}
