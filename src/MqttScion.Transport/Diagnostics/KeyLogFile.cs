using Microsoft.Extensions.Logging;

namespace MqttScion.Transport;

/// <summary>
/// Appends traffic secrets to a file in the NSS key log format. Whoever has the file can read what was captured.
/// </summary>
/// <remarks>
/// A line is in the file before the packets that it opens are sent, which tools that follow it want: a handshake
/// waits for the disk. Thread-safe.
/// </remarks>
internal sealed class KeyLogFile
{
    private readonly Lock _gate = new();
    private readonly string _path;
    private readonly ILogger _log;
    private bool _hasFailed;

    private KeyLogFile(string path, ILogger log) => (_path, _log) = (path, log);

    /// <summary>Makes the log that the options ask for, with a warning; null when they ask for none.</summary>
    public static KeyLogFile? For(TlsFiles files, ILogger log)
    {
        if (files.KeyLog is not { } path)
        {
            return null;
        }
        TransportLog.KeysLogged(log, path);
        return new KeyLogFile(path, log);
    }

    /// <summary>Appends a line; when that can't be done it is told once, and no handshake suffers.</summary>
    public void Append(string line)
    {
        lock (_gate)
        {
            try
            {
                using var writer = new StreamWriter(PrivateFile.Open(_path, FileMode.Append));
                writer.Write(line + "\n");
            }
            catch (Exception e) when (PrivateFile.IsFault(e))
            {
                if (!_hasFailed)
                {
                    TransportLog.KeyLogFailed(_log, _path, e.Message);
                }
                _hasFailed = true;
            }
        }
    }
}
