namespace MqttScion.Scion;

/// <summary>
/// Something looked up now and then. When a later look-up fails, what is known already stays in use and the look-up is
/// tried again after a pause. Safe to call from several threads.
/// </summary>
/// <param name="lifetime">How long a value is used before it is looked up again.</param>
/// <param name="time">The clock.</param>
/// <param name="load">The look-up; fails with <see cref="PathLookupException"/>.</param>
internal sealed class Refreshed<T>(TimeSpan lifetime, TimeProvider time, Func<CancellationToken, Task<T>> load)
    where T : class
{
    private static readonly TimeSpan RetryPause = TimeSpan.FromSeconds(10);

    private volatile Held? _held;
    private long _failures;

    /// <summary>How many look-ups failed while an older value was at hand.</summary>
    public long Failures => Interlocked.Read(ref _failures);

    /// <summary>The value, looked up when it is due.</summary>
    /// <exception cref="PathLookupException">The look-up failed and nothing is known yet.</exception>
    public async Task<T> GetAsync(CancellationToken cancellationToken)
    {
        var held = _held;
        var now = time.GetUtcNow();
        if (held is not null && now < held.Until)
        {
            return held.Value;
        }
        try
        {
            var value = await load(cancellationToken).ConfigureAwait(false);
            _held = new Held(value, now + lifetime);
            return value;
        }
        catch (PathLookupException) when (held is not null)
        {
            // Counted, not thrown: an older answer about the own AS serves better than none.
            Interlocked.Increment(ref _failures);
            _held = held with { Until = now + RetryPause };
            return held.Value;
        }
    }

    private sealed record Held(T Value, DateTimeOffset Until);
}
