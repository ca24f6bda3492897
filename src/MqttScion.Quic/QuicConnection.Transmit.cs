using System.Buffers.Binary;

namespace MqttScion.Quic;

public sealed partial class QuicConnection
{
    private const int MinInitialDatagramBytes = 1200;
    private const int MinPacketRoom = 40;
    private const int MaxFillBytes = 48;
    private const long MaxSealedPackets = 1L << 23;
    private const int AckOnlyBeforePing = 16;
    private const byte LongForm = 0x80;
    private const int ControlFrameRoom = 40;
    private const int MinSkipPeriod = 128;
    private const int MaxSkipPeriod = 1 << 15;

    private int _ackOnlyCount;
    private ulong _quicBits;
    private EcnCodepoint _mark;

    /// <summary>
    /// Writes the next datagrams, all for one path: a flight of equal datagrams where there is enough to send. False
    /// when there is nothing to send now.
    /// </summary>
    /// <param name="room">Where to write; see <see cref="QuicTransmit"/> for the layout.</param>
    /// <param name="maxSegments">How many datagrams at most; 1 or more.</param>
    /// <param name="now">The time.</param>
    /// <param name="transmit">What was written.</param>
    public bool TryTransmit(Span<byte> room, int maxSegments, TimeSpan now, out QuicTransmit transmit)
    {
        transmit = default;
        if (State is QuicConnectionState.Draining or QuicConnectionState.Drained)
            return false;
        _qlog?.At(now);
        UpdateKeysIfDue(now);
        if (State == QuicConnectionState.Closing)
            return TryTransmitClose(room, now, out transmit);
        if (TryTransmitPathFrames(room, now, out transmit))
            return true;
        var path = _paths.Current;
        if (TryTransmitMtuProbe(path, room, now, out transmit))
            return true;
        var size = PeerLimit(path);
        var (count, total) = (0, 0);
        // All datagrams of a flight have one mark. HANDSHAKE_DONE is not to be lost for it.
        _mark = IsHandshakeConfirmed && Application.LargestAcknowledged >= 0 ? path.Ecn.Mark : EcnCodepoint.NotEct;
        while (count < maxSegments)
        {
            var start = count * (path.HeadroomBytes + size);
            // Only the first is cut to the room: a short one in between would be a datagram too many.
            if (start + path.HeadroomBytes + (count == 0 ? MinPacketRoom : size) > room.Length)
                break;
            var length = WriteDatagram(path, Slot(room[start..], path, size), isFirst: count == 0, now);
            if (length == 0)
                break;
            count++;
            total = start + path.HeadroomBytes + length;
            if (length < size)
                break;
        }

        path.OnSendingStopped();
        if (count == 0)
            return false;
        RestartLossTimer(now);
        var segmentSize = count == 1 ? total - path.HeadroomBytes : size;
        transmit = new QuicTransmit(path.Id, total, segmentSize, count, _mark);
        return true;
    }

    private void UpdateKeysIfDue(TimeSpan now)
    {
        if (!IsAlive || !IsHandshakeConfirmed || _applicationKeys.SentInPhase < _options.KeyUpdatePackets)
            return;
        if (_applicationKeys.MayUpdate)
            UpdateKeys(QlogKeyTrigger.Local);
        else if (_applicationKeys.SentInPhase >= MaxSealedPackets)
            Fail(QuicError.AeadLimitReached, null, "the keys can't be updated in time", now);
    }

    private static Span<byte> Slot(Span<byte> room, NetworkPath path, int size) =>
        room.Slice(path.HeadroomBytes, Math.Min(size, room.Length - path.HeadroomBytes));

    private int PeerLimit(NetworkPath path) =>
        (int)Math.Min((ulong)path.MaxDatagramBytes, _peerParameters.MaxUdpPayloadSize);

