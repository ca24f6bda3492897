using MqttScion.Proxy.Tests.Support;

namespace MqttScion.Tests.Chaos;

/// <summary>mosquitto, which saves its sessions when it is told to end.</summary>
internal sealed class MosquittoChaosBroker(Mosquitto broker) : IChaosBroker
{
    public string Address => broker.Address;

    // mosquitto 2.0.11 sends more than its inflight limit to a client with a backlog, and saves what is beyond the
    // limit as not yet sent: after a restart it publishes messages again whose PUBCOMP it had got.
    public bool RepeatsAfterRestart => true;

    public static async Task<MosquittoChaosBroker> StartAsync(string directory) =>
        new(await Mosquitto.StartAsync([
            "max_queued_messages 0", "max_inflight_messages 20", .. Mosquitto.Persistence(directory)]));

    public Task RestartAsync(TimeSpan pause) => broker.RestartAsync(pause);

    public ValueTask DisposeAsync() => broker.DisposeAsync();
}
