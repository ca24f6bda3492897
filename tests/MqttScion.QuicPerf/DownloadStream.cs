using MqttScion.Quic;

namespace MqttScion.QuicPerf;

/// <summary>Asks for bytes and takes them: those of the pattern, and a few last ones, such as their hash.</summary>
internal sealed class DownloadStream : IClientStream
{
    private const int BufferBytes = 64 * 1024;
    private const int MaxLast = 4096;

    private static readonly byte[] Buffer = new byte[BufferBytes];

    private readonly QuicStream _stream;
    private readonly StreamCommand _command;
    private readonly TimedHash? _hash;
    private readonly List<byte> _last = [];
    private long _left;

    /// <summary>Sends the command.</summary>
    public DownloadStream(QuicStream stream, StreamCommand command)
    {
        _stream = stream;
        _command = command;
        _left = command.Number;
        _hash = command.Kind == StreamCommand.Down ? new TimedHash() : null;
        stream.Write(command.ToBytes());
        stream.Finish();
    }

    /// <inheritdoc/>
    public bool IsDone { get; private set; }

    /// <summary>The bytes behind those that were asked for.</summary>
    public byte[] Last => [.. _last];

    /// <inheritdoc/>
    public void Pump(TimeSpan now)
    {
        while (!IsDone && _stream.Read(Buffer) is > 0 and var length)
            Take(Buffer.AsSpan(0, length));
        if (IsDone || !_stream.IsReadFinished)
            return;
        IsDone = true;
        if (_left > 0)
            throw new IOException($"{_left} bytes of {_command.Number} did not come.");
        if (_hash is not null && !_hash.Finish().AsSpan().SequenceEqual(Last))
            throw new IOException("The hash of what came differs from the server's.");
        _hash?.Dispose();
    }

    private void Take(ReadOnlySpan<byte> bytes)
    {
        var length = (int)Math.Min(_left, bytes.Length);
        _hash?.Add(bytes[..length]);
        _left -= length;
        if (_last.Count + bytes.Length - length > MaxLast)
            throw new IOException($"More came than {_command.Number} bytes and a hash.");
        _last.AddRange(bytes[length..]);
    }
}
