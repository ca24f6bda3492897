using System.Diagnostics;

namespace MqttScion.Cli.Tests;

/// <summary>
/// The script at the top of the repository, in a tree of its own with a <c>dotnet</c> that only tells.
/// </summary>
public sealed class WrapperTests : IDisposable
{
    private const string Cli = "src/MqttScion.Cli/bin/Debug/net10.0/mqtt-scion.dll";
    private const string Proxy = "src/MqttScion.Proxy/bin/Debug/net10.0/mqtt-scion-proxy.dll";

    // Tells how it was called, and makes the files that a build of a project would.
    private const string Dotnet =
        """
        #!/bin/sh
        if [ "$1" = build ]; then
            out=$2/bin/Debug/net10.0
            mkdir -p "$out"
            case $2 in
                */MqttScion.Cli) : >"$out/mqtt-scion.dll" ;;
                *) : >"$out/mqtt-scion-proxy.dll" ;;
            esac
            exit 0
        fi
        printf '%s\n' "$MQTT_SCION_COMMAND" "$@"
        """;

    private readonly string _root = Directory.CreateTempSubdirectory("mqttscion wrapper-").FullName;

    public WrapperTests()
    {
        File.Copy(Path.Combine(RepositoryRoot(), "mqtt-scion"), At("mqtt-scion"));
        Directory.CreateDirectory(At("bin"));
        File.WriteAllText(At("bin/dotnet"), Dotnet);
        if (!OperatingSystem.IsWindows())
        {
            var executable = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
            File.SetUnixFileMode(At("bin/dotnet"), executable);
            File.SetUnixFileMode(At("mqtt-scion"), executable);
        }
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public async Task What_is_built_runs_with_all_arguments_as_they_are()
    {
        Touch(Cli);
        var (code, output, error) = await RunAsync(At("mqtt-scion"), "sub", "[1-1,127.0.0.1]:1", "", "a b/#");

        code.Should().Be(0, string.Join(" ", error));
        output.Should().Equal(At("mqtt-scion"), At(Cli), "sub", "[1-1,127.0.0.1]:1", "", "a b/#");
        error.Should().BeEmpty();
    }

    [Fact]
    public async Task Proxy_is_a_command_of_it()
    {
        Touch(Proxy);
        var (code, output, error) = await RunAsync(At("mqtt-scion"), "proxy", "--listen", "x");

        code.Should().Be(0, string.Join(" ", error));
        output.Should().Equal(At("mqtt-scion"), At(Proxy), "--listen", "x");
    }

    [Fact]
    public async Task It_is_found_through_links_from_any_directory()
    {
        Touch(Cli);
        Directory.CreateDirectory(At("elsewhere"));
        File.CreateSymbolicLink(At("elsewhere/first"), "../mqtt-scion");
        File.CreateSymbolicLink(At("bin/mqtt"), At("elsewhere/first"));

        var (code, output, error) = await RunAsync(At("bin/mqtt"), "paths");

        code.Should().Be(0, string.Join(" ", error));
        output.Should().Equal(At("mqtt-scion"), At(Cli), "paths");
    }

    [Fact]
    public async Task What_was_never_built_is_built_once_and_one_line_says_so()
    {
        var first = await RunAsync(At("mqtt-scion"), "paths");
        var second = await RunAsync(At("mqtt-scion"), "proxy");

        first.Error.Should().ContainSingle().Which.Should().Contain("building");
        first.Output.Should().Equal(At("mqtt-scion"), At(Cli), "paths");
        second.Error.Should().BeEmpty();
        second.Output.Should().Equal(At("mqtt-scion"), At(Proxy));
    }

    [Fact]
    public async Task The_later_of_two_builds_runs()
    {
        var release = Cli.Replace("Debug", "Release", StringComparison.Ordinal);
        Touch(release);
        Touch(Cli);
        File.SetLastWriteTimeUtc(At(Cli), File.GetLastWriteTimeUtc(At(release)).AddMinutes(-1));

        (await RunAsync(At("mqtt-scion"))).Output.Should().Equal(At("mqtt-scion"), At(release));
    }

    private static string RepositoryRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "MqttScion.sln")))
            folder = folder.Parent ?? throw new DirectoryNotFoundException($"No MqttScion.sln above {folder}.");
        return folder.FullName;
    }

    private string At(string path) => Path.Combine(_root, path);

    private void Touch(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(At(path))!);
        File.WriteAllText(At(path), "");
    }

    private async Task<(int Code, IReadOnlyList<string> Output, IReadOnlyList<string> Error)> RunAsync(
        string program, params string[] args)
    {
        var start = new ProcessStartInfo(program, args)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Path.GetTempPath(),
        };
        start.Environment["PATH"] = $"{At("bin")}:{Environment.GetEnvironmentVariable("PATH")}";
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(30));
        return (process.ExitCode, Lines(await output), Lines(await error));
    }

    private static string[] Lines(string text) =>
        text.Length == 0 ? [] : text.TrimEnd('\n').Split('\n');
}