    private int WriteDatagram(NetworkPath path, Span<byte> slot, bool isFirst, TimeSpan now)
    {
        if (slot.Length > path.AllowanceBytes)
            slot = slot[..(int)path.AllowanceBytes];
        var builder = new DatagramBuilder(slot);
        var isPadded = false;
        foreach (var space in _spaces)
        {
            if (!space.IsWritable || space.IsDiscarded || !TryWritePacket(ref builder, space, path, now))
                continue;
            // RFC 9000 §14.1: a client pads every datagram with an Initial, a server those that elicit an ACK.
            var packet = builder[builder.Count - 1];
            isPadded |= space == Initial && (!IsServer || packet.Sent is not null);
        }

        if (builder.Count == 0)
            return 0;
        if (isPadded)
            builder.PadTo(MinInitialDatagramBytes);
        // Nobody would notice that marks cost what is not acknowledged itself.
        if (isFirst && builder[builder.Count - 1].Sent is null)
            _mark = EcnCodepoint.NotEct;
        // A few bytes of padding keep the datagrams of a flight equal, which is what lets them leave in one call.
        if (builder.Remaining <= MaxFillBytes && builder[builder.Count - 1].Sent is not null && HasContent(Application))
            builder.PadTo(slot.Length);
        return Seal(ref builder, path, now);
    }

    private bool TryWritePacket(ref DatagramBuilder builder, PacketSpace space, NetworkPath path, TimeSpan now)
    {
        var isProbe = space.ProbesPending > 0;
        var mayElicit = space.Sent.HasRoom(space.NextNumber) && (isProbe || MaySend(path, space, now));
        // An Initial that the server can't pad would be dropped by the client.
        if (space == Initial && builder.Room < MinInitialDatagramBytes)
            mayElicit = false;
        var hasContent = mayElicit && HasContent(space);
        if (!hasContent && !space.Received.IsAckDue)
            return false;
        if (!TryBegin(ref builder, space))
            return false;
        var sent = space.Sent.Rent(path);
        sent.LargestAcknowledged = -1;
        var hasAck = space.Received.HasUnacknowledged && TryWriteAck(ref builder.Writer, space, now);
        if (hasAck)
            sent.LargestAcknowledged = space.Received.Largest;
        if (hasContent)
            WriteContent(ref builder.Writer, space, sent.Frames);
        var mayPing = sent.Frames.Count == 0 && mayElicit && builder.Writer.Remaining > 0;
        if (mayPing && (isProbe || (hasAck && IsPingWorthwhile(space))))
            WritePing(ref builder.Writer, sent.Frames);
        if (sent.Frames.Count == 0)
        {
            space.Sent.Return(sent);
            if (!hasAck || !space.Received.IsAckDue)
                return false;
        }

        if (hasAck)
            OnAckWritten(space);
        if (isProbe && sent.Frames.Count > 0)
            space.ProbesPending--;
        builder.Commit(sent.Frames.Count > 0 ? sent : null);
        return true;
    }

    /// <summary>Writes a packet's header; false when there is no room worth it.</summary>
    private bool TryBegin(ref DatagramBuilder builder, PacketSpace space)
    {
        var isLong = space != Application || space.WriteProtector is null;
        var destination = _peerIds.Current;
        var token = space == Initial ? _token : [];
        var headerBound = 1 + destination.Length + PacketNumber.MaxLength;
        if (isLong)
        {
            headerBound += sizeof(uint) + 1 + 1 + LocalConnectionIds.IdLength + sizeof(ulong) + token.Length +
                DatagramBuilder.LengthFieldBytes;
        }

        if (builder.Remaining < headerBound + MinPacketRoom)
            return false;
        var numberLength = PacketNumber.EncodedLength(space.NextNumber, space.LargestAcknowledged);
        var writer = new ByteWriter(builder.Free);
        if (isLong)
        {
            var type = space.Id switch
            {
                SpaceId.Initial => PacketType.Initial,
                SpaceId.Handshake => PacketType.Handshake,
                _ => PacketType.ZeroRtt,
            };
            writer.WriteByte((byte)(LongForm | QuicBit() | ((byte)type << 4) | (numberLength - 1)));
            writer.WriteUInt32(PacketHeader.Version1);
            writer.WriteByte((byte)destination.Length);
            writer.Advance(destination.CopyTo(writer.Free));
            writer.WriteByte(LocalConnectionIds.IdLength);
            writer.Advance(_localIds.Initial.Id.CopyTo(writer.Free));
            if (space == Initial)
                writer.WritePrefixed(token);
            writer.Advance(DatagramBuilder.LengthFieldBytes);
        }
        else
        {
            var phase = _applicationKeys.Phase ? KeyPhaseBit : 0;
            writer.WriteByte((byte)(QuicBit() | phase | (numberLength - 1)));
            writer.Advance(destination.CopyTo(writer.Free));
        }

        builder.Begin(space, writer.Position, space.NextNumber, numberLength, isLong);
        return true;
    }

