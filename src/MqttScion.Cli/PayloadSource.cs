using System.CommandLine;
using System.Text;

namespace MqttScion.Cli;

/// <summary>Where a payload comes from: the argument, the standard input or a file.</summary>
internal sealed class PayloadSource(Func<Stream> openInput)
{
    // MQTT 5 §2.1.4: no packet is larger than this.
    private const int MaxPayloadBytes = 268_435_455;

    private readonly Argument<string?> _payload = new("PAYLOAD")
    {
        Description = "Payload as text; - reads it from the standard input.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly Option<string?> _file = new("--file")
    {
        Description = "Read the payload from this file.",
        HelpName = "file",
    };

    private readonly Option<bool> _lines = new("--lines")
    {
        Description = "Each line of the standard input is a message of its own, over one connection.",
    };

    /// <summary>Adds argument and options to a command.</summary>
    /// <param name="command">The command.</param>
    /// <param name="takesLines">Whether it takes several payloads.</param>
    public void AddTo(Command command, bool takesLines = false)
    {
        command.Arguments.Add(_payload);
        command.Options.Add(_file);
        if (takesLines)
            command.Options.Add(_lines);
        var last = takesLines ? "--file or --lines" : "--file";
        command.Validators.Add(result =>
        {
            var given = new List<string>();
            if (result.GetValue(_payload) is { } payload)
                given.Add(payload == "-" ? "PAYLOAD -" : "PAYLOAD");
            if (result.GetValue(_file) is not null)
                given.Add("--file");
            if (takesLines && result.GetValue(_lines))
                given.Add("--lines");
            // PAYLOAD - is the standard input, which --lines reads too.
            if (given.Count == 1 || given is ["PAYLOAD -", "--lines"])
                return;
            var found = given.Count == 0 ? "none" : string.Join(" and ", given);
            result.AddError(
                $"{command.Name}: expected a payload, either PAYLOAD (- for the standard input) or {last}; found "
                + $"{found}.");
        });
    }

    /// <summary>The payloads of a command line with <c>--lines</c>, one by one; null for one without.</summary>
    public LineInput? Lines(ParseResult parse) =>
        parse.GetValue(_lines) ? new LineInput(openInput(), MaxPayloadBytes) : null;

    /// <summary>Reads the payload.</summary>
    /// <exception cref="CommandException">It is larger than any MQTT packet.</exception>
    public async Task<byte[]> ReadAsync(ParseResult parse, CancellationToken cancellationToken)
    {
        var (payload, file) = (parse.GetValue(_payload), parse.GetValue(_file));
        if (file is null && payload != "-")
            return Encoding.UTF8.GetBytes(payload!);
        var stream = file is null ? openInput() : File.OpenRead(file);
        await using var disposal = stream.ConfigureAwait(false);
        return await BoundedInput.ReadAsync(stream, MaxPayloadBytes, cancellationToken).ConfigureAwait(false)
            ?? throw new CommandException(
                $"The payload is larger than {MaxPayloadBytes} bytes, the most that MQTT carries.");
    }
}
