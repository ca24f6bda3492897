using System.CommandLine;

namespace MqttScion.Cli;

/// <summary><c>mqtt-scion inspect</c>: decodes a SCION packet to JSON.</summary>
internal static class InspectCommand
{
    private const string Description =
        """
        Decode one SCION packet and print it as JSON.

        The input is the packet from its common header on, as raw bytes or as hex text (spaces, line breaks and 0x are
        skipped), at most 65535 bytes. A malformed packet ends with exit code 2 and a line that says what is wrong at
        which byte.

        A packet is what a border router's UDP datagram carries. From a capture, tshark gives them in hex, one a line:
          tshark -r FILE.pcap -Y 'udp.port == 30041' -T fields -e udp.payload | head -n 1 | mqtt-scion inspect -
        """;

    /// <summary>Makes the command.</summary>
    /// <param name="openInput">Opens the standard input, for the file <c>-</c>.</param>
    public static Command Create(Func<Stream> openInput)
    {
        var file = new Argument<string>("FILE") { Description = "File with the packet; - reads the standard input." };
        var command = new Command("inspect", Description) { file };
        command.SetAction((parse, cancellation) => MqttScionCommand.Program.GuardAsync(
            parse.InvocationConfiguration.Error,
            token => RunAsync(parse.GetValue(file)!, openInput, parse.InvocationConfiguration, token),
            cancellation));
        return command;
    }

    private static async Task<int> RunAsync(
        string file, Func<Stream> openInput, InvocationConfiguration console, CancellationToken cancellationToken)
    {
        var stream = file == "-" ? openInput() : OptionFile.Read("FILE", file, File.OpenRead);
        await using var _ = stream.ConfigureAwait(false);
        var input = await BoundedInput.ReadAsync(stream, PacketInput.MaxTextBytes, cancellationToken)
            .ConfigureAwait(false);
        if (!PacketInput.TryDecode(input, out var packet, out var problem)
            || !PacketJson.TryWrite(packet, out var json, out problem))
        {
            await MqttScionCommand.Program
                .TellAsync(console.Error, $"{(file == "-" ? "standard input" : file)}: {problem}")
                .ConfigureAwait(false);
            return ExitCode.Malformed;
        }
        await console.Output.WriteLineAsync(json).ConfigureAwait(false);
        return ExitCode.Ok;
    }
}
