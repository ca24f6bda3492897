using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using MqttScion.Mqtt;
using MqttScion.Proxy.Tests.Support;
using MqttScion.Testnet;
using MqttScion.Tests.Support;

namespace MqttScion.Tests.DependencyInjection;

/// <summary>What a session that is kept keeps over the end and the start of the process that uses it.</summary>
[SuppressMessage("Design", "CA1001", Justification = "xunit disposes it through IAsyncLifetime.")]
public sealed class KeptSessionTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = ScriptedConnection.Patience;

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
    [InlineData("reader", "jobs", 1)]
    [InlineData("reader", "jobs", 2)]
    [InlineData("reader", "$share/workers/jobs", 1)]
    [InlineData("handler", "jobs", 1)]
    [InlineData("observer", "jobs", 1)]
    public async Task Host_that_stops_and_starts_again_does_each_job_once(string worker, string filter, int qos)
    {
        using var jobs = new Jobs(permits: 5);
        var jobFilter = Messages.Filter(filter, qos);
        using (var first = Host(worker, jobs, jobFilter))
        {
            await first.StartAsync();
            await PublishWhenSubscribedAsync("0", qos);
            Publish(Enumerable.Range(1, 39), qos);
            await jobs.WhenDoneAsync(5);
            await first.StopAsync();
        }
        Publish(Enumerable.Range(40, 5), qos);

        jobs.Permit(100);
        using var second = Host(worker, jobs, jobFilter);
        await second.StartAsync();
        await jobs.WhenDoneAsync(45);
        await second.StopAsync();

        // A host does not wait for an observer: the job in its hands may be done and not yet acknowledged when the
        // disconnect leaves, and then it comes again (§4.3.2).
        var done = worker == "observer" ? jobs.Done.Distinct() : jobs.Done;
        done.Should().Equal(Enumerable.Range(0, 45).Select(Jobs.Text));
        jobs.Done.Count.Should().BeLessThanOrEqualTo(worker == "observer" ? 46 : 45);
    }

    [Fact]
    public async Task Host_that_stops_refuses_nothing_while_its_services_take_their_time()
    {
        using var jobs = new Jobs(permits: 1);
        using var mayEnd = new SemaphoreSlim(0);
        using var host = Host("reader", jobs, Messages.Filter("jobs", 1), services =>
            services.AddHostedService(_ => new SlowService(atStop: () => mayEnd.WaitAsync(Patience))), o =>
            {
                o.CleanStart = true;
                o.UnsubscribeDelay = TimeSpan.Zero;
            });
        var drops = host.Services.GetRequiredService<IScionMqttClient>().DroppedMessages.Collect();
        await host.StartAsync();
        await PublishWhenSubscribedAsync("0", qos: 1);
        Publish(Enumerable.Range(1, 9), qos: 1);
        await jobs.WhenDoneAsync(1);

        var stopping = host.StopAsync();
        var worker = host.Services.GetServices<IHostedService>().OfType<ReadingWorker>().Single();
        await FluentActions.Awaiting(() => worker.ExecuteTask!.WaitAsync(Patience))
            .Should().ThrowAsync<OperationCanceledException>();
        var isStillSubscribed = _broker.Publish(Messages.Of("jobs", "10", qos: 1));
        mayEnd.Release();
        await stopping.WaitAsync(Patience);

        isStillSubscribed.Should().Be(MqttClientPublishReasonCode.Success);
        host.Dispose();
        drops.TryRead(out var dropped).Should().BeFalse("{0} stays with the session", dropped);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Client_that_stops_reading_and_disconnects_leaves_filter_and_messages_to_the_session(int qos)
    {
        await using (var first = await ConnectedAsync())
        {
            using var stop = new CancellationTokenSource();
            var messages = first.ReadMessagesAsync(Messages.Filter("jobs", qos), stop.Token);
            await using (var reader = new DeliveryReader(messages))
            {
                var next = reader.NextAsync();
                await PublishWhenSubscribedAsync("0", qos);
                Publish(Enumerable.Range(1, 9), qos);
                (await next).Acknowledge();
                (await reader.NextAsync()).Acknowledge();
                await reader.NextAsync();
                await stop.CancelAsync();
                await FluentActions.Awaiting(reader.NextAsync).Should().ThrowAsync<OperationCanceledException>();
            }
            await first.DisconnectAsync();
        }
        Publish([10, 11], qos);

        await using var second = await ConnectedAsync();
        await using var rest = new DeliveryReader(second.ReadMessagesAsync(Messages.Filter("jobs", qos)));

        (await rest.TextsAsync(10)).Should().Equal(Enumerable.Range(2, 10).Select(Jobs.Text));
    }

    [Fact]
    public async Task Delivery_in_hand_is_acknowledged_after_its_reader_has_ended()
    {
        await using (var first = await ConnectedAsync())
        {
            MqttDelivery inHand;
            await using (var reader = new DeliveryReader(first.ReadMessagesAsync(Messages.Filter("jobs", 1))))
            {
                var next = reader.NextAsync();
                await PublishWhenSubscribedAsync("0", qos: 1);
                Publish([1], qos: 1);
                inHand = await next;
            }
            inHand.Acknowledge();
            await first.DisconnectAsync();
        }

        await using var second = await ConnectedAsync();
        await using var rest = new DeliveryReader(second.ReadMessagesAsync(Messages.Filter("jobs", 1)));

        (await rest.TextsAsync(1)).Should().Equal("1");
    }

    [Fact]
    public async Task Services_that_start_late_get_what_the_session_had_queued()
    {
        await QueueAsync(50);
        var delivered = _broker.Statistics.Delivered;
        using var jobs = new Jobs(permits: 100);
        using var host = Host("reader", jobs, Messages.Filter("jobs", 1), services =>
            services.AddHostedService(_ => new SlowService(
                atStart: () => Jobs.ConditionAsync(() => _broker.Statistics.Delivered >= delivered + 50))));

        await host.StartAsync();

        await jobs.WhenDoneAsync(50);
        jobs.Done.Should().Equal(Enumerable.Range(0, 50).Select(Jobs.Text));
        await host.StopAsync();
    }

    [Theory]
    [InlineData("reader")]
    [InlineData("handler")]
    [InlineData("observer")]
    public async Task Client_that_subscribes_after_its_connect_gets_what_the_session_had_queued(string kind)
    {
        await QueueAsync(50);
        var delivered = _broker.Statistics.Delivered;
        using var jobs = new Jobs(permits: 100);
        await using var client = await ConnectedAsync();
        await Jobs.ConditionAsync(() => _broker.Statistics.Delivered >= delivered + 50);

        var worker = Worker(kind, client, jobs, Messages.Filter("jobs", 1));
        await worker.StartAsync(default);

        await jobs.WhenDoneAsync(50);
        jobs.Done.Should().Equal(Enumerable.Range(0, 50).Select(Jobs.Text));
        await worker.StopAsync(default);
    }

    private static IHostedService Worker(string kind, IScionMqttClient client, Jobs jobs, MqttTopicFilter filter) =>
        kind switch
        {
            "reader" => new ReadingWorker(client, jobs, filter),
            "handler" => new HandlingWorker(client, jobs, filter),
            _ => new ObservingWorker(client, jobs, filter),
        };

    private IHost Host(
        string worker,
        Jobs jobs,
        MqttTopicFilter filter,
        Action<IServiceCollection>? addBefore = null,
        Action<ScionMqttClientOptions>? configure = null)
    {
        var builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddScionMqtt(o =>
        {
            Keep(o);
            configure?.Invoke(o);
        }).AsHostedService();
        addBefore?.Invoke(builder.Services);
        builder.Services.AddSingleton<IHostedService>(services => Worker(
            worker, services.GetRequiredService<IScionMqttClient>(), jobs, filter));
        return builder.Build();
    }

    private void Keep(ScionMqttClientOptions options)
    {
        _world.Configure(options, "worker");
        options.CleanStart = false;
        options.SessionExpiryInterval = TimeSpan.FromHours(1);
        options.ReconnectDelay = TimeSpan.FromMilliseconds(1);
    }

    private async Task<ScionMqttClient> ConnectedAsync()
    {
        var options = new ScionMqttClientOptions();
        Keep(options);
        var client = new ScionMqttClient(options);
        await client.ConnectAsync().WaitAsync(Patience);
        return client;
    }

    /// <summary>A session with the filter, and messages in it.</summary>
    private async Task QueueAsync(int count)
    {
        await using (var client = await ConnectedAsync())
        {
            await client.SubscribeAsync(Messages.Filter("jobs", 1)).AsTask().WaitAsync(Patience);
            await client.DisconnectAsync();
        }
        Publish(Enumerable.Range(0, count), qos: 1);
    }

    private async Task PublishWhenSubscribedAsync(string payload, int qos) => await Jobs.ConditionAsync(() =>
        _broker.Publish(Messages.Of("jobs", payload, qos)) != MqttClientPublishReasonCode.NoMatchingSubscribers);

    private void Publish(IEnumerable<int> numbers, int qos)
    {
        foreach (var number in numbers)
        {
            _broker.Publish(Messages.Of("jobs", Jobs.Text(number), qos));
        }
    }

    private sealed class SlowService(Func<Task>? atStart = null, Func<Task>? atStop = null) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken) => atStart?.Invoke() ?? Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => atStop?.Invoke() ?? Task.CompletedTask;
    }
}
