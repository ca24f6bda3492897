using System.Diagnostics;

namespace MqttScion.Samples.Tests;

/// <summary>Programs that run beside the tests.</summary>
internal static class Child
{
    private const StringComparison IgnoringCase = StringComparison.OrdinalIgnoreCase;

    private static readonly DirectoryInfo Own = new(AppContext.BaseDirectory);

    /// <summary>The root of the repository: .../tests/MqttScion.Samples.Tests/bin/CONFIGURATION/FRAMEWORK/ is ours.
    /// </summary>
    public static string Root { get; } = Own.Parent!.Parent!.Parent!.Parent!.Parent!.FullName;

    /// <summary>The configuration that was built, such as Debug.</summary>
    public static string Configuration { get; } = Own.Parent!.Name;

    /// <summary>The program of a sample.</summary>
    public static string Sample(string sample) =>
        Path.Combine(Root, "samples", sample, "bin", Configuration, Own.Name, $"{sample}.dll");

    /// <summary>Runs <c>dotnet</c> to its end, as somebody would in a shell.</summary>
    /// <param name="directory">Where it runs.</param>
    /// <param name="limit">How long it may take.</param>
    /// <param name="args">The arguments.</param>
    public static async Task<(int ExitCode, string Output, string Error)> RunAsync(
        string directory, TimeSpan limit, params string[] args)
    {
        using var process = Start(directory, args);
        return await EndOfAsync(process, limit);
    }

    /// <summary>Starts <c>dotnet</c>.</summary>
    public static Process Start(string directory, params string[] args)
    {
        var start = new ProcessStartInfo("dotnet", args)
        {
            WorkingDirectory = directory,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        // What `dotnet test` tells its children is not in a shell.
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("MSBuild", IgnoringCase)).ToList())
        {
            start.Environment.Remove(name);
        }
        // A build server would outlive the build and keep its output open.
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        return Process.Start(start)!;
    }

    /// <summary>Waits for the end of a process, or ends it, and gives what it wrote from now on.</summary>
    public static async Task<(int ExitCode, string Output, string Error)> EndOfAsync(Process process, TimeSpan limit)
    {
        using var end = new CancellationTokenSource(limit);
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(end.Token);
            var error = process.StandardError.ReadToEndAsync(end.Token);
            await process.WaitForExitAsync(end.Token);
            return (process.ExitCode, await output, await error);
        }
        finally
        {
            process.Kill(entireProcessTree: true); // Does nothing to one that has ended.
        }
    }
}
