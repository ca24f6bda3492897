using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using MqttScion.Proxy.Tests.Support;
using MqttScion.Tests.Memory;
using MqttScion.Tests.Support;

namespace MqttScion.Tests.Diagnostics;

/// <summary>A listener of the application that throws on our loop.</summary>
[Collection(TelemetryGroup.Name)]
public sealed class FailingListenerTests : IDisposable
{
    private static readonly TimeSpan _patience = ScriptedConnection.Patience;

    private readonly MqttMetrics _metrics = new();
    private readonly MeterListener _listener = new();
    private readonly ConcurrentQueue<string> _measured = new();

    public FailingListenerTests()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (ReferenceEquals(instrument.Meter, _metrics.Sent.Meter))
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((instrument, _, _, _) => Refuse(instrument));
        _listener.SetMeasurementEventCallback<double>((instrument, _, _, _) => Refuse(instrument));
        _listener.Start();
    }

    public void Dispose() => _listener.Dispose();

    [Fact]
    public async Task Listener_that_throws_costs_neither_messages_nor_the_connection()
    {
        using var loggers = new ListLoggers();
        var broker = MemoryBroker.Of("t", 10);
        await using var client = MemoryConnector.Client(broker, loggers: loggers, metrics: _metrics);
        var states = client.ConnectionStates.Collect();
        await client.ConnectAsync().WaitAsync(_patience);
        await states.NextAsync<ConnectionState, ConnectionState.Connected>();
        await using var subscription = await client.SubscribeAsync(Messages.Filter("t", 1));
        var received = subscription.Messages.Collect();

        (await client.PublishAsync(Messages.Of("t", "1", qos: 1)).AsTask().WaitAsync(_patience))
            .IsSuccess.Should().BeTrue();
        broker.Deliver(1);
        await received.NextAsync();

        states.TryRead(out _).Should().BeFalse("the connection is still the first");
        _measured.Should().Contain(["messaging.client.sent.messages", "mqttscion.client.received.bytes"]);
        loggers.Lines.Should().Contain(line => line.Contains("the listener's fault"));
    }

    private void Refuse(Instrument instrument)
    {
        _measured.Enqueue(instrument.Name);
        throw new InvalidOperationException("the listener's fault");
    }
}
