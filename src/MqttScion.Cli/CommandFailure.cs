using System.Net.Sockets;
using MqttScion.Quic;
using MqttScion.Scion;
using MqttScion.Testnet;

namespace MqttScion.Cli;

/// <summary>Turns what a command fails with into one line on the standard error and an exit code.</summary>
internal static class CommandFailure
{
    private const StringSplitOptions Trimmed = StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries;

    private static readonly char[] Breaks = ['\r', '\n', '\t'];

    /// <summary>Runs a command. An exception that is not known here is a defect and goes on.</summary>
    public static async Task<int> GuardAsync(
        TextWriter error, Func<CancellationToken, Task<int>> run, CancellationToken cancellationToken)
    {
        try
        {
            return await run(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            await WriteAsync(error, "interrupted").ConfigureAwait(false);
            return ExitCode.Interrupted;
        }
        catch (Exception e) when (IsExpected(e))
        {
            await WriteAsync(error, FaultText.Of(e)).ConfigureAwait(false);
        }
        return ExitCode.Failure;
    }

    /// <summary>Writes one line, whatever is in the message.</summary>
    public static Task WriteAsync(TextWriter error, string message) =>
        error.WriteLineAsync("mqtt-scion: " + TerminalText.Escape(string.Join(' ', message.Split(Breaks, Trimmed))));

    private static bool IsExpected(Exception e) => e
        is CommandException
        or MqttClientException or TransportException or PathLookupException or QuicTlsException
        or ControlApiException
        or TimeoutException or ArgumentException or FormatException
        or SocketException or IOException or UnauthorizedAccessException;
}
