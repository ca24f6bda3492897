using System.Buffers.Binary;

namespace MqttScion.QuicPerf;

/// <summary>
/// What a client asks for at the start of a stream: a letter and a 64-bit number in network order, as in
/// tests/interop/main.go.
/// </summary>
internal readonly record struct StreamCommand(char Kind, long Number)
{
    /// <summary>The length of a command in bytes.</summary>
    public const int Length = 9;

    /// <summary>The rest of the stream comes back.</summary>
    public const char Echo = 'e';

    /// <summary>The rest of the stream is hashed, and its SHA-256 comes back.</summary>
    public const char Up = 'u';

    /// <summary>That many bytes come back, and then their SHA-256.</summary>
    public const char Down = 'd';

    /// <summary>As <see cref="Up"/>, without a hash: zeros come back. Ours only.</summary>
    public const char UncheckedUp = 'U';

    /// <summary>As <see cref="Down"/>, without a hash: zeros come last. Ours only.</summary>
    public const char UncheckedDown = 'D';

    /// <summary>The server's figures come back as JSON. Ours only: others answer nothing.</summary>
    public const char Query = 'q';

    /// <summary>Reads a command of <see cref="Length"/> bytes.</summary>
    public static StreamCommand Read(ReadOnlySpan<byte> bytes) =>
        new((char)bytes[0], BinaryPrimitives.ReadInt64BigEndian(bytes[1..]));

    /// <summary>The bytes of the command.</summary>
    public byte[] ToBytes()
    {
        var bytes = new byte[Length];
        bytes[0] = (byte)Kind;
        BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(1), Number);
        return bytes;
    }
}