    // RFC 9287 §3.1: at random, once the peer has said that it takes it.
    private byte QuicBit()
    {
        if (!_peerParameters.GreaseQuicBit || !_options.GreaseQuicBit)
            return PacketHeader.FixedBit;
        if (_quicBits <= 1)
        {
            Span<byte> random = stackalloc byte[sizeof(ulong)];
            _random.Fill(random);
            _quicBits = BinaryPrimitives.ReadUInt64LittleEndian(random) | (1UL << 63);
        }

        var bit = (byte)((_quicBits & 1) * PacketHeader.FixedBit);
        _quicBits >>= 1;
        return bit;
    }

    /// <summary>Seals all packets of a datagram and accounts for them; gives the datagram's length.</summary>
    private int Seal(ref DatagramBuilder builder, NetworkPath path, TimeSpan now)
    {
        var sentHandshake = false;
        var isMarked = _mark == EcnCodepoint.Ect0;
        for (var index = 0; index < builder.Count; index++)
        {
            var packet = builder[index];
            _qlog?.PacketSent(packet, builder.Written, builder.Count > 1, path);
            builder.Seal(index);
            packet.Space.NextNumber++;
            if (isMarked)
            {
                packet.Space.Ecn.Sent++;
                path.Ecn.OnSent();
            }

            if (packet.Space.NextNumber == packet.Space.NextSkip)
                SkipNumber(packet.Space);
            _sentPackets++;
            sentHandshake |= packet.Space == Handshake;
            if (packet.Sent is not { } sent)
                continue;
            sent.Number = packet.Number;
            sent.SentAt = now;
            sent.SizeBytes = packet.End - packet.Start;
            sent.IsAckEliciting = true;
            sent.IsMarked = isMarked;
            LossDetector.OnSent(packet.Space, sent);
            _idle.OnAckElicitingSent(ProbeTimeout, now);
            if (packet.Space == Application && IsHandshakeConfirmed)
                _paths.OnAckElicitingSent(path, now);
        }

        path.OnDatagramSent(builder.Length);
        _sentBytes += builder.Length;
        _qlog?.MetricsUpdated(path);
        // RFC 9001 §4.9.1: a client needs its Initial keys no more once it sends a Handshake packet.
        if (sentHandshake && !IsServer && IsAlive)
            Discard(Initial);
        return builder.Length;
    }

    // RFC 9000 §21.4: ever more rarely, at intervals that a peer can't guess.
    private void SkipNumber(PacketSpace space)
    {
        space.SkippedNumber = space.NextNumber++;
        ScheduleSkip(space);
    }

    private void ScheduleSkip(PacketSpace space)
    {
        Span<byte> random = stackalloc byte[sizeof(ushort)];
        _random.Fill(random);
        var period = Math.Clamp(space.NextNumber, MinSkipPeriod, MaxSkipPeriod);
        space.NextSkip = space.NextNumber + period / 2 + BinaryPrimitives.ReadUInt16BigEndian(random) % period;
    }

