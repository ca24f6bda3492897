using MqttScion.Quic;

namespace MqttScion.QuicPerf;

/// <summary>One stream of the server: reads the command and does it.</summary>
internal sealed class ServerStream(QuicStream stream)
{
    private const int BufferBytes = 64 * 1024;

    private static readonly byte[] Shared = new byte[BufferBytes];

    private readonly byte[] _header = new byte[StreamCommand.Length];
    private TimedHash? _hash;
    private StreamCommand _command;
    private byte[] _rest = [];
    private int _restStart;
    private int _restEnd;
    private int _headerLength;
    private long _sent;
    private bool _isDone;

    /// <summary>True when the stream needs no more calls.</summary>
    public bool IsDone => _isDone && stream.IsReadFinished;

    /// <summary>Reads, works and writes as far as possible.</summary>
    public void Pump()
    {
        if (_headerLength < _header.Length)
        {
            _headerLength += stream.Read(_header.AsSpan(_headerLength));
            if (_headerLength < _header.Length)
                return;
            _command = StreamCommand.Read(_header);
            _hash = _command.Kind is StreamCommand.Up or StreamCommand.Down ? new TimedHash() : null;
        }
        switch (_command.Kind)
        {
            case StreamCommand.Echo:
                Echo();
                break;
            case StreamCommand.Up or StreamCommand.UncheckedUp:
                TakeUpload();
                break;
            case StreamCommand.Down or StreamCommand.UncheckedDown:
                SendDownload();
                break;
            case StreamCommand.Query:
                End(Figures.ToJson(Figures.Take()));
                break;
            default:
                End([]);
                break;
        }
        while (_isDone && stream.Read(Shared) > 0)
        {
        }
    }

    /// <summary>Ends both sides, as the client wants no more of one.</summary>
    public void Abandon(ulong code)
    {
        stream.Reset(code);
        stream.StopSending(code);
        _hash?.Dispose();
    }

    private void Echo()
    {
        while (WriteRest() && stream.Read(Shared) is > 0 and var length)
        {
            var written = stream.Write(Shared.AsSpan(0, length));
            if (written == length)
                continue;
            _rest = _rest.Length == 0 ? new byte[BufferBytes] : _rest;
            Shared.AsSpan(written, length - written).CopyTo(_rest);
            (_restStart, _restEnd) = (0, length - written);
        }
        if (_restStart == _restEnd && stream.IsReadFinished)
            End([]);
    }

    private void TakeUpload()
    {
        while (stream.Read(Shared) is > 0 and var length)
            _hash?.Add(Shared.AsSpan(0, length));
        if (stream.IsReadFinished)
            End(_hash?.Finish() ?? new byte[TimedHash.Length]);
    }

    private void SendDownload()
    {
        while (_sent < _command.Number)
        {
            var bytes = Pattern.At(_sent, Math.Min(BufferBytes, _command.Number - _sent));
            var written = stream.Write(bytes);
            _hash?.Add(bytes[..written]);
            _sent += written;
            if (written < bytes.Length)
                return;
        }
        End(_hash?.Finish() ?? new byte[TimedHash.Length]);
    }

    private bool WriteRest()
    {
        _restStart += stream.Write(_rest.AsSpan(_restStart, _restEnd - _restStart));
        return _restStart == _restEnd;
    }

    // What is written last is short: should the send buffer be full, it goes with a later call.
    private void End(byte[] last)
    {
        if (_isDone)
            return;
        if (_restStart == _restEnd && last.Length > 0 && _restEnd == 0)
            (_rest, _restEnd) = (last, last.Length);
        if (!WriteRest())
            return;
        stream.Finish();
        _hash?.Dispose();
        _isDone = true;
    }
}
