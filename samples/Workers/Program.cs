// The idea: a service that loses no job over stop and start. Its session stays with the broker (appsettings.json), and
// with it whatever was not acknowledged and whatever came meanwhile.
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using MqttScion;
using MqttScion.Mqtt;
using MqttScion.Samples;
using MqttScion.Samples.Workers;

const int Count = 40;

var command = new SampleCommand("Works on jobs in a host that stops and starts again.");
return await command.RunAsync(args, "done", Count, async (settings, cancellation) =>
{
    await using var network = await SampleNetwork.StartAsync(settings, cancellation);
    await using var customer = network.ClientBesideProxy("customer");
    await customer.ConnectAsync(cancellation);
    var workshop = new Workshop(Count);

    using (var service = Build(network, workshop))
    {
        await service.StartAsync(cancellation);
        await OrderAsync(customer, 1, Count / 2, cancellation);
        await service.StopAsync(cancellation);
    }
    Console.WriteLine($"  the service has stopped; done so far: {workshop.Done.Count}");

    await OrderAsync(customer, Count / 2 + 1, Count, cancellation);
    Console.WriteLine("  the service starts again");
    using var next = Build(network, workshop);
    await next.StartAsync(cancellation);
    var done = await workshop.Done.WaitAsync(cancellation);
    await next.StopAsync(cancellation);
    return done;
});

static IHost Build(SampleNetwork network, Workshop workshop)
{
    // Settings lie beside the program, wherever it is started from.
    var builder = Host.CreateApplicationBuilder(
        new HostApplicationBuilderSettings { ContentRootPath = AppContext.BaseDirectory });
    builder.Services.AddScionMqtt(builder.Configuration.GetSection("Mqtt")).AsHostedService();
    builder.Services.AddSingleton(workshop);
    builder.Services.AddHostedService<HandlerWorker>();
    builder.Services.AddHostedService<ReaderWorker>();

    builder.Services.AddScionMqtt(network.Configure); // For this demonstration only.
    return builder.Build();
}

static async Task OrderAsync(IScionMqttClient customer, int first, int last, CancellationToken cancellation)
{
    for (var i = first; i <= last; i++)
    {
        var job = new MqttApplicationMessageBuilder()
            .WithTopic(i % 2 == 0 ? "jobs/paint" : "jobs/print")
            .WithPayload($"job {i}")
            .WithQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce)
            .Build();
        // Until the service has subscribed for the first time, the broker knows nobody for its jobs.
        while ((await customer.PublishAsync(job, cancellation)).ReasonCode
            == MqttClientPublishReasonCode.NoMatchingSubscribers)
        {
            await Task.Delay(20, cancellation);
        }
    }
    Console.WriteLine($"  ordered: jobs {first} to {last}");
}
