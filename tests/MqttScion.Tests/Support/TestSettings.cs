using MqttScion.Mqtt;

namespace MqttScion.Tests.Support;

/// <summary>Settings for parts of the client that need no network.</summary>
internal static class TestSettings
{
    public static ClientSettings Default => With(_ => { });

    public static ClientSettings With(Action<ScionMqttClientOptions> change)
    {
        var options = new ScionMqttClientOptions
        {
            PathsPerAttempt = 1,
            MaxQueuedMessages = 1,
            MaxQueuedBytes = 1,
            MaxPendingPublishes = 100,
            MaxPendingBytes = 1 << 20,
            MaxServerReferences = 0,
            ReconnectDelay = TimeSpan.Zero,
            MaxReconnectDelay = TimeSpan.Zero,
            StatisticsInterval = TimeSpan.Zero,
        };
        change(options);
        return new ClientSettings
        {
            Options = options,
            Servers = [],
            Dialing = null!,
            Mqtt = new MqttSessionOptions { ClientId = "c" },
            Telemetry = new ClientTelemetry(new ScionMqttClientOptions()),
        };
    }
}
