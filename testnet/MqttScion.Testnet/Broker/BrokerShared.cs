namespace MqttScion.Testnet;

/// <summary>What all connections of a broker share beside the router.</summary>
internal sealed class BrokerShared(PocketBrokerOptions options)
{
    public BrokerGate Gate { get; } = new();

    public BrokerRate Connects { get; } = new(options.MaximumConnectionsPerSecond, options.TimeProvider);
}
