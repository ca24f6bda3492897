using System.Buffers.Binary;
using MqttScion.Mqtt;

namespace MqttScion.TestPeer;

/// <summary>One publisher and one subscriber at one quality of service, and the account of what came.</summary>
/// <remarks>Numbers come in order, so that one counter tells what is missing and what is there again.</remarks>
internal sealed class SoakFlow(MqttQualityOfServiceLevel quality)
{
    private const int PayloadBytes = 200;

    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(5);

    private long _published;
    private long _received;
    private long _next;
    private long _lost;
    private long _again;

    public long Published => Interlocked.Read(ref _published);

    public long Received => Interlocked.Read(ref _received);

    public long Lost => Interlocked.Read(ref _lost);

    public long Again => Interlocked.Read(ref _again);

    /// <summary>How many were acknowledged and did not come yet.</summary>
    public long Waiting => Math.Max(0, Published - Interlocked.Read(ref _next));

    public string Topic => $"soak/{(int)quality}/plant/line/sensor";

    public MqttTopicFilter Filter => new() { Topic = $"soak/{(int)quality}/#", QualityOfServiceLevel = quality };

    /// <summary>Publishes until it is told to stop, about two hundred messages a second.</summary>
    public async Task PublishAsync(ScionMqttClient client, CancellationToken stop)
    {
        for (var number = 0L; !stop.IsCancellationRequested; number++)
        {
            var payload = new byte[PayloadBytes];
            BinaryPrimitives.WriteInt64BigEndian(payload, number);
            var result = await client.PublishAsync(
                new MqttApplicationMessage { Topic = Topic, Payload = payload, QualityOfServiceLevel = quality },
                CancellationToken.None);
            if (!result.IsSuccess)
            {
                throw new InvalidOperationException($"Publish {number} at {quality}: {result.ReasonString}");
            }
            Interlocked.Increment(ref _published);
            await Task.Delay(Pace, stop).ContinueWith(_ => { }, TaskScheduler.Default);
        }
    }

    /// <summary>Takes a message of the filter. One at a time.</summary>
    public void Take(MqttApplicationMessage message)
    {
        Interlocked.Increment(ref _received);
        var number = BinaryPrimitives.ReadInt64BigEndian(message.Payload.Span);
        var next = Interlocked.Read(ref _next);
        if (number < next)
        {
            Interlocked.Increment(ref _again);
            return;
        }
        Interlocked.Add(ref _lost, number - next);
        Interlocked.Exchange(ref _next, number + 1);
    }
}
