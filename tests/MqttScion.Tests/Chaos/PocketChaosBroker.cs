using System.Collections.Concurrent;
using System.Net;
using MqttScion.Mqtt;
using MqttScion.Testnet;

namespace MqttScion.Tests.Chaos;

/// <summary>The embedded broker, which hands its state to the next one.</summary>
internal sealed class PocketChaosBroker : IChaosBroker
{
    private readonly PocketBrokerState _state = new();
    private readonly ConcurrentDictionary<string, bool> _taken = new();
    private readonly ConcurrentQueue<string> _repetitions = new();
    private PocketBroker _broker = null!;

    private PocketChaosBroker()
    {
    }

    public string Address => _broker.EndPoint.ToString();

    public IEnumerable<string> Repetitions => _repetitions;

    public static async Task<PocketChaosBroker> StartAsync()
    {
        var broker = new PocketChaosBroker();
        await broker.StartAsync(new IPEndPoint(IPAddress.Loopback, 0));
        return broker;
    }

    public async Task RestartAsync(TimeSpan pause)
    {
        var endPoint = _broker.EndPoint;
        await _broker.DisposeAsync();
        await Task.Delay(pause);
        await StartAsync(endPoint);
    }

    public ValueTask DisposeAsync() => _broker.DisposeAsync();

    private async Task StartAsync(IPEndPoint endPoint) => _broker = await PocketBroker.StartAsync(
        new PocketBrokerOptions
        {
            EndPoint = endPoint,
            State = _state,
            MaximumQueuedMessages = 10_000_000,
            AuthorizePublish = Note,
        });

    private MqttClientPublishReasonCode Note(string clientId, MqttApplicationMessage message)
    {
        var payload = message.ConvertPayloadToString();
        if (message.QualityOfServiceLevel == MqttQualityOfServiceLevel.ExactlyOnce && !_taken.TryAdd(payload, true))
        {
            _repetitions.Enqueue($"The broker took {payload} again{(message.Dup ? " (DUP)" : "")}.");
        }
        return MqttClientPublishReasonCode.Success;
    }
}
