using MqttScion.Mqtt;
using MqttScion.Quic;

namespace MqttScion.Tests.Support;

/// <summary>Settings for parts of the client that need no network.</summary>
internal static class TestSettings
{
    public static ClientSettings Default { get; } = new()
    {
        Servers = [],
        Network = null!,
        Mqtt = new MqttSessionOptions { ClientId = "c" },
        Quic = new QuicOptions(),
        QlogDirectory = null,
        StatisticsInterval = default,
        Serializers = new MqttPayloadSerializers(),
        DataStreams = 0,
        PathsPerAttempt = 1,
        MaxQueuedMessages = 1,
        MaxQueuedBytes = 1,
        MaxPendingPublishes = 100,
        MaxPendingBytes = 1 << 20,
        OutboxOverflow = OutboxOverflow.Wait,
        OutboxStore = null,
        CleanStart = true,
        UnsubscribeDelay = TimeSpan.FromSeconds(5),
        ResumedMessagesWait = TimeSpan.FromSeconds(10),
        ServersShareSessions = true,
        ServerSelection = ServerSelection.InOrder,
        MaxServerReferences = 0,
        Authenticator = null,
        RequestTimeout = TimeSpan.FromSeconds(10),
        ResponseTopicPrefix = null,
        ReconnectDelay = default,
        MaxReconnectDelay = default,
        Failover = null,
        Telemetry = new ClientTelemetry(new ScionMqttClientOptions()),
    };
}
