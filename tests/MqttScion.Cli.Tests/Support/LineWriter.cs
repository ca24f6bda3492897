using System.Text;
using System.Threading.Channels;

namespace MqttScion.Cli.Tests;

/// <summary>A writer that keeps complete lines and lets a test wait for one. Any thread may write.</summary>
internal sealed class LineWriter : TextWriter
{
    private readonly Lock _lock = new();
    private readonly StringBuilder _line = new();
    private readonly List<string> _lines = [];
    private readonly Channel<string> _arrived = Channel.CreateUnbounded<string>();

    public override Encoding Encoding => Encoding.UTF8;

    public IReadOnlyList<string> Lines
    {
        get
        {
            lock (_lock)
            {
                return [.. _lines];
            }
        }
    }

    public string Text => string.Join('\n', Lines);

    public override void Write(char value)
    {
        lock (_lock)
        {
            Append(value);
        }
    }

    public override void Write(string? value)
    {
        lock (_lock)
        {
            foreach (var c in value ?? "")
                Append(c);
        }
    }

    public override void WriteLine(string? value) => Write(value + "\n");

    /// <summary>The next line, of those not waited for yet, that contains a text.</summary>
    public async Task<string> WaitForAsync(string text)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        try
        {
            while (true)
            {
                var line = await _arrived.Reader.ReadAsync(limit.Token);
                if (line.Contains(text, StringComparison.Ordinal))
                    return line;
            }
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"No line contains '{text}'. The lines are:\n{Text}");
        }
    }

    private void Append(char c)
    {
        if (c != '\n')
        {
            _line.Append(c);
            return;
        }
        var line = _line.ToString().TrimEnd('\r');
        _line.Clear();
        _lines.Add(line);
        _arrived.Writer.TryWrite(line);
    }
}
