using System.Diagnostics.CodeAnalysis;
using MqttScion.Mqtt;
using MqttScion.Proxy.Tests.Support;

namespace MqttScion.Tests.Support;

/// <summary>Tests of a client behind a proxy whose broker does what the test tells it.</summary>
[SuppressMessage("Design", "CA1001", Justification = "xunit disposes it through IAsyncLifetime.")]
public abstract class ScriptedBrokerTests : IAsyncLifetime
{
    private protected static readonly TimeSpan Patience = ScriptedConnection.Patience;

    private protected ScriptedBroker Broker { get; private set; } = null!;

    private protected SameAsWorld World { get; private set; } = null!;

    public Task InitializeAsync()
    {
        Broker = new ScriptedBroker();
        World = new SameAsWorld(Broker.Address);
        return Task.CompletedTask;
    }

    public async Task DisposeAsync()
    {
        await World.DisposeAsync();
        Broker.Dispose();
    }

    /// <summary>A client that makes a lost connection again at once.</summary>
    private protected ScionMqttClient Client(Action<ScionMqttClientOptions>? configure = null) => World.Client("c", o =>
    {
        o.ReconnectDelay = TimeSpan.FromMilliseconds(1);
        o.MaxReconnectDelay = TimeSpan.FromMilliseconds(10);
        configure?.Invoke(o);
    });

    private protected async Task<ScriptedConnection> ConnectAsync(
        ScionMqttClient client, Action<MqttProperties>? connAck = null)
    {
        var connecting = client.ConnectAsync();
        var connection = await Broker.AcceptAsync(isSessionPresent: false, connAck);
        await connecting.WaitAsync(Patience);
        return connection;
    }
}
