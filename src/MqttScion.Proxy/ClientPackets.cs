namespace MqttScion.Proxy;

/// <summary>
/// Follows the packets that a client sends, by their lengths alone, to know whether it has said goodbye.
/// </summary>
internal struct ClientPackets
{
    private const byte Disconnect = 0xe0; // [MQTT-3.14.1-1]: the fixed header's first byte.
    private const int MaxLengthBytes = 4; // MQTT 5 §1.5.5.

    private byte _first;
    private long _rest;
    private int _lengthBytes;
    private bool _isInLength;

    /// <summary>Whether the last packet is a whole DISCONNECT.</summary>
    public readonly bool HasEndedInOrder => _first == Disconnect && !_isInLength && _rest == 0;

    /// <summary>Takes what the client sent next.</summary>
    public void Take(ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            if (_rest > 0 && !_isInLength)
            {
                var count = (int)Math.Min(_rest, bytes.Length);
                _rest -= count;
                bytes = bytes[count..];
                continue;
            }
            if (_isInLength)
                TakeLength(bytes[0]);
            else
                (_first, _rest, _lengthBytes, _isInLength) = (bytes[0], 0, 0, true);
            bytes = bytes[1..];
        }
    }

    // A length that is too long is the broker's to refuse; what follows is followed as well as it goes.
    private void TakeLength(byte next)
    {
        _rest |= (long)(next & 0x7f) << (7 * _lengthBytes++);
        _isInLength = (next & 0x80) != 0 && _lengthBytes < MaxLengthBytes;
    }
}
