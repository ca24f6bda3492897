using MqttScion.Quic;

namespace MqttScion.QuicPerf;

/// <summary>Sends bytes of the pattern, and takes their hash or themselves back.</summary>
internal sealed class UploadStream : IClientStream
{
    private const int BufferBytes = 64 * 1024;

    private static readonly byte[] Buffer = new byte[BufferBytes];

    private readonly QuicStream _stream;
    private readonly StreamCommand _command;
    private readonly TimedHash? _sentHash;
    private readonly TimedHash? _echoHash;
    private readonly List<byte> _answer = [];
    private long _sent;
    private long _echoed;

    /// <summary>Sends the command.</summary>
    public UploadStream(QuicStream stream, StreamCommand command)
    {
        _stream = stream;
        _command = command;
        _sentHash = command.Kind == StreamCommand.UncheckedUp ? null : new TimedHash();
        _echoHash = command.Kind == StreamCommand.Echo ? new TimedHash() : null;
        stream.Write(command.ToBytes());
    }

    /// <inheritdoc/>
    public bool IsDone { get; private set; }

    /// <inheritdoc/>
    public void Pump(TimeSpan now)
    {
        if (IsDone)
            return;
        Send();
        while (_stream.Read(Buffer) is > 0 and var length)
            Take(Buffer.AsSpan(0, length));
        if (!_stream.IsReadFinished)
            return;
        IsDone = true;
        Check();
        _sentHash?.Dispose();
        _echoHash?.Dispose();
    }

    private void Send()
    {
        while (_sent < _command.Number)
        {
            var bytes = Pattern.At(_sent, Math.Min(BufferBytes, _command.Number - _sent));
            var written = _stream.Write(bytes);
            _sentHash?.Add(bytes[..written]);
            _sent += written;
            if (written < bytes.Length)
                return;
        }
        _stream.Finish();
    }

    private void Take(ReadOnlySpan<byte> bytes)
    {
        _echoed += bytes.Length;
        _echoHash?.Add(bytes);
        if (_echoHash is not null)
            return;
        if (_echoed > TimedHash.Length)
            throw new IOException("More came back than a hash.");
        _answer.AddRange(bytes);
    }

    private void Check()
    {
        if (_echoHash is not null && _echoed != _command.Number)
            throw new IOException($"{_echoed} bytes of {_command.Number} came back.");
        if (_sentHash is not null && !_sentHash.Finish().SequenceEqual(_echoHash?.Finish() ?? [.. _answer]))
            throw new IOException("The hash of what arrived differs from ours.");
        if (_sentHash is null && _echoed != TimedHash.Length)
            throw new IOException("The server did not confirm the end.");
    }
}
