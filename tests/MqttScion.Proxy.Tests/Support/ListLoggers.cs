using Microsoft.Extensions.Logging;

namespace MqttScion.Proxy.Tests.Support;

/// <summary>Keeps the lines that are logged.</summary>
public sealed class ListLoggers : ILoggerFactory, ILogger
{
    private readonly List<(LogLevel Level, int Id, string Text)> _entries = [];

    public IReadOnlyList<string> Lines => [.. Entries.Select(entry => entry.Text)];

    public IReadOnlyList<(LogLevel Level, int Id, string Text)> Entries
    {
        get
        {
            lock (_entries)
            {
                return [.. _entries];
            }
        }
    }

    /// <summary>The lines of a level.</summary>
    public IReadOnlyList<string> At(LogLevel level) =>
        [.. Entries.Where(entry => entry.Level == level).Select(entry => entry.Text)];

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
        lock (_entries)
        {
            _entries.Add((logLevel, eventId.Id, formatter(state, exception)));
        }
    }

    public void Dispose()
    {
    }
}
