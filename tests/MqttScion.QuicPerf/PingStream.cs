using MqttScion.Quic;

namespace MqttScion.QuicPerf;

/// <summary>Messages of one size that come back, one after another.</summary>
internal sealed class PingStream : IClientStream
{
    private const int BufferBytes = 64 * 1024;

    private static readonly byte[] Buffer = new byte[BufferBytes];

    private readonly QuicStream _stream;
    private readonly int _size;
    private readonly LatencySamples _samples;
    private readonly Queue<TimeSpan> _sentAt = new();
    private bool _isLast;
    private int _came;

    /// <summary>Sends the command.</summary>
    public PingStream(QuicStream stream, int size, LatencySamples samples)
    {
        _stream = stream;
        _size = size;
        _samples = samples;
        stream.Write(new StreamCommand(StreamCommand.Echo, size).ToBytes());
    }

    /// <summary>True while a message is under way.</summary>
    public bool IsWaiting => _sentAt.Count > 0;

    /// <inheritdoc/>
    public bool IsDone => _isLast && _stream.IsReadFinished;

    /// <summary>How many messages came back.</summary>
    public long EchoedCount { get; private set; }

    /// <summary>Sends a message; false when the stream takes no more now.</summary>
    public bool Send(TimeSpan now, bool isLast = false)
    {
        var bytes = Pattern.At(0, _size);
        if (_stream.Write(bytes) < bytes.Length)
            return false;
        _sentAt.Enqueue(now);
        _isLast = isLast;
        if (isLast)
            _stream.Finish();
        return true;
    }

    /// <inheritdoc/>
    public void Pump(TimeSpan now)
    {
        while (_stream.Read(Buffer) is > 0 and var length)
        {
            for (_came += length; _came >= _size && _sentAt.Count > 0; _came -= _size)
            {
                _samples.Add(now - _sentAt.Dequeue());
                EchoedCount++;
            }
        }
    }
}