    /// <summary>Asks congestion control and pacing; sets the timer when pacing says to wait.</summary>
    private bool MaySend(NetworkPath path, PacketSpace space, TimeSpan now)
    {
        // While 1-RTT packets that the peer has no keys for fill the window, no timer would ever bring out what the
        // handshake waits for.
        if (!path.HasWindow && (space == Application || space.AckElicitingInFlight > 0))
            return false;
        if (space != Application || !HasContent(space) ||
            path.Pacer.NextSend(path.Rtt, path.Congestion, now) is not { } next)
        {
            _timers[QuicTimer.Pacing] = null;
            return true;
        }

        _timers[QuicTimer.Pacing] = next;
        return false;
    }

    private static bool TryWriteAck(ref ByteWriter writer, PacketSpace space, TimeSpan now) =>
        space.Received.TryWriteAck(ref writer, now - space.Received.LargestReceivedAt, LocalAckDelayExponent);

    private void OnAckWritten(PacketSpace space)
    {
        space.Received.OnAckSent();
        if (space != Application)
            return;
        _applicationKeys.OnAckSent();
        _timers[QuicTimer.AckDelay] = null;
    }

    private bool HasContent(PacketSpace space)
    {
        if (space.ProbesPending > 0 || space.IsPingPending || space.CryptoOut.HasRepeat || space.CryptoOut.HasUnsent)
            return true;
        return space == Application && (_isHandshakeDonePending || _isNewTokenPending || _localIds.HasPending ||
            _peerIds.HasPending || _datagramsOut.Count > 0 || _streams.HasSomethingToSend);
    }

    // RFC 9000 §13.2.4: a receiver that only acknowledges asks for an ACK now and then, to forget old ranges.
    private bool IsPingWorthwhile(PacketSpace space)
    {
        if (!space.Received.HasGaps || ++_ackOnlyCount < AckOnlyBeforePing)
            return false;
        _ackOnlyCount = 0;
        return true;
    }

    private static void WritePing(ref ByteWriter writer, List<SentFrame> sent)
    {
        writer.WriteVarInt((ulong)FrameType.Ping);
        sent.Add(new SentFrame(SentFrameKind.Ping));
    }

    private void WriteContent(ref ByteWriter writer, PacketSpace space, List<SentFrame> sent)
    {
        WriteCrypto(ref writer, space, sent);
        if (space == Application)
        {
            WriteConnectionControls(ref writer, sent);
            _streams.WriteControls(ref writer, sent);
            WriteDatagrams(ref writer, sent);
            _streams.WriteData(ref writer, sent);
        }

        if (space.IsPingPending && writer.Remaining > 0)
        {
            space.IsPingPending = false;
            // Any other frame does what a PING is for.
            if (sent.Count == 0)
                WritePing(ref writer, sent);
        }
    }

    private static void WriteCrypto(ref ByteWriter writer, PacketSpace space, List<SentFrame> sent)
    {
        const int overhead = 1 + 8 + DatagramBuilder.LengthFieldBytes;
        while (writer.Remaining > overhead && space.CryptoOut.TryTake(
            writer.Remaining - overhead, long.MaxValue, out var offset, out var length, out _))
        {
            writer.WriteVarInt((ulong)FrameType.Crypto);
            writer.WriteVarInt((ulong)offset);
            writer.WriteVarInt((ulong)length);
            space.CryptoOut.CopyTo(offset, writer.Free[..length]);
            writer.Advance(length);
            sent.Add(new SentFrame(SentFrameKind.Crypto, 0, offset, length));
        }
    }

