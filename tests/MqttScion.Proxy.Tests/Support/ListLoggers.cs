using Microsoft.Extensions.Logging;

namespace MqttScion.Proxy.Tests.Support;

/// <summary>Keeps the lines that are logged.</summary>
public sealed class ListLoggers : ILoggerFactory, ILogger
{
    private readonly List<string> _lines = [];
    private readonly List<(LogLevel, string)> _levels = [];

    public IReadOnlyList<string> Lines
    {
        get
        {
            lock (_lines)
            {
                return [.. _lines];
            }
        }
    }

    /// <summary>The lines of a level.</summary>
    public IReadOnlyList<string> At(LogLevel level)
    {
        lock (_lines)
        {
            return [.. _levels.Where(line => line.Item1 == level).Select(line => line.Item2)];
        }
    }

    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

    public bool IsEnabled(LogLevel logLevel) => true;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public void Log<TState>(
        LogLevel logLevel,
        EventId eventId,
        TState state,
        Exception? exception,
        Func<TState, Exception?, string> formatter)
    {
        lock (_lines)
        {
            _lines.Add(formatter(state, exception));
            _levels.Add((logLevel, _lines[^1]));
        }
    }

    public void Dispose()
    {
    }
}
