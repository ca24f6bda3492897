using System.Diagnostics.Metrics;

namespace MqttScion;

/// <summary>
/// The instruments of one meter, shared by the clients that report to it. The names are in docs/observability.md.
/// </summary>
internal sealed class MqttMetrics
{
    /// <summary>The version of the meter and of the source of spans.</summary>
    public static readonly string Version =
        typeof(MqttMetrics).Assembly.GetName().Version?.ToString(fieldCount: 3) ?? "";

    // Of OpenTelemetry's conventions for messaging; a collector's default is made for milliseconds.
    private static readonly InstrumentAdvice<double> Durations = new()
    {
        HistogramBucketBoundaries = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10],
    };

    private readonly Lock _gate = new();
    private readonly List<ClientMetrics> _clients = [];

    /// <param name="factory">Makes the meter; null for one that belongs to no container.</param>
    public MqttMetrics(IMeterFactory? factory = null)
    {
        var options = new MeterOptions(MqttTelemetry.Name) { Version = Version };
        var meter = factory?.Create(options) ?? new Meter(options);
        Sent = meter.CreateCounter<long>(
            "messaging.client.sent.messages", "{message}", "Publishes that were answered, or given up.");
        PublishDuration = meter.CreateHistogram<double>(
            "messaging.client.operation.duration",
            "s",
            "From the acceptance of a publish to its answer.",
            tags: null,
            Durations);
        Consumed = meter.CreateCounter<long>(
            "messaging.client.consumed.messages", "{message}", "Messages handed over, once per observer or reader.");
        ProcessDuration = meter.CreateHistogram<double>(
            "messaging.process.duration",
            "s",
            "How long an observer or handler had a message.",
            tags: null,
            Durations);
        SentBytes = meter.CreateCounter<long>(
            "mqttscion.client.sent.bytes", "By", "Payload of publishes that were accepted.");
        ReceivedBytes = meter.CreateCounter<long>(
            "mqttscion.client.received.bytes", "By", "Payload of messages that came.");
        Dropped = meter.CreateCounter<long>(
            "mqttscion.client.dropped.messages", "{message}", "Messages that did not get where they were to go.");
        Reconnects = meter.CreateCounter<long>(
            "mqttscion.client.reconnects", "{reconnect}", "Lost connections that were made again.");
        PathSwitches = meter.CreateCounter<long>(
            "mqttscion.client.path.switches", "{switch}", "Changes of the SCION path in use.");
        Observe(meter, "mqttscion.client.connections", "{connection}", "Clients that are connected.",
            c => c.IsConnected ? 1 : 0);
        Observe(meter, "mqttscion.client.subscriptions", "{subscription}", "Topic filters in use.",
            c => c.SubscriptionCount);
        Observe(meter, "mqttscion.client.outbox.messages", "{message}", "Publishes accepted and not answered.",
            c => c.PendingCount);
        Observe(meter, "mqttscion.client.outbox.bytes", "By", "Topic and payload of those publishes.",
            c => c.PendingBytes);
    }

    /// <summary>Those of clients that no container made.</summary>
    public static MqttMetrics Shared { get; } = new();

    public Counter<long> Sent { get; }

    public Histogram<double> PublishDuration { get; }

    public Counter<long> Consumed { get; }

    public Histogram<double> ProcessDuration { get; }

    public Counter<long> SentBytes { get; }

    public Counter<long> ReceivedBytes { get; }

    public Counter<long> Dropped { get; }

    public Counter<long> Reconnects { get; }

    public Counter<long> PathSwitches { get; }

    /// <summary>The client counts in what is observed, until <see cref="Remove"/>.</summary>
    public void Add(ClientMetrics client)
    {
        lock (_gate)
        {
            _clients.Add(client);
        }
    }

    public void Remove(ClientMetrics client)
    {
        lock (_gate)
        {
            _clients.Remove(client);
        }
    }

    private void Observe(
        Meter meter, string name, string unit, string description, Func<ClientMetrics, long> value) =>
        meter.CreateObservableUpDownCounter(name, () => Measure(value), unit, description);

    // Clients without a name of their own share one measurement: two with equal tags would hide each other.
    private List<Measurement<long>> Measure(Func<ClientMetrics, long> value)
    {
        ClientMetrics[] clients;
        lock (_gate)
        {
            clients = [.. _clients];
        }
        return
        [
            .. clients
                .GroupBy(c => c.Name, StringComparer.Ordinal)
                .Select(g => new Measurement<long>(g.Sum(value), g.First().Tags)),
        ];
    }
}
