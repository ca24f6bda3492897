using MqttScion.Scion;
using Polly;
using Polly.Retry;

namespace MqttScion.Transport;

/// <summary>Asks a path source again, with growing pauses, where another attempt can help.</summary>
internal sealed class RetryingPathSource : IPathSource, IDisposable
{
    private const int MaxRetries = 3;
    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(5);

    private readonly IPathSource _inner;
    private readonly ResiliencePipeline _pipeline;

    /// <summary>Makes the source; it disposes <paramref name="inner"/> with itself.</summary>
    public RetryingPathSource(IPathSource inner, TimeProvider time)
    {
        _inner = inner;
        _pipeline = new ResiliencePipelineBuilder { TimeProvider = time }
            .AddRetry(new RetryStrategyOptions
            {
                MaxRetryAttempts = MaxRetries,
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                Delay = FirstDelay,
                MaxDelay = LongestDelay,
                ShouldHandle = new PredicateBuilder().Handle<PathLookupException>(IsTransient),
            })
            .Build();
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<LocalAs>> GetLocalAsync(CancellationToken cancellationToken = default) =>
        await _pipeline
            .ExecuteAsync(
                static async (inner, token) => await inner.GetLocalAsync(token).ConfigureAwait(false),
                _inner,
                cancellationToken)
            .ConfigureAwait(false);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<ScionPath>> GetPathsAsync(
        IsdAs destination,
        IsdAs? source = null,
        CancellationToken cancellationToken = default) =>
        await _pipeline
            .ExecuteAsync(
                static async (call, token) =>
                    await call._inner.GetPathsAsync(call.destination, call.source, token).ConfigureAwait(false),
                (_inner, destination, source),
                cancellationToken)
            .ConfigureAwait(false);

    /// <inheritdoc/>
    public Task ReportDownAsync(PathInterface end, CancellationToken cancellationToken = default) =>
        _inner.ReportDownAsync(end, cancellationToken);

    /// <inheritdoc/>
    public void Dispose() => (_inner as IDisposable)?.Dispose();

    // A refusal or a malformed answer will be the same the next time; a server that is not there may come back.
    private static bool IsTransient(PathLookupException e) =>
        e.Code is "unavailable" or "deadline_exceeded" or "resource_exhausted" or "aborted"
        || (e.Code is null && e.InnerException is HttpRequestException or TimeoutException or IOException);
}
