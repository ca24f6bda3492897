namespace MqttScion.Cli;

/// <summary>Ends what takes too long.</summary>
internal static class TimeLimit
{
    /// <summary>Runs something; it is cancelled when the limit is over.</summary>
    /// <param name="limit">The longest that it may take.</param>
    /// <param name="what">What takes so long, for the message.</param>
    /// <param name="run">The work.</param>
    /// <param name="cancellationToken">Ends the work, too.</param>
    /// <exception cref="CommandException">The limit is over.</exception>
    public static async Task<T> RunAsync<T>(
        TimeSpan limit, string what, Func<CancellationToken, Task<T>> run, CancellationToken cancellationToken)
    {
        using var timer = new CancellationTokenSource(limit);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellationToken);
        try
        {
            return await run(either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new CommandException($"{what} did not answer within {DurationText.Of(limit)}.", e);
        }
    }
}
