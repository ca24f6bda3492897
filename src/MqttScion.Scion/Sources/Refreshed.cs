namespace MqttScion.Scion;

/// <summary>
/// Something looked up now and then. Callers at the same time share one look-up. When a later one fails, what is known
/// already stays in use and the look-up is tried again after a pause. Safe to call from several threads.
/// </summary>
/// <param name="lifetime">How long a value is used before it is looked up again; the wall clock plays no part.</param>
/// <param name="time">The clock.</param>
/// <param name="load">The look-up; ends by itself, and fails with <see cref="PathLookupException"/>.</param>
internal sealed class Refreshed<T>(TimeSpan lifetime, TimeProvider time, Func<CancellationToken, Task<T>> load)
    where T : class
{
    private static readonly TimeSpan RetryPause = TimeSpan.FromSeconds(10);

    private readonly Lock _lock = new();
    private Held? _held;
    private Task<T>? _lookUp;
    private long _failures;

    /// <summary>How many look-ups failed while an older value was at hand.</summary>
    public long Failures => Interlocked.Read(ref _failures);

    /// <summary>The value, looked up when it is due. A caller that gives up leaves the look-up to the others.</summary>
    /// <exception cref="PathLookupException">The look-up failed and nothing is known yet.</exception>
    public Task<T> GetAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var start = new TaskCompletionSource<Task<T>>();
        Held? held;
        Task<T> lookUp;
        lock (_lock)
        {
            held = _held;
            if (held is not null && time.GetElapsedTime(held.Since) < held.Lifetime)
            {
                return Task.FromResult(held.Value);
            }
            if (_lookUp is { IsCompleted: false } underWay)
            {
                return underWay.WaitAsync(cancellationToken);
            }
            _lookUp = lookUp = start.Task.Unwrap();
        }
        start.SetResult(LookUpAsync(held));
        return lookUp.WaitAsync(cancellationToken);
    }

    private async Task<T> LookUpAsync(Held? held)
    {
        try
        {
            var value = await load(CancellationToken.None).ConfigureAwait(false);
            Hold(value, lifetime);
            return value;
        }
        catch (PathLookupException) when (held is not null)
        {
            // Counted, not thrown: an older answer about the own AS serves better than none.
            Interlocked.Increment(ref _failures);
            Hold(held.Value, RetryPause);
            return held.Value;
        }
    }

    private void Hold(T value, TimeSpan duration)
    {
        lock (_lock)
        {
            _held = new Held(value, time.GetTimestamp(), duration);
        }
    }

    private sealed record Held(T Value, long Since, TimeSpan Lifetime);
}
