using System.Collections.Concurrent;
using MqttScion.Mqtt;

namespace MqttScion.Samples.Workers;

/// <summary>Where the work is done.</summary>
internal sealed class Workshop(int count)
{
    private static readonly TimeSpan Work = TimeSpan.FromMilliseconds(20);

    private readonly ConcurrentDictionary<string, bool> _done = new();

    /// <summary>The jobs that are done.</summary>
    public Arrivals Done { get; } = new(count);

    /// <summary>Does a job, or gives it up when the service stops.</summary>
    public async ValueTask DoAsync(MqttApplicationMessage job, CancellationToken stop)
    {
        await Task.Delay(Work, stop);
        // At least once: a job whose acknowledgement was lost comes again, and is done already.
        if (_done.TryAdd(job.ConvertPayloadToString(), true))
        {
            Done.Add();
        }
    }
}
