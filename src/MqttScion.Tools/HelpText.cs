using System.CommandLine;
using System.Text.RegularExpressions;

namespace MqttScion.Tools;

/// <summary>Prints the help of a command.</summary>
public static partial class HelpText
{
    /// <summary>Prints it; returns the exit code.</summary>
    public static async Task<int> WriteAsync(
        ParseResult parse, InvocationConfiguration configuration, CancellationToken cancellationToken)
    {
        // A list of commands has a line for each; their own help has the rest.
        foreach (var command in parse.CommandResult.Command.Subcommands)
            command.Description = command.Description?.Split('\n')[0];
        using var text = new StringWriter();
        var captured = new InvocationConfiguration { Output = text, Error = configuration.Error };
        var code = await parse.InvokeAsync(captured, cancellationToken).ConfigureAwait(false);
        // Descriptions tell the defaults of durations as they are typed.
        await configuration.Output.WriteAsync(RepeatedDefault().Replace(text.ToString(), "")).ConfigureAwait(false);
        await configuration.Output.FlushAsync(cancellationToken).ConfigureAwait(false);
        return code;
    }

    [GeneratedRegex(@" \[default: (\d+\.)?\d\d:\d\d:\d\d(\.\d+)?\]")]
    private static partial Regex RepeatedDefault();
}
