using MqttScion.Mqtt;

namespace MqttScion.Samples.QuickStart;

/// <summary>The whole chain on one machine: test network, broker, proxy, a subscriber and a publisher.</summary>
internal static class Demo
{
    /// <summary>Runs the demo; the exit code is 0 when every message arrived.</summary>
    public static Task<int> RunAsync(string? broker, int count, CancellationToken cancellationToken) =>
        SampleRun.RunAsync("delivered", count, token => DeliverAsync(broker, count, token), cancellationToken);

    private static async Task<int> DeliverAsync(string? broker, int count, CancellationToken cancellationToken)
    {
        await using var network = await SampleNetwork.StartAsync(broker, cancellationToken);
        var delivered = 0;
        var all = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

        await using var subscriber = network.Client("subscriber");
        using var paths = subscriber.Paths.SelectedPaths().Subscribe(path => Console.WriteLine($"path     {path}"));
        await subscriber.ConnectAsync(cancellationToken);
        await using var subscription = await subscriber.SubscribeAsync("plant/+/temp", cancellationToken);
        using var messages = subscription.Messages.Subscribe(
            message =>
            {
                Console.WriteLine($"  {message.Topic}  {message.ConvertPayloadToString()}");
                if (++delivered == count)
                {
                    all.SetResult();
                }
            },
            all.SetException);

        await using var publisher = network.Client("publisher");
        await publisher.ConnectAsync(cancellationToken);
        for (var i = 1; i <= count; i++)
        {
            var message = new MqttApplicationMessageBuilder()
                .WithTopic($"plant/{i % 3 + 1}/temp")
                .WithPayload($"{20 + i % 7}.{i % 10} °C  #{i}")
                .WithQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce)
                .Build();
            await publisher.PublishAsync(message, cancellationToken);
        }
        await Task.WhenAny(all.Task, Task.Delay(Timeout.Infinite, cancellationToken));
        return delivered;
    }
}
