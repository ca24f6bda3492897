using System.Diagnostics;
using System.Diagnostics.Metrics;
using MqttScion.Mqtt;

namespace MqttScion;

/// <summary>
/// What one client measures. As long as nobody listens, nothing is allocated, computed or timed. Callable from any
/// thread.
/// </summary>
/// <param name="metrics">The instruments.</param>
/// <param name="name">The name of a named client, else empty.</param>
internal sealed class ClientMetrics(MqttMetrics metrics, string name)
{
    private static readonly object[] QualityOfServiceLevels = [0, 1, 2];

    private Action<Exception>? _onListenerFailed;
    private Func<(long Count, long Bytes)>? _pending;
    private Func<long>? _subscriptionCount;

    public string Name => name;

    /// <summary>The tags of every measurement.</summary>
    public KeyValuePair<string, object?>[] Tags { get; } = name.Length == 0
        ? [new("messaging.system", "mqtt")]
        : [new("messaging.system", "mqtt"), new("mqttscion.client.name", name)];

    public bool IsConnected { get; private set; }

    public long SubscriptionCount => _subscriptionCount?.Invoke() ?? 0;

    public long PendingCount => _pending?.Invoke().Count ?? 0;

    public long PendingBytes => _pending?.Invoke().Bytes ?? 0;

    /// <summary>True when publishes are to be timed.</summary>
    public bool TimesPublishes => metrics.PublishDuration.Enabled;

    /// <summary>True when hand-overs are to be timed.</summary>
    public bool TimesProcessing => metrics.ProcessDuration.Enabled;

    /// <summary>What is observed is asked for here from now on.</summary>
    /// <param name="pending">Counts the outbox.</param>
    /// <param name="subscriptionCount">Counts the subscriptions.</param>
    /// <param name="onListenerFailed">Told what a listener threw.</param>
    public void Start(
        Func<(long Count, long Bytes)> pending, Func<long> subscriptionCount, Action<Exception> onListenerFailed)
    {
        (_pending, _subscriptionCount, _onListenerFailed) = (pending, subscriptionCount, onListenerFailed);
        metrics.Add(this);
    }

    public void Stop() => metrics.Remove(this);

    public void OnConnected(bool isReconnect)
    {
        IsConnected = true;
        if (isReconnect)
        {
            Add(metrics.Reconnects, 1);
        }
    }

    public void OnDisconnected() => IsConnected = false;

    public void OnPathSwitched() => Add(metrics.PathSwitches, 1);

    /// <summary>A publish was answered.</summary>
    /// <param name="message">The publish.</param>
    /// <param name="result">The answer.</param>
    /// <param name="acceptedAt">When it was accepted; null for one that an earlier process accepted.</param>
    /// <param name="time">The clock of that timestamp.</param>
    public void OnPublished(
        MqttApplicationMessage message, MqttClientPublishResult result, long? acceptedAt, TimeProvider time)
    {
        if (result.IsSuccess && metrics.SentBytes.Enabled)
        {
            Add(metrics.SentBytes, message.Payload.Length);
        }
        if (metrics.Sent.Enabled || metrics.PublishDuration.Enabled)
        {
            OnPublishEnded(message, result.IsSuccess ? null : ErrorType.Of(result), acceptedAt, time);
        }
    }

    /// <summary>A publish was given up.</summary>
    public void OnPublishFailed(MqttApplicationMessage message, Exception error, long? acceptedAt, TimeProvider time)
    {
        if (metrics.Sent.Enabled || metrics.PublishDuration.Enabled)
        {
            OnPublishEnded(message, ErrorType.Of(error), acceptedAt, time);
        }
    }

    /// <summary>A message came.</summary>
    public void OnReceived(MqttApplicationMessage message)
    {
        if (metrics.ReceivedBytes.Enabled)
        {
            Add(metrics.ReceivedBytes, message.Payload.Length);
        }
    }

    /// <summary>An observer, handler or reader had a message.</summary>
    /// <param name="message">The message.</param>
    /// <param name="error">What it threw, or null.</param>
    /// <param name="duration">How long it had it; null when it was not timed.</param>
    public void OnProcessed(MqttApplicationMessage message, Exception? error, TimeSpan? duration)
    {
        if (!metrics.Consumed.Enabled && duration is null)
        {
            return;
        }
        var tags = TagsOf(message, "process", error is null ? null : ErrorType.Of(error));
        Count(metrics.Consumed, tags);
        if (duration is { } measured)
        {
            Record(metrics.ProcessDuration, measured, tags);
        }
    }

    /// <summary>A message was dropped.</summary>
    public void OnDropped(MessageDropReason reason)
    {
        if (metrics.Dropped.Enabled)
        {
            Count(metrics.Dropped, new TagList(Tags) { { "mqttscion.drop.reason", reason.ToString() } });
        }
    }

    /// <summary>A listener, which is the application's, threw: the loop, the connection and whoever waits go on.
    /// </summary>
    public void OnListenerFailed(Exception error) => _onListenerFailed?.Invoke(error);

    private void Add(Counter<long> counter, long value)
    {
        try
        {
            counter.Add(value, Tags);
        }
        catch (Exception e)
        {
            OnListenerFailed(e); // User code: it may throw anything.
        }
    }

    private void Count(Counter<long> counter, in TagList tags)
    {
        try
        {
            counter.Add(1, tags);
        }
        catch (Exception e)
        {
            OnListenerFailed(e);
        }
    }

    private void Record(Histogram<double> histogram, TimeSpan duration, in TagList tags)
    {
        try
        {
            histogram.Record(duration.TotalSeconds, tags);
        }
        catch (Exception e)
        {
            OnListenerFailed(e);
        }
    }

    private void OnPublishEnded(MqttApplicationMessage message, string? error, long? acceptedAt, TimeProvider time)
    {
        var tags = TagsOf(message, "publish", error);
        Count(metrics.Sent, tags);
        if (acceptedAt is { } start && metrics.PublishDuration.Enabled)
        {
            Record(metrics.PublishDuration, time.GetElapsedTime(start), tags);
        }
    }

    private TagList TagsOf(MqttApplicationMessage message, string operation, string? error)
    {
        var tags = new TagList(Tags)
        {
            { "messaging.operation.name", operation },
            { "mqtt.qos", QualityOfServiceLevels[(int)message.QualityOfServiceLevel] },
        };
        if (error is not null)
        {
            tags.Add("error.type", error);
        }
        return tags;
    }
}
