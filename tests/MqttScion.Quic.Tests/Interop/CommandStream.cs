using System.Buffers.Binary;
using System.Security.Cryptography;

namespace MqttScion.Quic.Tests;

/// <summary>One stream of <see cref="CommandServer"/>.</summary>
internal sealed class CommandStream(QuicConnection connection, QuicStream stream)
{
    private readonly byte[] _header = new byte[StreamRequest.HeaderLength];
    private readonly byte[] _buffer = new byte[64 * 1024];
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly Random _source = new(1);
    private int _headerLength;
    private int _start;
    private int _end;
    private ulong _left;
    private bool _isDone;

    /// <summary>Reads, works and writes as far as possible.</summary>
    public void Pump(TimeSpan now)
    {
        if (_headerLength < _header.Length)
        {
            _headerLength += stream.Read(_header.AsSpan(_headerLength));
            if (_headerLength < _header.Length)
                return;
            _left = BinaryPrimitives.ReadUInt64BigEndian(_header.AsSpan(1));
            Start(now);
        }

        while (!_isDone && (WriteRest() && Refill()))
        {
        }

        while (_isDone && stream.Read(_buffer) > 0)
        {
        }
    }

    private void Start(TimeSpan now)
    {
        switch ((char)_header[0])
        {
            case 'r':
                stream.Reset(_left);
                _isDone = true;
                break;
            case 's':
                stream.StopSending(_left);
                stream.Finish();
                _isDone = true;
                break;
            case 'c':
                connection.Close(_left, "as asked", now);
                _isDone = true;
                break;
        }
    }

    private bool WriteRest()
    {
        _start += stream.Write(_buffer.AsSpan(_start, _end - _start));
        return _start == _end;
    }

    /// <summary>Gets more to write; false when there is nothing now, or nothing any more.</summary>
    private bool Refill()
    {
        (_start, _end) = (0, 0);
        switch ((char)_header[0])
        {
            case 'e':
                _end = stream.Read(_buffer);
                break;
            case 'u':
                while (stream.Read(_buffer) is > 0 and var length)
                    _hash.AppendData(_buffer, 0, length);
                break;
            case 'd' when _left > 0:
                _end = (int)Math.Min(_left, (ulong)_buffer.Length);
                _source.NextBytes(_buffer.AsSpan(0, _end));
                _hash.AppendData(_buffer, 0, _end);
                _left -= (ulong)_end;
                return true;
        }

        if (_end > 0)
            return true;
        if (_header[0] != 'd' && !stream.IsReadFinished)
            return false;
        if (_header[0] != 'e')
            stream.Write(_hash.GetHashAndReset());
        stream.Finish();
        _isDone = true;
        return false;
    }
}
