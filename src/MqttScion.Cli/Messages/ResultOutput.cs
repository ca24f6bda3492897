using System.CommandLine;
using System.Text;

namespace MqttScion.Cli;

/// <summary>Where results go, byte for byte: each is out when <see cref="TryWrite"/> returns.</summary>
internal sealed class ResultOutput
{
    private static readonly TimeSpan WatchInterval = TimeSpan.FromMilliseconds(200);

    private readonly TextWriter _writer;
    private readonly bool _isProcess;

    private ResultOutput(TextWriter writer, bool isProcess) => (_writer, _isProcess) = (writer, isProcess);

    /// <summary>The standard output of the process, or what stands for it in a configuration.</summary>
    public static ResultOutput Of(InvocationConfiguration configuration) => new(
        configuration.Output,
        OutputNative.IsSupported && ReferenceEquals(configuration.Output, Console.Out));

    /// <summary>Writes and flushes; false when nobody reads any more, as behind <c>head</c>.</summary>
    /// <exception cref="IOException">It can't be written, as on a full disk.</exception>
    public bool TryWrite(ReadOnlySpan<byte> bytes)
    {
        if (_isProcess)
            return OutputNative.TryWrite(bytes);
        if (_writer is StreamWriter { BaseStream: var stream })
        {
            stream.Write(bytes);
            stream.Flush();
            return true;
        }
        _writer.Write(Encoding.UTF8.GetString(bytes));
        _writer.Flush();
        return true;
    }

    /// <summary>Completes when nobody reads any more, also while nothing is written.</summary>
    public async Task WhenGoneAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(WatchInterval);
        while (!_isProcess || !OutputNative.IsGone())
            await timer.WaitForNextTickAsync(cancellationToken).ConfigureAwait(false);
    }
}
