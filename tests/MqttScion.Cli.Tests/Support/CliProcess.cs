using System.Diagnostics;

namespace MqttScion.Cli.Tests;

/// <summary>The executable in a process of its own, where a test is about the process.</summary>
internal static class CliProcess
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public static Process Start(string directory, params string[] args)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(MqttScionCommand).Assembly.Location, .. args])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = directory,
        };
        start.Environment.Remove(PathSources.DaemonVariable);
        return Process.Start(start)!;
    }

    public static async Task<(int Code, string Output, string Error)> RunAsync(string directory, params string[] args)
    {
        using var process = Start(directory, args);
        return await EndAsync(process);
    }

    public static async Task<(int Code, string Output, string Error)> EndAsync(Process process)
    {
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync().WaitAsync(Patience);
        return (process.ExitCode, await output, await error);
    }
}
