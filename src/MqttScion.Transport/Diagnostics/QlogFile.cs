using System.Buffers;
using Microsoft.Extensions.Logging;
using MqttScion.Quic;

namespace MqttScion.Transport;

/// <summary>
/// One qlog trace in a file, written on the thread pool: the loop only copies. What the disk does not keep up with is
/// dropped, a batch of records at a time, and counted.
/// </summary>
internal sealed class QlogFile : IQlogSink
{
    private const int MaxWaitingBytes = 4 * 1024 * 1024;
    private const long MaxFileBytes = 512L * 1024 * 1024;

    private readonly SerialPump<Batch> _pump;
    private readonly TaskCompletionSource _written = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Action<QlogFile> _onClosed;
    private readonly ILogger _log;
    private readonly string _path;
    private FileStream? _file;
    private long _takenBytes;
    private long _droppedBytes;
    private int _waitingBytes;
    private volatile bool _hasFailed;
    private volatile bool _isComplete;

    public QlogFile(
        string path, string localAddress, string remoteAddress, ILogger log, Action<QlogFile> onClosed)
    {
        _path = path;
        LocalAddress = localAddress;
        RemoteAddress = remoteAddress;
        _log = log;
        _onClosed = onClosed;
        _pump = new SerialPump<Batch>(Handle);
    }

    public string LocalAddress { get; }

    public string RemoteAddress { get; }

    /// <summary>True once nothing more comes.</summary>
    public bool IsComplete => _isComplete;

    /// <summary>Completes when the file is closed.</summary>
    public Task Written => _written.Task;

    public bool TryWrite(ReadOnlySpan<byte> records)
    {
        if (_hasFailed || _takenBytes + records.Length > MaxFileBytes)
        {
            return false;
        }
        if (Volatile.Read(ref _waitingBytes) + records.Length > MaxWaitingBytes)
        {
            _droppedBytes += records.Length;
            return true;
        }
        _takenBytes += records.Length;
        Interlocked.Add(ref _waitingBytes, records.Length);
        var bytes = ArrayPool<byte>.Shared.Rent(records.Length);
        records.CopyTo(bytes);
        _pump.Post(new Batch(bytes, records.Length));
        return true;
    }

    public void Complete()
    {
        _isComplete = true;
        _pump.Post(default);
    }

    // On the thread pool, one at a time.
    private void Handle(Batch batch)
    {
        if (batch.Bytes is null)
        {
            Close();
            return;
        }
        if (!_hasFailed)
        {
            Write(batch.Bytes.AsSpan(0, batch.Length));
        }
        Interlocked.Add(ref _waitingBytes, -batch.Length);
        ArrayPool<byte>.Shared.Return(batch.Bytes);
    }

    private void Write(ReadOnlySpan<byte> records)
    {
        try
        {
            // A name that is there already is another connection's: on a server, clients choose them.
            _file ??= PrivateFile.Open(_path, FileMode.CreateNew);
            _file.Write(records);
            _file.Flush();
        }
        catch (Exception e) when (PrivateFile.IsFault(e))
        {
            _hasFailed = true;
            TransportLog.QlogFailed(_log, _path, e.Message);
        }
    }

    private void Close()
    {
        try
        {
            _file?.Dispose();
        }
        catch (Exception e) when (PrivateFile.IsFault(e))
        {
            TransportLog.QlogFailed(_log, _path, e.Message);
        }
        if (_droppedBytes > 0)
        {
            TransportLog.QlogDropped(_log, _path, _droppedBytes);
        }
        _onClosed(this);
        _written.TrySetResult();
    }

    private readonly record struct Batch(byte[]? Bytes, int Length);
}
