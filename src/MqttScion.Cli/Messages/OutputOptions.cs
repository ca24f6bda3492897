using System.CommandLine;

namespace MqttScion.Cli;

/// <summary>The options about how messages are printed.</summary>
internal sealed class OutputOptions
{
    private readonly Option<string> _output;
    private readonly Option<string?> _format = new("--format")
    {
        Description = "A line in a form of your own: %t topic, %p payload, %x payload in hex, %l its bytes, %q QoS, "
            + "%r retained (1 or 0), %C content type, %R response topic, %D correlation data in hex, %E expiry, "
            + "%P user properties, %I and %U time (ISO 8601, seconds since 1970), %j as --output json, and %%, \\n, "
            + "\\t, \\\\.",
        HelpName = "text",
    };

    /// <summary>Makes the options.</summary>
    /// <param name="text">What <c>text</c> means.</param>
    public OutputOptions(string text)
    {
        _output = new Option<string>("--output")
        {
            Description = $"text: {text}; json: an object a line, with all that the message says; payload: its bytes "
                + "and a line break; raw: its bytes and nothing else.",
            HelpName = string.Join('|', MessageFormat.Names),
            DefaultValueFactory = _ => MessageFormat.Names[0],
        };
        _output.AcceptOnlyFromAmong(MessageFormat.Names);
        _format.Validators.Add(result =>
        {
            foreach (var token in result.Tokens)
            {
                if (!FormatText.TryParse(token.Value, out _, out var problem))
                    result.AddError($"--format: {problem}.");
            }
        });
    }

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        command.Options.Add(_output);
        command.Options.Add(_format);
        command.Validators.Add(result =>
        {
            if (result.GetResult(_format) is not null && result.GetResult(_output) is { Implicit: false })
                result.AddError("--output, --format: expected one of them, found both.");
        });
    }

    /// <summary>The form that the command line asks for.</summary>
    /// <param name="parse">The command line.</param>
    /// <param name="hasTopic">Whether <c>text</c> has the topic.</param>
    public MessageFormat Read(ParseResult parse, bool hasTopic) =>
        parse.GetValue(_format) is { } text && FormatText.TryParse(text, out var format, out _)
            ? format
            : MessageFormat.Named(parse.GetValue(_output)!, hasTopic);
}
