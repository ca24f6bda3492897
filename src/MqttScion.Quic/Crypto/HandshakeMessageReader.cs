using System.Diagnostics;

namespace MqttScion.Quic;

/// <summary>
/// Cuts CRYPTO bytes into whole TLS handshake messages (RFC 8446 §4) with bounded memory: a message header can announce
/// 16 MiB, which TLS itself would wait for.
/// </summary>
internal sealed class HandshakeMessageReader
{
    /// <summary>The longest message that is accepted, with its header.</summary>
    public const int MaxMessageLength = 64 * 1024;

    private const int HeaderLength = 4;

    private byte[] _buffer = new byte[512];
    private int _length;

    /// <summary>True once a message announced more than <see cref="MaxMessageLength"/>.</summary>
    public bool IsTooLong { get; private set; }

    /// <summary>True when the next byte is the first of a message.</summary>
    public bool IsAtStart => _length == 0;

    /// <summary>
    /// Takes bytes off the front of <paramref name="data"/>. False when they end before the message does, or when it is
    /// too long; the message is valid until the next call.
    /// </summary>
    public bool TryRead(ref ReadOnlySpan<byte> data, out ReadOnlySpan<byte> message)
    {
        message = default;
        if (IsTooLong || !TryFill(ref data, HeaderLength))
        {
            return false;
        }

        var length = HeaderLength + ((_buffer[1] << 16) | (_buffer[2] << 8) | _buffer[3]);
        if (length > MaxMessageLength)
        {
            IsTooLong = true;
            return false;
        }

        if (!TryFill(ref data, length))
        {
            return false;
        }

        message = _buffer.AsSpan(0, length);
        _length = 0;
        return true;
    }

    // Memory grows with what came, not with what was announced.
    private bool TryFill(ref ReadOnlySpan<byte> data, int target)
    {
        var count = Math.Min(Math.Max(target - _length, 0), data.Length);
        Debug.Assert(_length + count <= MaxMessageLength, "the announced length is checked before");
        if (_length + count > _buffer.Length)
        {
            Array.Resize(ref _buffer, Math.Min(MaxMessageLength, Math.Max(_length + count, 2 * _buffer.Length)));
        }

        data[..count].CopyTo(_buffer.AsSpan(_length));
        data = data[count..];
        _length += count;
        return _length >= target;
    }
}
