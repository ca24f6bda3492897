using System.Text;

namespace MqttScion.Quic;

public sealed partial class QuicConnection
{
    private const int ClosingProbeTimeouts = 3;
    private const int MaxReasonBytes = 256;

    private byte[] _closeReasonBytes = [];
    private bool _isCloseFrameDue;
    private long _receivedWhileClosing;

    /// <summary>
    /// Closes the connection: everything stops at once, and the peer is told the code and the reason. Does nothing when
    /// the connection is closed already.
    /// </summary>
    /// <param name="applicationErrorCode">The application protocol's code; 62 bits.</param>
    /// <param name="reason">A text for people; at most 256 bytes of it are sent.</param>
    /// <param name="now">The time.</param>
    public void Close(ulong applicationErrorCode, string reason, TimeSpan now)
    {
        ArgumentNullException.ThrowIfNull(reason);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(applicationErrorCode, VarInt.MaxValue);
        _qlog?.At(now);
        BeginClosing(new QuicCloseReason(QuicCloseKind.LocalApplication, applicationErrorCode, null, reason), now);
    }

    /// <summary>Closes because of an error of our own or a breach of the protocol by the peer.</summary>
    private void Fail(QuicError error, ulong? frameType, string reason, TimeSpan now) =>
        BeginClosing(new QuicCloseReason(QuicCloseKind.LocalTransport, (ulong)error, frameType, reason), now);

    private void BeginClosing(QuicCloseReason reason, TimeSpan now)
    {
        if (!IsAlive)
            return;
        var bytes = Encoding.UTF8.GetBytes(reason.Reason);
        _closeReasonBytes = bytes.Length <= MaxReasonBytes ? bytes : bytes[..MaxReasonBytes];
        _isCloseFrameDue = true;
        End(QuicConnectionState.Closing, reason, now);
    }

    /// <summary>The peer closed: nothing is sent any more (RFC 9000 §10.2.2).</summary>
    private void ReceiveClose(in Frame frame, TimeSpan now)
    {
        var isApplication = frame.Type == FrameType.ApplicationClose;
        var kind = isApplication ? QuicCloseKind.PeerApplication : QuicCloseKind.PeerTransport;
        var text = Encoding.UTF8.GetString(frame.Data[..Math.Min(frame.Data.Length, MaxReasonBytes)]);
        var cause = isApplication ? (ulong?)null : frame.CauseFrameType;
        End(QuicConnectionState.Draining, new QuicCloseReason(kind, frame.ErrorCode, cause, text), now);
    }

    private void OnStatelessReset(TimeSpan now)
    {
        const string reason = "the peer does not know the connection any more";
        End(QuicConnectionState.Draining, new QuicCloseReason(QuicCloseKind.StatelessReset, 0, null, reason), now);
    }

    private void End(QuicConnectionState state, QuicCloseReason reason, TimeSpan now)
    {
        State = state;
        CloseReason = reason;
        TraceClose(reason);
        _streams.Close();
        _timers.Clear();
        _timers[QuicTimer.CloseEnd] = now + ProbeTimeout * ClosingProbeTimeouts;
        _events.Add(new QuicEvent(QuicEventKind.Closed, Close: reason));
    }

    /// <summary>Ends without a closing period: by a timeout, or because there never was a peer.</summary>
    private void EndAtOnce(QuicCloseReason? reason)
    {
        CloseReason = reason;
        if (reason is not null)
        {
            TraceClose(reason);
            _events.Add(new QuicEvent(QuicEventKind.Closed, Close: reason));
        }

        Drain();
    }

    private void Drain()
    {
        if (State == QuicConnectionState.Drained)
            return;
        Leave();
        _events.Add(new QuicEvent(QuicEventKind.Drained));
    }

    // RFC 9000 §10.2.1: the close is repeated ever more rarely to a peer that goes on sending. What came is not opened
    // any more, so that nothing is known of its path: the answer goes where the peer was last.
    private void OnReceivedWhileClosing()
    {
        _receivedWhileClosing++;
        _isCloseFrameDue |= System.Numerics.BitOperations.IsPow2(_receivedWhileClosing);
    }

    private bool TryTransmitClose(Span<byte> room, TimeSpan now, out QuicTransmit transmit)
    {
        transmit = default;
        var path = _paths.Current;
        _mark = EcnCodepoint.NotEct;
        if (!_isCloseFrameDue || CloseReason is null)
            return false;
        var slot = Slot(room, path, PeerLimit(path));
        if (slot.Length > path.AllowanceBytes)
            slot = slot[..(int)path.AllowanceBytes];
        var builder = new DatagramBuilder(slot);
        foreach (var space in _spaces)
        {
            // RFC 9000 §10.2.3: until the handshake is confirmed the peer may lack keys, so every level says it.
            if (space.WriteProtector is null || (IsHandshakeConfirmed && space != Application) ||
                !TryBegin(ref builder, space))
                continue;
            WriteClose(ref builder.Writer, space, CloseReason);
            builder.Commit();
        }

        _isCloseFrameDue = false;
        if (builder.Count == 0)
            return false;
        if (!IsServer && builder.HasInitial)
            builder.PadTo(MinInitialDatagramBytes);
        var length = Seal(ref builder, path, now);
        transmit = new QuicTransmit(path.Id, path.HeadroomBytes + length, length, 1, _mark);
        return true;
    }

    private void WriteClose(ref ByteWriter writer, PacketSpace space, QuicCloseReason reason)
    {
        var isApplication = reason.Kind == QuicCloseKind.LocalApplication;
        // An application's code and reason must not be seen before the handshake is done.
        var isHidden = isApplication && space != Application;
        var code = isHidden ? (ulong)QuicError.ApplicationError : reason.ErrorCode;
        var type = isApplication && !isHidden ? FrameType.ApplicationClose : FrameType.ConnectionClose;
        writer.WriteVarInt((ulong)type);
        writer.WriteVarInt(code);
        if (!isApplication || isHidden)
            writer.WriteVarInt(reason.FrameType ?? 0);
        var text = isHidden ? [] : _closeReasonBytes;
        var length = Math.Clamp(writer.Remaining - sizeof(ushort), 0, text.Length);
        writer.WritePrefixed(text.AsSpan(0, length));
    }
}
