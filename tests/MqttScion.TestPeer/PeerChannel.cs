using System.Diagnostics;
using System.Text.Json;

namespace MqttScion.TestPeer;

/// <summary>
/// The peer's side of its conversation with the test: a JSON line out for each phase, an end of stdin in.
/// </summary>
internal static class PeerChannel
{
    /// <summary>
    /// The most memory this process ever had resident, in bytes: VmHWM of <c>/proc/self/status</c> on Linux.
    /// </summary>
    public static long PeakResidentBytes
    {
        get
        {
            using var self = Process.GetCurrentProcess();
            return self.PeakWorkingSet64;
        }
    }

    /// <summary>Completes when the test closes our stdin, or is gone.</summary>
    public static Task WhenToldToStopAsync() =>
        Task.Run(() => Console.In.ReadToEnd()); // The asynchronous one blocks its caller too.

    public static void Report<T>(T line) => Console.Out.WriteLine(JsonSerializer.Serialize(line));
}
