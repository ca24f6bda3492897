namespace MqttScion.Samples;

/// <summary>The network under a sample: emulated on this machine, or yours.</summary>
internal sealed class SampleNetwork : IAsyncDisposable
{
    private readonly Access _field;
    private readonly Access _besideProxy;

    private SampleNetwork(DemoNetwork? demo, Access field, Access besideProxy) =>
        (Demo, _field, _besideProxy) = (demo, field, besideProxy);

    /// <summary>The emulated network, whose links can be cut; null when the network is yours.</summary>
    public DemoNetwork? Demo { get; }

    /// <summary>Starts what the settings don't name.</summary>
    public static async Task<SampleNetwork> StartAsync(SampleSettings settings, CancellationToken cancellationToken)
    {
        if (settings.OwnProxy is { } own)
        {
            Console.WriteLine($"proxy    {own.Server} (yours)");
            return new SampleNetwork(demo: null, own, own);
        }
        Console.WriteLine("starting an emulated SCION network, a broker and a proxy in this process ...");
        var demo = await DemoNetwork.StartAsync(settings.Broker, cancellationToken);
        return new SampleNetwork(demo, demo.FieldAccess, demo.AccessBesideProxy);
    }

    /// <summary>Makes a client; it is not connected yet. In the emulated network it is in another AS than the proxy.
    /// </summary>
    public ScionMqttClient Client(string clientId, Action<ScionMqttClientOptions>? configure = null) =>
        Client(clientId, _field, configure);

    /// <summary>Makes a client; in the emulated network, one in the proxy's own AS.</summary>
    public ScionMqttClient ClientBesideProxy(string clientId) => Client(clientId, _besideProxy, configure: null);

    /// <summary>Writes the addresses and certificates over those of the options, which may come from a file.</summary>
    public void Configure(ScionMqttClientOptions options) => _field.ApplyTo(options);

    public ValueTask DisposeAsync() => Demo?.DisposeAsync() ?? ValueTask.CompletedTask;

    private static ScionMqttClient Client(string clientId, Access access, Action<ScionMqttClientOptions>? configure)
    {
        var options = new ScionMqttClientOptions { ClientId = clientId };
        access.ApplyTo(options);
        configure?.Invoke(options);
        return new ScionMqttClient(options);
    }
}
