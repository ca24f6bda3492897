using System.Diagnostics;

namespace MqttScion.Quic.Tests;

/// <summary>Another QUIC implementation, as a process that tells on its standard output what it does.</summary>
internal sealed class PeerProcess : IDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(10);

    private readonly Process _process;
    private readonly List<string> _lines = [];

    public PeerProcess(string program, params string[] arguments)
    {
        _process = new Process
        {
            StartInfo = new ProcessStartInfo(program, arguments)
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            },
        };
        _process.OutputDataReceived += Add;
        _process.ErrorDataReceived += Add;
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>True when it ended, and all that it said was heard.</summary>
    public bool HasExited
    {
        get
        {
            if (!_process.HasExited)
                return false;
            _process.WaitForExit();
            return true;
        }
    }

    public string Output
    {
        get
        {
            lock (_lines)
                return string.Join('\n', _lines);
        }
    }

    /// <summary>The first line that holds a text, or null.</summary>
    public string? Find(string text)
    {
        lock (_lines)
            return _lines.Find(line => line.Contains(text, StringComparison.Ordinal));
    }

    /// <summary>Waits for a line, and gives it.</summary>
    public string WaitFor(string text)
    {
        var start = Stopwatch.GetTimestamp();
        lock (_lines)
        {
            while (Find(text) is null)
            {
                var left = StartLimit - Stopwatch.GetElapsedTime(start);
                if (left <= TimeSpan.Zero || !Monitor.Wait(_lines, left))
                    throw new TimeoutException($"The peer did not say '{text}' but: {Output}");
            }

            return Find(text)!;
        }
    }

    /// <summary>Ends the process at once, without a chance to say goodbye, and waits until it is gone.</summary>
    public void Kill()
    {
        if (!_process.HasExited)
            _process.Kill();
        _process.WaitForExit();
    }

    public void Dispose()
    {
        Kill();
        _process.Dispose();
    }

    private void Add(object sender, DataReceivedEventArgs e)
    {
        if (e.Data is null)
            return;
        lock (_lines)
        {
            _lines.Add(e.Data);
            Monitor.PulseAll(_lines);
        }
    }
}
