using MqttScion.Mqtt;

namespace MqttScion;

/// <summary>
/// The subscription to the topic on which responses come. At QoS 0, so that a server that waits for our
/// acknowledgements of other messages can still send them.
/// </summary>
internal sealed class ResponseTopic : IAsyncDisposable
{
    private readonly IMqttSubscription _subscription;
    private readonly IDisposable _observer;
    private int _hasEnded;

    private ResponseTopic(string topic, IMqttSubscription subscription, Action<MqttApplicationMessage> onResponse)
    {
        Topic = topic;
        _subscription = subscription;
        _observer = subscription.Messages.Subscribe(onResponse, _ => End(), End);
    }

    public string Topic { get; }

    /// <summary>True when the server has ended the subscription: it refused it on a later connection.</summary>
    public bool HasEnded => Volatile.Read(ref _hasEnded) != 0;

    public static async Task<ResponseTopic> OpenAsync(
        IScionMqttClient client, string topic, Action<MqttApplicationMessage> onResponse)
    {
        var filter = new MqttTopicFilter
        {
            Topic = topic,
            QualityOfServiceLevel = MqttQualityOfServiceLevel.AtMostOnce,
            RetainHandling = MqttRetainHandling.DoNotSendOnSubscribe,
        };
        // Not the token of the request that comes first: others wait for the same answer.
        var subscription = await client.SubscribeAsync(filter, CancellationToken.None).ConfigureAwait(false);
        return new ResponseTopic(topic, subscription, onResponse);
    }

    public ValueTask DisposeAsync()
    {
        _observer.Dispose();
        return _subscription.DisposeAsync();
    }

    private void End() => Volatile.Write(ref _hasEnded, 1);
}
