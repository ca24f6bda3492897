using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using MqttScion.Quic;

namespace MqttScion.Transport;

/// <summary>The qlog traces of a client or a proxy: a file for each connection in one directory.</summary>
internal sealed class QlogFiles
{
    /// <summary>How many traces are written at once; connections beyond have none.</summary>
    public const int MaxOpen = 256;

    private static readonly TimeSpan WriteTimeout = TimeSpan.FromSeconds(2);

    private readonly ConcurrentDictionary<QlogFile, byte> _open = new();
    private readonly string _directory;
    private readonly TimeProvider _time;
    private readonly ILogger _log;

    private QlogFiles(string directory, TimeProvider time, ILogger log) =>
        (_directory, _time, _log) = (directory, time, log);

    /// <summary>Makes what the option asks for; null when it asks for none.</summary>
    public static QlogFiles? For(string? directory, TimeProvider time, ILogger log) =>
        directory is null ? null : new QlogFiles(directory, time, log);

    /// <summary>Begins a trace; null when there are too many.</summary>
    public IQlogSink? Open(QlogConnection connection, string localAddress, string remoteAddress)
    {
        if (_open.Count >= MaxOpen)
        {
            TransportLog.QlogLeftOut(_log, connection.FileName, MaxOpen);
            return null;
        }
        var path = Path.Combine(_directory, connection.FileName);
        var file = new QlogFile(path, localAddress, remoteAddress, _log, closed => _open.TryRemove(closed, out _));
        _open.TryAdd(file, 0);
        return file;
    }

    /// <summary>Waits, bounded, until the traces that are complete are in their files.</summary>
    public async Task WhenWrittenAsync()
    {
        var written = Task.WhenAll(_open.Keys.Where(file => file.IsComplete).Select(file => file.Written));
        await Task.WhenAny(written, Task.Delay(WriteTimeout, _time)).ConfigureAwait(false);
    }
}
