using System.Diagnostics;
using MqttScion.Proxy.Tests.Support;

namespace MqttScion.Tests.Chaos;

/// <summary>mosquitto, which saves its sessions when it is told to end.</summary>
internal sealed class MosquittoChaosBroker(Mosquitto broker) : IChaosBroker
{
    private static readonly Version InOrder = new(2, 0, 13);
    private static readonly Lazy<Version> Installed = new(ReadVersion);

    /// <summary>The version of the one that is installed.</summary>
    public static Version Version => Installed.Value;

    /// <summary>True when that version lets a message overtake a backlog; see <see cref="MosquittoOrderTests"/>.
    /// </summary>
    public static bool VersionOvertakes => Version < InOrder;

    public string Address => broker.Address;

    // mosquitto 2.0.11 sends more than its inflight limit to a client with a backlog, and saves what is beyond the
    // limit as not yet sent: after a restart it publishes messages again whose PUBCOMP it had got.
    public bool RepeatsAfterRestart => true;

    public bool Overtakes => VersionOvertakes;

    public static async Task<MosquittoChaosBroker> StartAsync(string directory) =>
        new(await Mosquitto.StartAsync([
            "max_queued_messages 0", "max_inflight_messages 20", .. Mosquitto.Persistence(directory)]));

    public Task RestartAsync(TimeSpan pause) => broker.RestartAsync(pause);

    public ValueTask DisposeAsync() => broker.DisposeAsync();

    // "mosquitto version 2.0.11" is the first line of its help.
    private static Version ReadVersion()
    {
        using var help = Process.Start(
            new ProcessStartInfo(Mosquitto.Executable!, ["-h"]) { RedirectStandardOutput = true })!;
        var line = help.StandardOutput.ReadToEnd().Split('\n')[0];
        return Version.Parse(line.Split(' ')[^1]);
    }
}
