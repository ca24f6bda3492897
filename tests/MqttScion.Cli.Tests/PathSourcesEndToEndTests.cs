using MqttScion.Scion;

namespace MqttScion.Cli.Tests;

/// <summary>The same paths from each source that the command line can name.</summary>
public sealed class PathSourcesEndToEndTests : IAsyncLifetime
{
    private static readonly IsdAs Client = IsdAs.Parse(LiveNetwork.Client);

    private readonly string _directory = Directory.CreateTempSubdirectory("mqttscion-cli-").FullName;
    private LiveNetwork _network = null!;

    public async Task InitializeAsync() => _network = await LiveNetwork.StartAsync();

    public async Task DisposeAsync()
    {
        await _network.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public async Task Daemon_gives_the_paths_of_the_endhost_API() =>
        (await PathsAsync("--daemon", _network.Network.DaemonUrl(Client).Authority))
            .Should().Equal(await EndhostPathsAsync());

    [Fact]
    public async Task Bootstrap_server_gives_the_paths_of_the_endhost_API() =>
        (await PathsAsync("--bootstrap", _network.Network.BootstrapUrl(Client).ToString()))
            .Should().Equal(await EndhostPathsAsync());

    [Fact]
    public async Task Topology_file_gives_the_paths_of_the_endhost_API()
    {
        using var http = new HttpClient { BaseAddress = _network.Network.BootstrapUrl(Client) };
        var file = Path.Combine(_directory, "topology.json");
        await File.WriteAllTextAsync(file, await http.GetStringAsync("topology"));

        (await PathsAsync("--topology-file", file)).Should().Equal(await EndhostPathsAsync());
    }

    private Task<List<string>> EndhostPathsAsync() =>
        PathsAsync("--endhost-api", _network.Network.EndhostApiUrl(Client).ToString());

    private static async Task<List<string>> PathsAsync(string option, string value)
    {
        await using var run = CommandRun.Cli(["paths", LiveNetwork.Server, option, value, "--no-probe"]);
        await run.EndAsync();
        (await run.ExitCode).Should().Be(ExitCode.Ok, run.Error.Text);
        var paths = run.Output.Lines
            .Where(line => line.StartsWith('['))
            .Select(line => line[line.IndexOf("Hops:", StringComparison.Ordinal)..])
            .Order(StringComparer.Ordinal)
            .ToList();
        paths.Should().HaveCountGreaterThan(3);
        return paths;
    }
}
