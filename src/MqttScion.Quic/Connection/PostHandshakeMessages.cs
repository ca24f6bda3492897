namespace MqttScion.Quic;

/// <summary>Follows the TLS messages in 1-RTT CRYPTO frames, of which only NewSessionTicket is allowed.</summary>
internal struct PostHandshakeMessages
{
    private const byte NewSessionTicket = 4;
    private const int HeaderLength = 4;

    private uint _header;
    private int _headerBytes;
    private int _bodyBytes;

    /// <summary>Follows the next bytes; false when a message of another type or an oversized one starts.</summary>
    public bool TryFollow(ReadOnlySpan<byte> data)
    {
        while (!data.IsEmpty)
        {
            if (_bodyBytes > 0)
            {
                var length = Math.Min(_bodyBytes, data.Length);
                _bodyBytes -= length;
                data = data[length..];
                continue;
            }

            if (_headerBytes == 0 && data[0] != NewSessionTicket)
                return false;
            _header = (_header << 8) | data[0];
            data = data[1..];
            if (++_headerBytes < HeaderLength)
                continue;
            _bodyBytes = (int)(_header & 0xFF_FFFF);
            _headerBytes = 0;
            _header = 0;
            // TLS would wait for up to 16 MB of one message.
            if (_bodyBytes > PacketSpace.MaxCryptoBytes)
                return false;
        }

        return true;
    }
}