    private void WriteConnectionControls(ref ByteWriter writer, List<SentFrame> sent)
    {
        if (_isHandshakeDonePending && writer.Remaining > 0)
        {
            _isHandshakeDonePending = false;
            writer.WriteVarInt((ulong)FrameType.HandshakeDone);
            sent.Add(new SentFrame(SentFrameKind.HandshakeDone));
        }

        if (_isNewTokenPending && writer.Remaining >= ControlFrameRoom + _newToken.Length)
        {
            _isNewTokenPending = false;
            writer.WriteVarInt((ulong)FrameType.NewToken);
            writer.WritePrefixed(_newToken);
            sent.Add(new SentFrame(SentFrameKind.NewToken));
        }

        while (_localIds.HasPending && writer.Remaining >= ControlFrameRoom)
        {
            var issued = _localIds.TakePending();
            writer.WriteVarInt((ulong)FrameType.NewConnectionId);
            writer.WriteVarInt((ulong)issued.Sequence);
            writer.WriteVarInt(0);
            writer.WriteByte((byte)issued.Id.Length);
            writer.Advance(issued.Id.CopyTo(writer.Free));
            writer.WriteBytes(issued.Token);
            sent.Add(new SentFrame(SentFrameKind.NewConnectionId, issued.Sequence));
        }

        while (_peerIds.HasPending && writer.Remaining >= ControlFrameRoom)
        {
            var sequence = _peerIds.TakePending();
            writer.WriteVarInt((ulong)FrameType.RetireConnectionId);
            writer.WriteVarInt((ulong)sequence);
            sent.Add(new SentFrame(SentFrameKind.RetireConnectionId, sequence));
        }
    }

    /// <summary>
    /// PATH_RESPONSE and PATH_CHALLENGE in datagrams of their own, on the path that they are about (RFC 9000 §8.2).
    /// </summary>
    private bool TryTransmitPathFrames(Span<byte> room, TimeSpan now, out QuicTransmit transmit)
    {
        transmit = default;
        if (Application.WriteProtector is null || !Application.Sent.HasRoom(Application.NextNumber))
            return false;
        foreach (var path in _paths.All)
        {
            if ((!path.HasResponse && !path.IsChallengePending) || !path.HasReserve)
                continue;
            // Its loss must have one reason only, as that of a probe for the size.
            _mark = EcnCodepoint.NotEct;
            var slot = Slot(room, path, PeerLimit(path));
            if (slot.Length > path.AllowanceBytes)
                slot = slot[..(int)path.AllowanceBytes];
            var builder = new DatagramBuilder(slot);
            if (!TryBegin(ref builder, Application))
                continue;
            var sent = Application.Sent.Rent(path);
            sent.LargestAcknowledged = -1;
            sent.IsPathProbe = true;
            WritePathFrames(ref builder.Writer, path, now);
            // RFC 9000 §9.1: with an ACK the packet is no probe any more, which must not move the peer.
            if (path == _paths.Current && Application.Received.HasUnacknowledged &&
                TryWriteAck(ref builder.Writer, Application, now))
            {
                sent.LargestAcknowledged = Application.Received.Largest;
                OnAckWritten(Application);
            }

            sent.Frames.Add(new SentFrame(SentFrameKind.Ping));
            builder.Commit(sent);
            builder.PadTo(MinInitialDatagramBytes);
            var length = Seal(ref builder, path, now);
            RestartLossTimer(now);
            transmit = new QuicTransmit(path.Id, path.HeadroomBytes + length, length, 1, _mark);
            return true;
        }

        return false;
    }

    private static void WritePathFrames(ref ByteWriter writer, NetworkPath path, TimeSpan now)
    {
        if (path.TryTakeResponse(out var response))
        {
            writer.WriteVarInt((ulong)FrameType.PathResponse);
            BinaryPrimitives.WriteUInt64BigEndian(writer.Free, response);
            writer.Advance(sizeof(ulong));
        }

        if (!path.IsChallengePending || path.Challenge is not { } challenge)
            return;
        path.IsChallengePending = false;
        path.ChallengeSentAt = now;
        writer.WriteVarInt((ulong)FrameType.PathChallenge);
        BinaryPrimitives.WriteUInt64BigEndian(writer.Free, challenge);
        writer.Advance(sizeof(ulong));
    }
}
