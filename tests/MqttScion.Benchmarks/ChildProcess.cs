using System.Diagnostics;

namespace MqttScion.Benchmarks;

/// <summary>This program once more, in another process.</summary>
internal static class ChildProcess
{
    /// <summary>Starts it.</summary>
    /// <param name="mode">The command.</param>
    /// <param name="arguments">The arguments of the command.</param>
    /// <param name="isBackground">True for the least priority.</param>
    public static Process Start(string mode, IEnumerable<string> arguments, bool isBackground = false)
    {
        string[] all =
        [
            "-n", isBackground ? "19" : "0",
            Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet",
            "exec", typeof(ChildProcess).Assembly.Location, mode, .. arguments,
        ];
        return Process.Start(new ProcessStartInfo("nice", all)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
    }
}
