using System.CommandLine;
using Microsoft.Extensions.Logging;

namespace MqttScion.Tools;

/// <summary>The option <c>--log</c>: how much is logged on the standard error.</summary>
public static class LogOption
{
    private static readonly string[] Levels = ["trace", "debug", "info", "warn", "error"];

    /// <summary>Makes the option.</summary>
    public static Option<string> Create(string defaultLevel)
    {
        var option = new Option<string>("--log")
        {
            Description = $"What to log on the standard error: {string.Join(", ", Levels)}.",
            HelpName = "level",
            DefaultValueFactory = _ => defaultLevel,
        };
        option.AcceptOnlyFromAmong(Levels);
        return option;
    }

    /// <summary>Makes the loggers for a value of the option. The caller disposes them.</summary>
    public static ILoggerFactory CreateLoggers(string? level) => new TerminalLoggers(
        LoggerFactory.Create(builder => builder
        .SetMinimumLevel(level switch
        {
            "trace" => LogLevel.Trace,
            "debug" => LogLevel.Debug,
            "info" => LogLevel.Information,
            "error" => LogLevel.Error,
            _ => LogLevel.Warning,
        })
        .AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace)
        .AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.TimestampFormat = "HH:mm:ss.fff ";
        })));
}
