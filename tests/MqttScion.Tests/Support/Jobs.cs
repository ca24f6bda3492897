using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.Extensions.Hosting;
using MqttScion.Mqtt;

namespace MqttScion.Tests.Support;

/// <summary>The work of a service that gets jobs as messages: each is done when a permit is there for it.</summary>
internal sealed class Jobs(int permits) : IDisposable
{
    private readonly SemaphoreSlim _permits = new(permits);

    /// <summary>The payloads of the jobs that are done.</summary>
    public ConcurrentQueue<string> Done { get; } = new();

    public async ValueTask DoAsync(MqttApplicationMessage job, CancellationToken stop)
    {
        await _permits.WaitAsync(stop);
        Done.Enqueue(job.ConvertPayloadToString());
    }

    public void Do(MqttApplicationMessage job)
    {
        _permits.Wait(ScriptedConnection.Patience).Should().BeTrue();
        Done.Enqueue(job.ConvertPayloadToString());
    }

    public void Permit(int count = 1) => _permits.Release(count);

    public async Task WhenDoneAsync(int count) => await ConditionAsync(() => Done.Count >= count);

    public static async Task ConditionAsync(Func<bool> condition)
    {
        using var patience = new CancellationTokenSource(ScriptedConnection.Patience);
        while (!condition())
        {
            await Task.Delay(5, patience.Token);
        }
    }

    public static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    public void Dispose() => _permits.Dispose();
}

/// <summary>A service that reads its jobs.</summary>
internal sealed class ReadingWorker(IScionMqttClient client, Jobs jobs, MqttTopicFilter filter) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await foreach (var delivery in client.ReadMessagesAsync(filter, stoppingToken))
        {
            await jobs.DoAsync(delivery.Message, stoppingToken);
            delivery.Acknowledge();
        }
    }
}

/// <summary>A service that handles its jobs.</summary>
internal sealed class HandlingWorker(IScionMqttClient client, Jobs jobs, MqttTopicFilter filter) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await using var subscription = await client.SubscribeAsync(
            filter, (delivery, stop) => jobs.DoAsync(delivery.Message, stop), stoppingToken);
        await Task.Delay(Timeout.Infinite, stoppingToken);
    }
}

/// <summary>A service that observes its jobs.</summary>
internal sealed class ObservingWorker(IScionMqttClient client, Jobs jobs, MqttTopicFilter filter) : IHostedService
{
    private IDisposable? _observer;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _observer = client.Messages(filter).Subscribe(jobs.Do, e => jobs.Done.Enqueue(e.Message));
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        _observer?.Dispose();
        jobs.Permit(); // For the one in hand.
        return Task.CompletedTask;
    }
}
