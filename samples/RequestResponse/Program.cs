// The idea: a question and its answer over publish and subscribe. The client takes care of response topic, correlation
// and timeout; requests and responses are values.
using System.Reactive.Linq;
using MqttScion;
using MqttScion.Mqtt;
using MqttScion.Samples;
using MqttScion.Samples.RequestResponse;

const int Count = 5;

var command = new SampleCommand("Asks a valve to open, and answers.");
return await command.RunAsync(args, "answered", Count, async (settings, cancellation) =>
{
    await using var network = await SampleNetwork.StartAsync(settings, cancellation);
    await using var valve = network.Client("valve", o => o.Serializers.AddJson(ValveJson.Default));
    await using var panel = network.Client("panel", o => o.Serializers.AddJson(ValveJson.Default));
    await valve.ConnectAsync(cancellation);
    await panel.ConnectAsync(cancellation);

    // The responder: opens at most to 80 %, and says how far.
    using var responder = valve.Requests("plant/valve/set")
        .SelectMany(request => Observable.FromAsync(() =>
            request.RespondAsync(new Opened(Math.Min(80, request.Read<Open>().Percent))).AsTask()))
        .Subscribe();
    await using var ready = await valve.SubscribeAsync("plant/valve/set", cancellation);

    var answered = 0;
    for (var percent = 20; percent <= Count * 20; percent += 20)
    {
        var opened = await panel.RequestAsync<Open, Opened>(
            "plant/valve/set", new Open(percent), cancellationToken: cancellation);
        Console.WriteLine($"  open {percent} %: open at {opened.Percent} %");
        answered++;
    }

    // Nobody listens there: the broker says so (QoS 1), or else the timeout does.
    try
    {
        await panel.RequestAsync<Open, Opened>(
            "plant/pump/set",
            new Open(1),
            TimeSpan.FromSeconds(1),
            MqttQualityOfServiceLevel.AtLeastOnce,
            cancellation);
    }
    catch (Exception e) when (e is MqttRequestFailedException or TimeoutException)
    {
        Console.WriteLine($"  {e.Message}");
    }
    return answered;
});
