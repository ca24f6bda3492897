// The idea: a question and its answer over publish and subscribe. The client takes care of response topic, correlation
// and timeout; requests and responses are values; a request that can't be read costs its own answer and no other.
using MqttScion;
using MqttScion.Mqtt;
using MqttScion.Samples;
using MqttScion.Samples.RequestResponse;

const int Count = 5;
const string Valve = "plant/valve/set";

var command = new SampleCommand("Asks a valve to open, and answers.");
return await command.RunAsync(args, "answered", Count, async (settings, cancellation) =>
{
    await using var network = await SampleNetwork.StartAsync(settings, cancellation);
    await using var valve = network.Client("valve", o => o.Serializers.AddJson(ValveJson.Default));
    await using var panel = network.Client("panel", o => o.Serializers.AddJson(ValveJson.Default));
    await valve.ConnectAsync(cancellation);
    await panel.ConnectAsync(cancellation);

    // The responder: opens at most to 80 %, and says how far. What it could not answer is told beside it.
    using var drops = valve.DroppedMessages.Subscribe(drop =>
        Console.WriteLine($"  not answered on {drop.Topic}: {drop.Reason}"));
    await using var responder = await valve.Requests<Open, Opened>(
        Valve,
        (request, _) => ValueTask.FromResult(new Opened(Math.Min(80, request.Percent))),
        cancellationToken: cancellation);

    var answered = 0;
    for (var percent = 20; percent <= Count * 20; percent += 20)
    {
        if (percent == 40)
        {
            var bad = new MqttApplicationMessageBuilder().WithTopic(Valve).WithPayload("wide open, please").Build();
            await ExpectNoAnswerAsync(panel.RequestAsync(bad, TimeSpan.FromSeconds(0.5), cancellation));
        }
        var opened = await panel.RequestAsync<Open, Opened>(Valve, new Open(percent), cancellationToken: cancellation);
        Console.WriteLine($"  open {percent} %: open at {opened.Percent} %");
        answered++;
    }
    // Nobody listens there: the broker says so, or else the timeout does.
    await ExpectNoAnswerAsync(panel.RequestAsync<Open, Opened>(
        "plant/pump/set", new Open(1), TimeSpan.FromSeconds(1), cancellationToken: cancellation));
    return answered;
});

static async Task ExpectNoAnswerAsync<T>(ValueTask<T> response)
{
    try
    {
        Console.WriteLine($"  an answer that nobody expected: {await response}");
    }
    catch (Exception e) when (e is MqttRequestFailedException or TimeoutException)
    {
        Console.WriteLine($"  {e.Message}");
    }
}
