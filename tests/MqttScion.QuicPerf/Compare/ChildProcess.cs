using System.Diagnostics;

namespace MqttScion.QuicPerf;

/// <summary>A program that was started, what it said, and what it used.</summary>
internal sealed class ChildProcess : IDisposable
{
    private const int MaxLines = 200;

    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(20);

    private readonly Process _process;
    private readonly List<string> _lines = [];

    /// <summary>Starts a program.</summary>
    public ChildProcess(string program, IEnumerable<string> arguments)
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

    /// <summary>True when it ended.</summary>
    public bool HasExited => _process.HasExited;

    /// <summary>What it ended with.</summary>
    public int ExitCode => _process.ExitCode;

    /// <summary>The last lines that it printed.</summary>
    public string Output
    {
        get
        {
            lock (_lines)
                return string.Join('\n', _lines);
        }
    }

    /// <summary>
    /// The user and system time of all its threads so far, in steps of the kernel's clock (10 ms); null when it ended.
    /// </summary>
    public TimeSpan? CpuTime
    {
        get
        {
            try
            {
                _process.Refresh();
                return _process.TotalProcessorTime;
            }
            catch (InvalidOperationException)
            {
                return null; // It may end at any moment; EndedCpuTime counts it then.
            }
        }
    }

    /// <summary>The user and system time of all programs of ours that ended so far.</summary>
    public static TimeSpan EndedCpuTime => CompareNative.CpuTimeOfEndedChildren();

    /// <summary>Waits for a line with some text, and gives it.</summary>
    /// <exception cref="TimeoutException">It did not come.</exception>
    public string WaitFor(string text)
    {
        var start = Stopwatch.GetTimestamp();
        lock (_lines)
        {
            for (; ; )
            {
                if (_lines.Find(line => line.Contains(text, StringComparison.Ordinal)) is { } found)
                    return found;
                var left = StartLimit - Stopwatch.GetElapsedTime(start);
                if (left <= TimeSpan.Zero || !Monitor.Wait(_lines, left))
                    throw new TimeoutException(
                        $"{_process.StartInfo.FileName} did not say '{text}' but: {string.Join('\n', _lines)}");
            }
        }
    }

    /// <summary>Waits until it has ended.</summary>
    public Task WaitForExitAsync(CancellationToken cancellation) => _process.WaitForExitAsync(cancellation);

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }

    private void Add(object sender, DataReceivedEventArgs e)
    {
        if (e.Data is null)
            return;
        lock (_lines)
        {
            if (_lines.Count == MaxLines)
                _lines.RemoveAt(0);
            _lines.Add(e.Data);
            Monitor.PulseAll(_lines);
        }
    }
}
