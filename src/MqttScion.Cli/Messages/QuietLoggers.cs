using Microsoft.Extensions.Logging;

namespace MqttScion.Cli;

/// <summary>Loggers without the events that the command itself tells, in words of its own.</summary>
internal sealed class QuietLoggers(ILoggerFactory inner) : ILoggerFactory
{
    // The names of events are fixed.
    private const string ConnectionLost = "Reconnecting";

    public ILogger CreateLogger(string categoryName) => new Quiet(inner.CreateLogger(categoryName));

    public void AddProvider(ILoggerProvider provider) => inner.AddProvider(provider);

    public void Dispose() => inner.Dispose();

    private sealed class Quiet(ILogger inner) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => inner.BeginScope(state);

        public bool IsEnabled(LogLevel logLevel) => inner.IsEnabled(logLevel);

        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter)
        {
            if (eventId.Name != ConnectionLost)
                inner.Log(logLevel, eventId, state, exception, formatter);
        }
    }
}
