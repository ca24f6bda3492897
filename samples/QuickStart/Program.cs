// The idea: the whole chain on one machine. Each message travels from the publisher over QUIC, SCION and the proxy to
// the broker, and back the same way to the subscriber.
using System.CommandLine;
using MqttScion;
using MqttScion.Mqtt;
using MqttScion.Samples;

const int DefaultCount = 10;
const int MaxCount = 10_000;

var count = new Option<int>("--count")
{
    HelpName = "count",
    Description = $"How many messages to publish, 1 to {MaxCount}.",
    DefaultValueFactory = _ => DefaultCount,
};
count.Validators.Add(result =>
{
    var text = result.Tokens.Count > 0 ? result.Tokens[0].Value : $"{DefaultCount}";
    if (!int.TryParse(text, out var value) || value is < 1 or > MaxCount)
    {
        result.AddError($"--count: expected 1 to {MaxCount}, found '{text}'.");
    }
});
var command = new SampleCommand("Publishes messages over SCION: client, QUIC, proxy, broker, and back.", count);
return await command.RunAsync(args, "delivered", parse => parse.GetValue(count), async (settings, cancellation) =>
{
    await using var network = await SampleNetwork.StartAsync(settings, cancellation);
    var arrivals = new Arrivals(settings.Count);

    await using var subscriber = network.Client("subscriber");
    using var paths = subscriber.Paths.SelectedPaths().Subscribe(path => Console.WriteLine($"path     {path}"));
    await subscriber.ConnectAsync(cancellation);
    await using var subscription = await subscriber.SubscribeAsync(
        "plant/+/temp",
        (delivery, _) =>
        {
            Console.WriteLine($"  {delivery.Topic}  {delivery.Message.ConvertPayloadToString()}");
            arrivals.Add();
            return ValueTask.CompletedTask;
        },
        cancellation);

    await using var publisher = network.Client("publisher");
    await publisher.ConnectAsync(cancellation);
    for (var i = 1; i <= settings.Count; i++)
    {
        var message = new MqttApplicationMessageBuilder()
            .WithTopic($"plant/{i % 3 + 1}/temp")
            .WithPayload($"{20 + i % 7}.{i % 10} °C  #{i}")
            .WithQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce)
            .Build();
        await publisher.PublishAsync(message, cancellation);
    }
    return await arrivals.WaitAsync(cancellation);
});
