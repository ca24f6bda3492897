using MqttScion.Mqtt;

namespace MqttScion.Benchmarks;

/// <summary>Our client over QUIC over SCION.</summary>
internal sealed class ScionLink : IMessageLink
{
    private readonly ScionMqttClient _client;
    private readonly List<IDisposable> _subscriptions = [];

    private ScionLink(ScionMqttClient client) => _client = client;

    public static async Task<IMessageLink> ConnectAsync(ScionMqttClientOptions options)
    {
        var client = new ScionMqttClient(options);
        await client.ConnectAsync();
        return new ScionLink(client);
    }

    public async Task SubscribeAsync(MqttTopicFilter filter, Action<MqttApplicationMessage> onMessage)
    {
        var subscription = await _client.SubscribeAsync(filter);
        _subscriptions.Add(subscription.Messages.Subscribe(onMessage));
    }

    public ValueTask<MqttClientPublishResult> PublishAsync(MqttApplicationMessage message) =>
        _client.PublishAsync(message);

    public async ValueTask DisposeAsync()
    {
        _subscriptions.ForEach(s => s.Dispose());
        await _client.DisposeAsync();
    }
}
