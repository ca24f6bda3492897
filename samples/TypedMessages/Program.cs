// The idea: values instead of bytes. Payloads are JSON by a source-generated context, levels of the topic have names,
// and a slow observer sees the newest value of each line instead of a growing past.
using System.Reactive.Linq;
using MqttScion;
using MqttScion.Mqtt;
using MqttScion.Samples;
using MqttScion.Samples.TypedMessages;

const int Count = 12;
var template = TopicTemplate.Parse("plant/{line}/temp");

return await SampleRun.RunAsync("delivered", Count, async cancellation =>
{
    await using var network = await SampleNetwork.StartAsync(cancellationToken: cancellation);
    await using var client = network.Client("typed", o => o.Serializers.AddJson(ReadingJson.Default));

    // A payload that is no reading ends nothing: it is reported here.
    using var drops = client.DroppedMessages.Subscribe(drop =>
        Console.WriteLine($"  dropped {drop.Topic}: {drop.Reason}"));

    var delivered = 0;
    var all = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
    using var readings = client
        .Messages<Reading>(new MqttTopicFilter
        {
            Topic = template.Filter,
            QualityOfServiceLevel = MqttQualityOfServiceLevel.AtLeastOnce,
        })
        .Subscribe(message =>
        {
            var line = template.TryMatch(message.Topic, out var values) ? values[0] : "?";
            Console.WriteLine($"  line {line}: {message.Value.Celsius:0.0} °C");
            if (++delivered == Count)
            {
                all.SetResult();
            }
        });

    // The same stream, conflated: while this observer is busy, older values of a line give way to newer ones.
    using var slow = new ManualResetEventSlim();
    using var display = client.Values<Reading>(template.Filter)
        .Conflate(reading => reading.Line)
        .Subscribe(reading =>
        {
            slow.Wait(50, cancellation);
            Console.WriteLine($"  display: line {reading.Line} at {reading.Celsius:0.0} °C");
        });

    await client.ConnectAsync(cancellation);
    await client.PublishAsync(template.Format("1"), "no reading", cancellationToken: cancellation);
    for (var i = 0; i < Count; i++)
    {
        var line = i % 3 + 1;
        await client.PublishAsync(
            template.Format($"{line}"),
            new Reading(line, 20 + i / 2.0),
            MqttQualityOfServiceLevel.AtLeastOnce,
            cancellationToken: cancellation);
    }
    await all.Task.WaitAsync(cancellation);
    await Task.Delay(200, cancellation); // For the display to catch up.
    return delivered;
});
