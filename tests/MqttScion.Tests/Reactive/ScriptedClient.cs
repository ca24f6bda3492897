using System.Collections.Concurrent;
using MqttScion.Mqtt;
using MqttScion.Scion;

namespace MqttScion.Tests;

/// <summary>A client whose publishes end when the test says so; it does nothing else.</summary>
internal sealed class ScriptedClient : IScionMqttClient
{
    private readonly ConcurrentDictionary<string, TaskCompletionSource<MqttClientPublishResult>> _pending = new();

    public ConcurrentQueue<string> Published { get; } = new();

    public IObservable<ConnectionState> ConnectionStates => throw new NotSupportedException();

    public bool IsConnected => throw new NotSupportedException();

    public IObservable<PathEvent> Paths => throw new NotSupportedException();

    public IObservable<ConnectionStatistics> Statistics => throw new NotSupportedException();

    public IObservable<MessageDropped> DroppedMessages => throw new NotSupportedException();

    public MqttPayloadSerializers Serializers { get; } = new();

    public void Answer(string topic, ushort packetIdentifier) =>
        _pending[topic].SetResult(new MqttClientPublishResult { PacketIdentifier = packetIdentifier });

    public void Fail(string topic, Exception error) => _pending[topic].SetException(error);

    public ValueTask<MqttClientPublishResult> PublishAsync(
        MqttApplicationMessage message,
        CancellationToken cancellationToken = default)
    {
        var pending = new TaskCompletionSource<MqttClientPublishResult>(
            TaskCreationOptions.RunContinuationsAsynchronously);
        cancellationToken.Register(() => pending.TrySetCanceled(cancellationToken));
        _pending[message.Topic] = pending;
        Published.Enqueue(message.Topic);
        return new ValueTask<MqttClientPublishResult>(pending.Task);
    }

    public ValueTask EnqueueAsync(MqttApplicationMessage message, CancellationToken cancellationToken = default) =>
        throw new NotSupportedException();

    public Task ReAuthenticateAsync(CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public Task<MqttClientConnectResult> ConnectAsync(CancellationToken cancellationToken = default) =>
        throw new NotSupportedException();

    public Task DisconnectAsync(
        MqttDisconnectReasonCode reason = MqttDisconnectReasonCode.NormalDisconnection,
        CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public IObservable<MqttApplicationMessage> Messages(MqttTopicFilter filter, MqttDeliveryOptions? options = null) =>
        throw new NotSupportedException();

    public IObservable<MqttMessage<T>> Messages<T>(MqttTopicFilter filter, MqttDeliveryOptions? options = null) =>
        throw new NotSupportedException();

    public ValueTask<IMqttSubscription> SubscribeAsync(
        MqttTopicFilter filter,
        CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public ValueTask<IMqttSubscription> SubscribeAsync(
        MqttTopicFilter filter,
        Func<MqttDelivery, CancellationToken, ValueTask> handler,
        CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public ValueTask<IMqttSubscription> SubscribeAsync(
        MqttTopicFilter filter,
        Func<MqttDelivery, CancellationToken, ValueTask> handler,
        MqttDeliveryOptions options,
        CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public ValueTask<MqttClientUnsubscribeResult> UnsubscribeAsync(
        string filter, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public IAsyncEnumerable<MqttDelivery> ReadMessagesAsync(
        MqttTopicFilter filter,
        CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public IAsyncEnumerable<MqttDelivery> ReadMessagesAsync(
        MqttTopicFilter filter,
        MqttDeliveryOptions options,
        CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public ValueTask<MqttApplicationMessage> RequestAsync(
        MqttApplicationMessage request,
        TimeSpan? timeout = null,
        CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public IObservable<MqttRequest> Requests(MqttTopicFilter filter) => throw new NotSupportedException();

    public ValueTask UsePathPolicyAsync(IPathPolicy policy, CancellationToken cancellationToken = default) =>
        throw new NotSupportedException();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
