using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using MqttScion.Mqtt;
using MqttScion.Proxy.Tests.Support;
using MqttScion.Testnet;
using MqttScion.Tests.Support;

namespace MqttScion.Tests.Delivery;

/// <summary>Consumers, and whole clients, that come and go at random while messages flow.</summary>
[SuppressMessage("Design", "CA1001", Justification = "xunit disposes it through IAsyncLifetime.")]
public sealed class KeptSessionRaceTests : IAsyncLifetime
{
    private const int Count = 600;

    private readonly ConcurrentQueue<int> _done = new();
    private PocketBroker _broker = null!;
    private SameAsWorld _world = null!;

    public async Task InitializeAsync()
    {
        _broker = await PocketBroker.StartAsync();
        _world = new SameAsWorld(_broker.EndPoint.ToString());
    }

    public async Task DisposeAsync()
    {
        await _world.DisposeAsync();
        await _broker.DisposeAsync();
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 1)]
    [InlineData(3, 2)]
    [InlineData(4, 2)]
    public async Task Each_message_is_done_once_whoever_comes_and_goes(int seed, int qos)
    {
        await RunAsync(seed, qos, dropsConnections: false);

        _done.Should().OnlyHaveUniqueItems();
        _done.Order().Should().Equal(Enumerable.Range(0, Count));
    }

    [Theory]
    [InlineData(5, 1)]
    [InlineData(6, 2)]
    public async Task No_message_is_lost_when_connections_are_cut_too(int seed, int qos)
    {
        await RunAsync(seed, qos, dropsConnections: true);

        // An acknowledgement that was cut off with its client leaves the message to the next one.
        _done.Distinct().Order().Should().Equal(Enumerable.Range(0, Count));
    }

    private async Task RunAsync(int seed, int qos, bool dropsConnections)
    {
        var random = new Random(seed);
        var filter = Messages.Filter("jobs", qos);
        var client = await ConnectAsync();
        await using (await client.SubscribeAsync(filter))
        {
            // The session has the filter from here on.
        }
        var publishing = Task.Run(async () =>
        {
            for (var i = 0; i < Count; i++)
            {
                _broker.Publish(Messages.Of("jobs", i.ToString(CultureInfo.InvariantCulture), qos));
                if (i % 20 == 0)
                {
                    await Task.Delay(1);
                }
            }
        });

        for (var turn = 0; _done.Distinct().Count() < Count && turn < 2000; turn++)
        {
            if (dropsConnections && random.Next(4) == 0)
            {
                _broker.DropConnections();
            }
            switch (random.Next(8))
            {
                case < 4:
                    await ReadAsync(client, filter, random.Next(1, 40));
                    break;
                case < 7:
                    await HandleAsync(client, filter, TimeSpan.FromMilliseconds(random.Next(20)));
                    break;
                default:
                    await client.DisposeAsync();
                    client = await ConnectAsync();
                    break;
            }
        }
        await publishing;
        await client.DisposeAsync();
    }

    private async Task ReadAsync(ScionMqttClient client, MqttTopicFilter filter, int count)
    {
        using var stop = new CancellationTokenSource(TimeSpan.FromMilliseconds(count));
        try
        {
            await foreach (var delivery in client.ReadMessagesAsync(filter, stop.Token))
            {
                _done.Enqueue(Number(delivery.Message));
                delivery.Acknowledge();
                if (--count == 0)
                {
                    return;
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Enough.
        }
    }

    private async Task HandleAsync(ScionMqttClient client, MqttTopicFilter filter, TimeSpan time)
    {
        await using var subscription = await client.SubscribeAsync(filter, async (delivery, stop) =>
        {
            await Task.Yield();
            stop.ThrowIfCancellationRequested();
            _done.Enqueue(Number(delivery.Message));
        });
        await Task.Delay(time);
    }

    private async Task<ScionMqttClient> ConnectAsync()
    {
        var options = _world.ClientOptions("worker");
        (options.CleanStart, options.SessionExpiryInterval) = (false, TimeSpan.FromHours(1));
        options.ReceiveMaximum = 50;
        options.ReconnectDelay = TimeSpan.FromMilliseconds(1);
        var client = new ScionMqttClient(options);
        await client.ConnectAsync().WaitAsync(ScriptedConnection.Patience);
        return client;
    }

    private static int Number(MqttApplicationMessage message) =>
        int.Parse(message.ConvertPayloadToString(), CultureInfo.InvariantCulture);
}
