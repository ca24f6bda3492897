using System.Threading.Channels;

namespace MqttScion.Transport.Tests;

/// <summary>Waits that end.</summary>
internal static class Waiting
{
    private static TimeSpan Patience => TransportWorld.Patience;

    public static Task<T> InTime<T>(this ValueTask<T> task) => task.AsTask().WaitAsync(Patience);

    public static Task<T> InTime<T>(this Task<T> task) => task.WaitAsync(Patience);

    public static Task InTime(this ValueTask task) => task.AsTask().WaitAsync(Patience);

    public static Task InTime(this Task task) => task.WaitAsync(Patience);

    /// <summary>All that an observer is told, to be read one after the other; ends as the source does.</summary>
    public static ChannelReader<T> Collect<T>(this IObservable<T> source)
    {
        var told = Channel.CreateUnbounded<T>();
        source.Subscribe(
            value => told.Writer.TryWrite(value), error => told.Writer.Complete(error), () => told.Writer.Complete());
        return told.Reader;
    }

    /// <summary>Waits for what nothing tells of.</summary>
    public static async Task ConditionAsync(Func<bool> isMet)
    {
        using var end = new CancellationTokenSource(Patience);
        await ConditionAsync(isMet, end.Token);
    }

    public static async Task ConditionAsync(Func<bool> isMet, CancellationToken end)
    {
        while (!isMet())
        {
            await Task.Delay(TimeSpan.FromMilliseconds(5), end);
        }
    }
}
