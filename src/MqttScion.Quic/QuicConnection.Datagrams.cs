namespace MqttScion.Quic;

/// <content>Unreliable datagrams (RFC 9221).</content>
public sealed partial class QuicConnection
{
    private readonly DatagramQueue _datagramsOut;
    private readonly DatagramQueue _datagramsIn;
    private long _droppedDatagrams;

    /// <summary>
    /// How long a datagram may be on the current path; 0 when the peer takes none, or nothing is known of it yet.
    /// </summary>
    public int MaxDatagramPayloadBytes
    {
        get
        {
            var overhead = 1 + _peerIds.Current.Length + PacketNumber.MaxLength + IPacketProtector.TagLength;
            var frame = Math.Min((ulong)(PeerLimit(_paths.Current) - overhead), _peerParameters.MaxDatagramFrameSize);
            return (int)Math.Max(0L, (long)frame - 1 - DatagramBuilder.LengthFieldBytes);
        }
    }

    /// <summary>
    /// Queues a datagram, which arrives whole or not at all. False when it is longer than
    /// <see cref="MaxDatagramPayloadBytes"/>, too many wait, or the connection is not established.
    /// </summary>
    public bool TrySendDatagram(ReadOnlySpan<byte> datagram) =>
        State == QuicConnectionState.Connected && _peerParameters.MaxDatagramFrameSize > 0 &&
        datagram.Length <= MaxDatagramPayloadBytes && _datagramsOut.TryAdd(datagram);

    /// <summary>
    /// Takes the oldest datagram that came; <see cref="QuicEventKind.DatagramReceived"/> tells of the first after none.
    /// </summary>
    /// <param name="destination">Takes the bytes; what does not fit is cut off.</param>
    /// <param name="length">The length of the datagram, which may be more than fit.</param>
    public bool TryReceiveDatagram(Span<byte> destination, out int length)
    {
        length = 0;
        if (_datagramsIn.Count == 0)
            return false;
        length = _datagramsIn.FirstLength;
        _datagramsIn.Take(destination);
        return true;
    }

    private Violation? ReceiveDatagram(in Frame frame)
    {
        var size = 1 + frame.Data.Length +
            (frame.Type == FrameType.DatagramWithLength ? VarInt.Length((ulong)frame.Data.Length) : 0);
        if (size > _options.MaxDatagramFrameBytes)
            return new Violation(QuicError.ProtocolViolation, $"a DATAGRAM frame of {size} bytes was not offered");
        if (!_datagramsIn.TryAdd(frame.Data))
            _droppedDatagrams++;
        else if (_datagramsIn.Count == 1)
            _events.Add(new QuicEvent(QuicEventKind.DatagramReceived));
        return null;
    }

    private void WriteDatagrams(ref ByteWriter writer, List<SentFrame> sent)
    {
        while (_datagramsOut.Count > 0)
        {
            var length = _datagramsOut.FirstLength;
            if (writer.Remaining < 1 + DatagramBuilder.LengthFieldBytes + length)
            {
                if (length <= MaxDatagramPayloadBytes)
                    return;
                // The path became narrower since.
                _datagramsOut.Take([]);
                _droppedDatagrams++;
                continue;
            }

            writer.WriteVarInt((ulong)FrameType.DatagramWithLength);
            writer.WriteVarInt((ulong)length);
            _datagramsOut.Take(writer.Free);
            writer.Advance(length);
            // The peer acknowledges it, and nobody repeats it.
            sent.Add(new SentFrame(SentFrameKind.Ping));
        }
    }
}
