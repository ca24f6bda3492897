namespace MqttScion.Mqtt;

/// <summary>Cuts a byte stream into packets, however it is fragmented. Copies only packets that span
/// fragments.</summary>
/// <remarks>Holds at most one packet of <c>maxPacketSize</c> bytes, and takes memory as bytes come, not as a length
/// promises.</remarks>
internal sealed class MqttFrameAssembler
{
    private readonly MqttByteQueue _partial = new();
    private readonly int _maxPacketSize;
    private int _delivered;

    public MqttFrameAssembler(int maxPacketSize) => _maxPacketSize = maxPacketSize;

    /// <summary>Takes the next packet off the input. The frame is valid until the next call.</summary>
    public MqttFrameStatus TryTake(ref ReadOnlySpan<byte> input, out MqttFrame frame, out MqttReadFault fault)
    {
        _partial.Consume(_delivered);
        _delivered = 0;
        if (_partial.Count == 0)
        {
            var status = MqttFrame.TryRead(input, _maxPacketSize, out frame, out var lengthBytes, out fault);
            if (status == MqttFrameStatus.Packet)
            {
                input = input[lengthBytes..];
            }
            else if (status == MqttFrameStatus.NeedMore)
            {
                _partial.Write(input);
                input = default;
            }
            return status;
        }
        return TryCompletePartial(ref input, out frame, out fault);
    }

    public void Clear()
    {
        _delivered = 0;
        _partial.Clear();
    }

    private MqttFrameStatus TryCompletePartial(
        ref ReadOnlySpan<byte> input, out MqttFrame frame, out MqttReadFault fault)
    {
        while (true)
        {
            var status = MqttFrame.TryRead(
                _partial.Written, _maxPacketSize, out frame, out var lengthBytes, out fault);
            if (status == MqttFrameStatus.Packet)
            {
                _delivered = lengthBytes;
            }
            if (status != MqttFrameStatus.NeedMore || input.IsEmpty)
            {
                return status;
            }
            // Until the length is known, take one byte at a time; then no more than this packet.
            var wanted = lengthBytes == 0 ? 1 : Math.Min(lengthBytes - _partial.Count, input.Length);
            _partial.Write(input[..wanted]);
            input = input[wanted..];
        }
    }
}
