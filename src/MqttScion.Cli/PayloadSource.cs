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

    /// <summary>Adds argument and option to a command.</summary>
    public void AddTo(Command command)
    {
        command.Arguments.Add(_payload);
        command.Options.Add(_file);
        command.Validators.Add(result =>
        {
            var sources = (result.GetValue(_payload) is null ? 0 : 1) + (result.GetValue(_file) is null ? 0 : 1);
            if (sources != 1)
            {
                result.AddError(
                    $"{command.Name}: expected a payload, either PAYLOAD (- for the standard input) or --file.");
            }
        });
    }

    /// <summary>Reads it.</summary>
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
