using Microsoft.Extensions.Logging;

namespace MqttScion.Tools;

/// <summary>Loggers whose events can't steer the terminal or forge a line, whoever's text is in them.</summary>
/// <param name="inner">Writes to the terminal, an event a line.</param>
public sealed class TerminalLoggers(ILoggerFactory inner) : ILoggerFactory
{
    /// <inheritdoc/>
    public ILogger CreateLogger(string categoryName) => new Escaped(inner.CreateLogger(categoryName));

    /// <inheritdoc/>
    public void AddProvider(ILoggerProvider provider) => inner.AddProvider(provider);

    /// <inheritdoc/>
    public void Dispose() => inner.Dispose();

    private sealed class Escaped(ILogger inner) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => inner.BeginScope(state);

        public bool IsEnabled(LogLevel logLevel) => inner.IsEnabled(logLevel);

        // The exception goes with the text: a console would write it as it is.
        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter)
        {
            if (!inner.IsEnabled(logLevel))
                return;
            var text = TerminalText.Escape(formatter(state, exception));
            if (exception is not null)
                text += " " + TerminalText.OneLine($"{exception}");
            inner.Log(logLevel, eventId, text, exception: null, static (line, _) => line);
        }
    }
}
