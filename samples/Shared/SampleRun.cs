using MqttScion.Scion;

namespace MqttScion.Samples;

/// <summary>Runs a sample to its last line, <c>WHAT N of N</c>, within a time.</summary>
internal static class SampleRun
{
    // Enough for a busy machine; whatever happens, a sample ends by itself.
    private static readonly TimeSpan TimeLimit = TimeSpan.FromSeconds(30);

    /// <summary>Runs it; the exit code is 0 when all that was to be done was done.</summary>
    /// <param name="what">What is counted.</param>
    /// <param name="count">How many there are to be.</param>
    /// <param name="run">The sample: gives how many there were.</param>
    /// <param name="cancellationToken">Ends it early.</param>
    public static async Task<int> RunAsync(
        string what, int count, Func<CancellationToken, Task<int>> run, CancellationToken cancellationToken = default)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(TimeLimit);
        var done = 0;
        try
        {
            done = await run(limit.Token);
        }
        catch (OperationCanceledException)
        {
            await Console.Error.WriteLineAsync(
                cancellationToken.IsCancellationRequested
                    ? "Stopped."
                    : $"Stopped: not done within {TimeLimit.TotalSeconds:0} s.");
        }
        catch (Exception e) when (e is ArgumentException or PlatformNotSupportedException or NoPathException
            or PathLookupException or QuicConnectionException or MqttConnectRefusedException
            or MqttSubscribeRefusedException or MqttSessionEndedException or MqttNotConnectedException)
        {
            await Console.Error.WriteLineAsync(e.Message);
        }
        Console.WriteLine($"{what} {done} of {count}");
        return done == count ? 0 : 1;
    }
}
