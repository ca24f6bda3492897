using MqttScion.Mqtt;

namespace MqttScion.Benchmarks;

/// <summary>What a measurement needs of a client, whatever it runs on.</summary>
internal interface IMessageLink : IAsyncDisposable
{
    /// <summary>Subscribes; messages arrive at the action one after the other.</summary>
    Task SubscribeAsync(MqttTopicFilter filter, Action<MqttApplicationMessage> onMessage);

    /// <summary>Publishes; completes at PUBACK for QoS 1.</summary>
    ValueTask<MqttClientPublishResult> PublishAsync(MqttApplicationMessage message);
}
