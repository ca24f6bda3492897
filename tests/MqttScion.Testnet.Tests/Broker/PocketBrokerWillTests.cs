namespace MqttScion.Testnet.Tests;

/// <summary>When wills are published (MQTT 5 §3.1.2.5, §3.1.3.2.2, §3.1.4).</summary>
public sealed class PocketBrokerWillTests : IAsyncLifetime
{
    private readonly TestClock _clock = new();
    private PocketBroker _broker = null!;
    private RawMqttClient _watcher = null!;

    public async Task InitializeAsync()
    {
        _broker = await PocketBroker.StartAsync(new PocketBrokerOptions { TimeProvider = _clock });
        _watcher = await RawMqttClient.ConnectAsync(_broker, "watcher");
        await _watcher.SubscribeAsync("will");
    }

    public async Task DisposeAsync()
    {
        _watcher.Dispose();
        await _broker.DisposeAsync();
    }

    [Theory]
    [InlineData(0x00, false)]
    [InlineData(0x04, true)]
    [InlineData(0x80, true)]
    public async Task Only_normal_disconnection_cancels_the_will(byte code, bool isPublished)
    {
        using var client = await ConnectAsync(expirySeconds: 0, delaySeconds: 0);

        await client.LeaveAsync(code);

        await ExpectAsync(isPublished);
    }

    [Fact]
    public async Task Will_waits_for_its_delay()
    {
        using var client = await ConnectAsync(expirySeconds: 60, delaySeconds: 10);
        await client.VanishAsync();
        _clock.Advance(TimeSpan.FromSeconds(9));
        await _watcher.HearNothingAsync();

        _clock.Advance(TimeSpan.FromSeconds(1));

        await ExpectAsync(isPublished: true);
        _clock.Advance(TimeSpan.FromSeconds(100));
        await _watcher.HearNothingAsync();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(5)]
    public async Task Will_does_not_wait_longer_than_the_session(uint expirySeconds)
    {
        using var client = await ConnectAsync(expirySeconds, delaySeconds: 10);
        await client.VanishAsync();

        _clock.Advance(TimeSpan.FromSeconds(expirySeconds));

        await ExpectAsync(isPublished: true);
    }

    [Fact]
    public async Task Client_that_resumes_within_the_delay_cancels_the_will()
    {
        using var client = await ConnectAsync(expirySeconds: 60, delaySeconds: 10);
        await client.VanishAsync();

        using var again = await RawMqttClient.ConnectAsync(
            _broker, "c", cleanStart: false, expirySeconds: 60, isSessionPresent: true);
        await again.VanishAsync();
        _clock.Advance(TimeSpan.FromSeconds(59));

        await ExpectAsync(isPublished: false);
    }

    [Fact]
    public async Task Client_that_starts_anew_within_the_delay_ends_the_session_and_publishes_the_will()
    {
        using var client = await ConnectAsync(expirySeconds: 60, delaySeconds: 10);
        await client.VanishAsync();

        using var again = await RawMqttClient.ConnectAsync(_broker, "c", cleanStart: true);

        await ExpectAsync(isPublished: true);
    }

    [Theory]
    [InlineData(60, 0, false, true)]   // without delay the connection that ends publishes it
    [InlineData(60, 10, false, false)] // the session goes on: cancelled
    [InlineData(60, 10, true, true)]   // the session ends
    [InlineData(0, 10, false, true)]   // the session ends with its connection
    public async Task Take_over_publishes_the_will_unless_the_session_goes_on_before_its_delay(
        uint expirySeconds, uint delaySeconds, bool isCleanStart, bool isPublished)
    {
        using var client = await ConnectAsync(expirySeconds, delaySeconds);

        using var again = await RawMqttClient.ConnectAsync(_broker, "c", cleanStart: isCleanStart, expirySeconds: 60);

        await client.HearEndAsync();
        await ExpectAsync(isPublished);
        _clock.Advance(TimeSpan.FromSeconds(20));
        await _watcher.HearNothingAsync();
    }

    [Fact]
    public async Task Will_is_retained_and_waits_in_a_state_that_another_broker_goes_on_with()
    {
        var state = new PocketBrokerState();
        var options = new PocketBrokerOptions { TimeProvider = _clock, State = state };
        var former = await PocketBroker.StartAsync(options);
        using var client = await RawMqttClient.ConnectAsync(former, "c", expirySeconds: 60,
            will: RawMqttClient.Message("will", "gone", retain: true), willDelaySeconds: 10);
        await former.DisposeAsync();
        await using var broker = await PocketBroker.StartAsync(options);

        _clock.Advance(TimeSpan.FromSeconds(10));

        using var late = await RawMqttClient.ConnectAsync(broker, "late");
        await late.SubscribeAsync("will");
        (await late.HearLineAsync()).Should().Be("PUBLISH will=gone QoS 0, retain");
    }

    private Task<RawMqttClient> ConnectAsync(uint expirySeconds, uint delaySeconds) => RawMqttClient.ConnectAsync(
        _broker, "c", expirySeconds: expirySeconds, will: RawMqttClient.Message("will", "gone"),
        willDelaySeconds: delaySeconds);

    private async Task ExpectAsync(bool isPublished)
    {
        if (isPublished)
        {
            (await _watcher.HearLineAsync()).Should().Be("PUBLISH will=gone QoS 0");
        }
        await _watcher.HearNothingAsync();
    }
}
