using System.Diagnostics;
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
    public void Start(Func<(long Count, long Bytes)> pending, Func<long> subscriptionCount)
    {
        (_pending, _subscriptionCount) = (pending, subscriptionCount);
        metrics.Add(this);
    }

    public void Stop() => metrics.Remove(this);

    public void OnConnected(bool isReconnect)
    {
        IsConnected = true;
        if (isReconnect)
        {
            metrics.Reconnects.Add(1, Tags);
        }
    }

    public void OnDisconnected() => IsConnected = false;

    public void OnPathSwitched() => metrics.PathSwitches.Add(1, Tags);

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
            metrics.SentBytes.Add(message.Payload.Length, Tags);
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
            metrics.ReceivedBytes.Add(message.Payload.Length, Tags);
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
        metrics.Consumed.Add(1, tags);
        if (duration is { } measured)
        {
            metrics.ProcessDuration.Record(measured.TotalSeconds, tags);
        }
    }

    /// <summary>A message was dropped.</summary>
    public void OnDropped(MessageDropReason reason)
    {
        if (metrics.Dropped.Enabled)
        {
            metrics.Dropped.Add(1, new TagList(Tags) { { "mqttscion.drop.reason", reason.ToString() } });
        }
    }

    private void OnPublishEnded(MqttApplicationMessage message, string? error, long? acceptedAt, TimeProvider time)
    {
        var tags = TagsOf(message, "publish", error);
        metrics.Sent.Add(1, tags);
        if (acceptedAt is { } start && metrics.PublishDuration.Enabled)
        {
            metrics.PublishDuration.Record(time.GetElapsedTime(start).TotalSeconds, tags);
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
