namespace MqttScion.Quic;

/// <summary>Walks the ranges of an ACK frame from the largest down (RFC 9000 §19.3.1).</summary>
/// <remarks>The bytes were checked by <see cref="FrameReader"/>.</remarks>
internal ref struct AckRangeReader(ReadOnlySpan<byte> ranges, ulong largest)
{
    private ByteReader _reader = new(ranges);
    private ulong _next = largest;
    private bool _isFirst = true;

    /// <summary>Gives the next range, both ends inclusive.</summary>
    public bool TryRead(out long smallest, out long largest)
    {
        smallest = 0;
        largest = 0;
        if (_reader.IsAtEnd)
            return false;
        if (!_isFirst)
        {
            _reader.TryReadVarInt(out var gap);
            _next -= gap + 2;
        }

        _isFirst = false;
        _reader.TryReadVarInt(out var length);
        largest = (long)_next;
        _next -= length;
        smallest = (long)_next;
        return true;
    }
}
