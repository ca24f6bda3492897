using Microsoft.Win32.SafeHandles;
using MqttScion.Quic;

namespace MqttScion.QuicPerf;

/// <summary>Asks for bytes without a hash and writes them to a file.</summary>
internal sealed class SaveStream : IClientStream
{
    private const int BufferBytes = 64 * 1024;

    private readonly byte[] _buffer = new byte[BufferBytes];
    private readonly QuicStream _stream;
    private readonly SafeFileHandle _file;
    private readonly long _bytes;
    private long _saved;

    /// <summary>Sends the command.</summary>
    public SaveStream(QuicStream stream, SafeFileHandle file, long bytes)
    {
        (_stream, _file, _bytes) = (stream, file, bytes);
        stream.Write(new StreamCommand(StreamCommand.UncheckedDown, bytes).ToBytes());
        stream.Finish();
    }

    /// <inheritdoc/>
    public bool IsDone { get; private set; }

    /// <inheritdoc/>
    public void Pump(TimeSpan now)
    {
        while (_stream.Read(_buffer) is > 0 and var length)
        {
            // What follows the content is not wanted.
            var part = (int)Math.Min(length, _bytes - _saved);
            RandomAccess.Write(_file, _buffer.AsSpan(0, part), _saved);
            _saved += part;
        }
        if (!_stream.IsReadFinished)
            return;
        IsDone = true;
        if (_saved < _bytes)
            throw new IOException($"{_saved} bytes of {_bytes} came.");
    }
}
