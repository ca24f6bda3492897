using System.Diagnostics;

namespace MqttScion.Samples.Tests;

/// <summary>Each sample does what it says, as a program of its own.</summary>
public sealed class SampleTests
{
    [Theory]
    [InlineData("QuickStart", "delivered 10 of 10", "starting ", "plant/1/temp", "2-ff00:0:211")]
    [InlineData("PathAware", "delivered 30 of 30", "reconnects 0", "down ")]
    [InlineData("RequestResponse", "answered 5 of 5", "open 100 %: open at 80 %", "Nobody answers")]
    [InlineData("SensorGateway", "delivered 20 of 20", "delivered so far: 0", "health: Degraded", "health: Healthy",
        "messaging.client.sent.messages")]
    [InlineData("TransportOnly", "sent 1000000 of 1000000", "SHA-256 there")]
    [InlineData("TypedMessages", "delivered 12 of 12", "line 3: 25.5", "Undecodable")]
    public async Task Sample_runs_to_its_end(string sample, string lastLine, params string[] lines)
    {
        var (exitCode, output, error) = await RunAsync(sample);

        error.Should().BeEmpty();
        exitCode.Should().Be(0);
        output.TrimEnd().Split('\n')[^1].Should().Be(lastLine);
        output.Should().ContainAll(lines);
    }

    [Fact]
    public async Task QuickStart_without_its_broker_fails_with_one_line()
    {
        var (exitCode, output, error) = await RunAsync("QuickStart", "--broker", "127.0.0.1:1");

        exitCode.Should().Be(1);
        error.TrimEnd().Split('\n').Should().ContainSingle().Which.Should().Contain("cannot reach the broker");
        output.TrimEnd().Split('\n')[^1].Should().Be("delivered 0 of 10");
    }

    private static async Task<(int ExitCode, string Output, string Error)> RunAsync(string sample, params string[] args)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add(PathOf(sample));
        foreach (var arg in args)
        {
            start.ArgumentList.Add(arg);
        }
        using var process = Process.Start(start)!;
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(limit.Token);
            var error = process.StandardError.ReadToEndAsync(limit.Token);
            await process.WaitForExitAsync(limit.Token);
            return (process.ExitCode, await output, await error);
        }
        finally
        {
            process.Kill(entireProcessTree: true); // Does nothing to one that has ended.
        }
    }

    // .../tests/MqttScion.Samples.Tests/bin/<configuration>/<framework>/ beside .../samples/<sample>/bin/<same>/<same>/
    private static string PathOf(string sample)
    {
        var own = new DirectoryInfo(AppContext.BaseDirectory);
        var root = own.Parent!.Parent!.Parent!.Parent!.Parent!.FullName;
        return Path.Combine(root, "samples", sample, "bin", own.Parent.Name, own.Name, $"{sample}.dll");
    }
}
