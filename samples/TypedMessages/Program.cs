// The idea: values instead of bytes. Payloads are JSON by a source-generated context, levels of the topic have names,
// and a display sees the newest value of each line instead of a growing past.
using MqttScion;
using MqttScion.Mqtt;
using MqttScion.Samples;
using MqttScion.Samples.TypedMessages;

const int Count = 12;
var template = TopicTemplate.Parse("plant/{line}/temp");

var command = new SampleCommand("Publishes and receives values instead of bytes.");
return await command.RunAsync(args, "delivered", Count, async (settings, cancellation) =>
{
    await using var network = await SampleNetwork.StartAsync(settings, cancellation);
    await using var client = network.Client("typed", o => o.Serializers.AddJson(ReadingJson.Default));

    // A payload that is no reading ends nothing: it is reported here.
    using var drops = client.DroppedMessages.Subscribe(drop =>
        Console.WriteLine($"  dropped {drop.Topic}: {drop.Reason}"));

    var arrivals = new Arrivals(Count);
    using var readings = client.Messages<Reading>(template.Filter).Subscribe(
        message =>
        {
            var line = template.TryMatch(message.Topic, out var values) ? values[0] : "?";
            Console.WriteLine($"  line {line}: {message.Value.Celsius:0.0} °C");
            arrivals.Add();
        },
        error => Console.Error.WriteLine(error.Message));

    // The same stream, conflated: while the display draws, older values of a line give way to newer ones.
    using var display = client.Values<Reading>(template.Filter)
        .Conflate(reading => reading.Line)
        .Subscribe(
            reading => Console.WriteLine($"  display: line {reading.Line} at {reading.Celsius:0.0} °C"),
            error => Console.Error.WriteLine(error.Message));

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
    return await arrivals.WaitAsync(cancellation);
});
