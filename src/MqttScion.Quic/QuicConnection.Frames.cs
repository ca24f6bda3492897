using System.Buffers.Binary;

namespace MqttScion.Quic;

public sealed partial class QuicConnection
{
    /// <summary>Handles one frame; a breach of the protocol ends the connection.</summary>
    private void ReceiveFrame(PacketSpace space, in Frame frame, in PacketContext context, TimeSpan now)
    {
        switch (frame.Type)
        {
            case FrameType.Padding or FrameType.Ping:
            case FrameType.DataBlocked:
                // A blocked peer needs no answer: credit goes out as the application reads.
                break;
            case FrameType.StreamsBlockedBidirectional or FrameType.StreamsBlockedUnidirectional:
                _streams.ReceiveStreamsBlocked(frame.Type == FrameType.StreamsBlockedBidirectional);
                break;
            case FrameType.Ack or FrameType.AckEcn:
                ReceiveAck(space, frame, context, now);
                break;
            case FrameType.Crypto:
                _handshake.Receive(space, frame, now);
                break;
            case FrameType.ConnectionClose or FrameType.ApplicationClose:
                ReceiveClose(frame, now);
                break;
            case FrameType.MaxData:
                _streams.ReceiveMaxData((long)frame.Value);
                break;
            case FrameType.MaxStreamsBidirectional or FrameType.MaxStreamsUnidirectional:
                _streams.ReceiveMaxStreams((long)frame.Value, frame.Type == FrameType.MaxStreamsBidirectional);
                break;
            case FrameType.PathChallenge:
                _paths.ReceiveChallenge(context.Path, ReadPathData(frame), now);
                break;
            case FrameType.PathResponse:
                _paths.ReceiveResponse(ReadPathData(frame), now);
                break;
            default:
                ReceiveChecked(frame, context, now);
                break;
        }
    }

    private void ReceiveChecked(in Frame frame, in PacketContext context, TimeSpan now)
    {
        var violation = frame.Type switch
        {
            FrameType.Stream => _streams.ReceiveData(frame, context.IsEarlyData),
            FrameType.ResetStream => _streams.ReceiveReset(frame),
            FrameType.StopSending => _streams.ReceiveStop(frame),
            FrameType.MaxStreamData => _streams.ReceiveMaxStreamData(frame),
            FrameType.StreamDataBlocked => _streams.ReceiveStreamDataBlocked(frame),
            FrameType.NewConnectionId => ReceiveNewConnectionId(frame),
            FrameType.RetireConnectionId => ReceiveRetireConnectionId(frame, context.Destination),
            FrameType.NewToken => ReceiveNewToken(frame),
            FrameType.HandshakeDone => ReceiveHandshakeDone(),
            FrameType.Datagram or FrameType.DatagramWithLength => ReceiveDatagram(frame),
            _ => new Violation(QuicError.FrameEncodingError, "the frame type is unknown"),
        };
        if (violation is not null)
            Fail(violation.Error, frame.WireType, violation.Reason, now);
    }

    private static Violation OnlyFromServer(string frame) =>
        new(QuicError.ProtocolViolation, $"a client must not send {frame}");

    private Violation? ReceiveNewToken(in Frame frame)
    {
        if (IsServer)
            return OnlyFromServer("NEW_TOKEN");
        _endpoint.Sessions.KeepToken(ServerName, frame.Data);
        return null;
    }

    private Violation? ReceiveHandshakeDone()
    {
        if (IsServer)
            return OnlyFromServer("HANDSHAKE_DONE");
        ConfirmHandshake();
        return null;
    }

    private void ReceiveAck(PacketSpace space, in Frame frame, in PacketContext context, TimeSpan now)
    {
        if (context.IsPreviousPhase && (long)frame.Offset >= _applicationKeys.FirstSent)
        {
            // RFC 9001 §6.2: who saw packets with new keys has updated as well.
            Fail(QuicError.KeyUpdateError, frame.WireType, "an ACK with old keys is for packets with new ones", now);
            return;
        }

        if (space == Handshake)
            _hasHandshakeAcknowledged = true;
        var delay = TimeSpan.Zero;
        if (space == Application)
        {
            // RFC 9002 §5.3: limited to what the peer promised.
            var microseconds = (double)frame.Value * (1UL << (int)_peerParameters.AckDelayExponent);
            delay = TimeSpan.FromMicroseconds(Math.Min(microseconds, _loss.MaxAckDelay.TotalMicroseconds));
        }

        _isLossTimerDue = true;
        // RFC 9002 §6.2.1: a client that is not sure of the server's address validation keeps its back-off.
        var resetsBackoff = !MayDeadlock;
        if (!_loss.TryAcknowledge(space, frame, delay, _paths.Current, resetsBackoff, now))
            Fail(QuicError.ProtocolViolation, frame.WireType, "a packet was acknowledged that was never sent", now);
        _paths.OnAcknowledged();
    }

    private static ulong ReadPathData(in Frame frame) => BinaryPrimitives.ReadUInt64BigEndian(frame.Data);

    private Violation? ReceiveNewConnectionId(in Frame frame)
    {
        if (_peerIds.Add(frame) is { } violation)
            return violation;
        RegisterResetTokens();
        return null;
    }

    // Retired ids take their tokens with them.
    private void RegisterResetTokens()
    {
        foreach (var token in _resetTokens)
            _endpoint.RemoveResetToken(token, this);
        _resetTokens.Clear();
        foreach (var known in _peerIds.Active)
        {
            if (known.Token.Length == 0)
                continue;
            var token = new ConnectionId(known.Token);
            _resetTokens.Add(token);
            _endpoint.AddResetToken(token, this);
        }
    }

    private Violation? ReceiveRetireConnectionId(in Frame frame, ConnectionId usedNow)
    {
        if (_localIds.Retire(frame.Id, usedNow, out var retired, out var issued) is { } violation)
            return violation;
        if (retired is { } id)
            _endpoint.RemoveId(id, this);
        foreach (var added in issued)
            _endpoint.AddId(added, this);
        return null;
    }

    void IFrameOutcomes.OnFrameAcknowledged(SpaceId space, in SentFrame frame)
    {
        if (frame.Kind == SentFrameKind.Crypto)
            _spaces[(int)space].CryptoOut.OnAcknowledged(frame.Offset, frame.Length, isFinal: false);
        else
            _streams.OnFrameAcknowledged(frame);
    }

    void IFrameOutcomes.OnFrameLost(SpaceId space, in SentFrame frame)
    {
        switch (frame.Kind)
        {
            case SentFrameKind.Crypto:
                _spaces[(int)space].CryptoOut.OnLost(frame.Offset, frame.Length, isFinal: false);
                break;
            case SentFrameKind.HandshakeDone:
                _isHandshakeDonePending = true;
                break;
            case SentFrameKind.NewToken:
                _isNewTokenPending = true;
                break;
            case SentFrameKind.NewConnectionId:
                _localIds.OnLost(frame.Id);
                break;
            case SentFrameKind.RetireConnectionId:
                _peerIds.OnLost(frame.Id);
                break;
            case SentFrameKind.Ping:
                break;
            default:
                _streams.OnFrameLost(frame);
                break;
        }
    }
}
