using System.Buffers.Binary;

namespace MqttScion.Quic.Tests;

/// <summary>A request of the small protocol of tests/interop, on a stream of our client.</summary>
internal sealed class StreamRequest
{
    public const int HeaderLength = 9;

    private readonly byte[] _bytes;
    private readonly bool _finishes;
    private readonly byte[] _buffer = new byte[64 * 1024];
    private int _written;

    public StreamRequest(QuicConnection connection, char command, ulong number, byte[] body, bool finishes = true)
        : this(Open(connection), command, number, body, finishes)
    {
    }

    private StreamRequest(QuicStream stream, char command, ulong number, byte[] body, bool finishes)
    {
        _bytes = new byte[HeaderLength + body.Length];
        _bytes[0] = (byte)command;
        BinaryPrimitives.WriteUInt64BigEndian(_bytes.AsSpan(1), number);
        body.CopyTo(_bytes, HeaderLength);
        _finishes = finishes;
        Stream = stream;
    }

    public QuicStream Stream { get; }

    public MemoryStream Answer { get; } = new();

    public bool IsAnswered => Stream.IsReadFinished;

    /// <summary>True when what was sent came back whole.</summary>
    public bool IsEchoed => IsAnswered && Answer.ToArray().AsSpan().SequenceEqual(_bytes.AsSpan(HeaderLength));

    /// <summary>Makes a request, or nothing while the peer permits no further stream.</summary>
    public static StreamRequest? TryOpen(QuicConnection connection, char command, byte[] body) =>
        connection.TryOpenStream(bidirectional: true, out var stream)
            ? new StreamRequest(stream, command, 0, body, finishes: true)
            : null;

    /// <summary>Writes and reads what is possible.</summary>
    public void Pump()
    {
        if (_written < _bytes.Length)
        {
            _written += Stream.Write(_bytes.AsSpan(_written));
            if (_written == _bytes.Length && _finishes)
                Stream.Finish();
        }

        while (Stream.Read(_buffer) is > 0 and var length)
            Answer.Write(_buffer, 0, length);
    }

    private static QuicStream Open(QuicConnection connection)
    {
        connection.TryOpenStream(bidirectional: true, out var stream).Should().BeTrue();
        return stream!;
    }
}
