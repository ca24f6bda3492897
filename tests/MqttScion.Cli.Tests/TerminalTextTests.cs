using System.CommandLine;
using Microsoft.Extensions.Logging;

namespace MqttScion.Cli.Tests;

public sealed class TerminalTextTests
{
    private const string Hostile = "a\u001b]0;b\u0007\r\nc\u007f\u009bd";
    private const string Escaped = @"a\u001b]0;b\u0007\r\nc\u007f\u009bd";

    [Fact]
    public void Control_characters_of_all_kinds_are_escaped() => TerminalText.Escape(Hostile).Should().Be(Escaped);

    [Fact]
    public void Lines_are_folded_into_one() =>
        TerminalText.OneLine("a\r\n  b\tc\u001b\n").Should().Be(@"a b c\u001b");

    [Fact]
    public void Event_of_a_log_is_one_safe_line_with_its_exception()
    {
        var lines = new LineLoggers();
        using var loggers = new TerminalLoggers(lines);

        loggers.CreateLogger("x").Log(
            LogLevel.Warning, new EventId(3), Hostile, new IOException(Hostile), static (text, _) => text);

        var (id, line, exception) = lines.Events.Should().ContainSingle().Which;
        id.Id.Should().Be(3);
        line.Should().Be($@"{Escaped} System.IO.IOException: a\u001b]0;b\u0007 c\u007f\u009bd");
        exception.Should().BeNull("the console would write it as it is");
    }

    [Fact]
    public async Task Defect_is_told_with_its_control_characters_escaped()
    {
        var root = new RootCommand();
        root.SetAction((_, _) => throw new InvalidCastException("x\u001b[2J\nmqtt-scion: all is well"));
        using var error = new StringWriter();
        var configuration = new InvocationConfiguration { Error = error, ProcessTerminationTimeout = null };

        var code = await new ConsoleProgram("mqtt-scion").RunAsync(root, [], configuration, default);

        code.Should().Be(ExitCode.Failure);
        error.ToString().Should().StartWith(
            "Unhandled exception: System.InvalidCastException: x\\u001b[2J\n   mqtt-scion: all is well\n"
            + "   at ");
    }

    private sealed class LineLoggers : ILoggerFactory, ILogger
    {
        public List<(EventId Id, string Line, Exception? Error)> Events { get; } = [];

        public ILogger CreateLogger(string categoryName) => this;

        public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter) =>
            Events.Add((eventId, formatter(state, exception), exception));

        public void Dispose()
        {
        }
    }
}
