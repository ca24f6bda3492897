using System.Net;
using System.Net.Sockets;
using System.Text.Json;

namespace MqttScion.Cli.Tests;

public sealed class PathsCommandTests : IDisposable
{
    private const string UsesFirstCore = "1-ff00:0:110 1>1 2-ff00:0:210";

    private readonly string _directory = Directory.CreateTempSubdirectory("mqttscion-cli-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task Paths_are_listed_by_hops_and_probed()
    {
        await using var network = await LiveNetwork.StartAsync();
        await using var run = await network.RunAsync("paths", LiveNetwork.Server, "--timeout", "20s");
        (await run.ExitCode).Should().Be(ExitCode.Ok, run.Error.Text);
        run.Error.Lines.Should().BeEmpty();
        run.Output.Lines[0].Should().Be("Available paths to 2-ff00:0:211");
        run.Output.Lines[1].Should().Be("4 Hops:");
        var paths = run.Output.Lines.Where(line => line.StartsWith('[')).ToList();
        paths.Should().HaveCountGreaterThan(3)
            .And.OnlyContain(line => line.Contains("Status: alive RTT: ") && line.EndsWith("LocalIP: 127.0.0.1"));
        paths.Should().Contain(line => line.Contains(UsesFirstCore));
    }

    [Fact]
    public async Task Json_of_paths_without_probes_has_no_status()
    {
        await using var network = await LiveNetwork.StartAsync();
        await using var run = await network.RunAsync(
            "paths", $"[{LiveNetwork.Server},127.0.0.1]", "--json", "--no-probe", "--max", "2", "--order", "mtu");
        (await run.ExitCode).Should().Be(ExitCode.Ok, run.Error.Text);
        var root = JsonDocument.Parse(run.Output.Text).RootElement;
        root.GetProperty("local_isd_as").GetString().Should().Be(LiveNetwork.Client);
        root.GetProperty("paths").GetArrayLength().Should().Be(2);
        root.GetProperty("paths")[0].TryGetProperty("status", out _).Should().BeFalse();
    }

    [Fact]
    public async Task Link_that_is_set_down_is_told_by_scmp()
    {
        await using var network = await LiveNetwork.StartAsync();
        await using var set = await network.LinkAsync("set", "1-ff00:0:110#1", "--state", "down");
        (await set.ExitCode).Should().Be(ExitCode.Ok, set.Error.Text);
        set.Output.Lines.Should().ContainSingle().Which.Should().EndWith(" down");

        await using var run = await network.RunAsync("paths", LiveNetwork.Server, "--timeout", "20s");
        (await run.ExitCode).Should().Be(ExitCode.Ok, run.Error.Text);
        run.Output.Lines.Where(line => line.Contains(UsesFirstCore)).Should().NotBeEmpty()
            .And.OnlyContain(line =>
                line.Contains("Status: scmp (interface 1-ff00:0:110#1 is down, says [1-ff00:0:110,"));
        run.Output.Lines.Should().Contain(line => line.Contains("Status: alive"));
    }

    [Fact]
    public async Task Paths_that_stay_silent_time_out_and_fail_the_command()
    {
        await using var network = await LiveNetwork.StartAsync();
        await using var set = await network.LinkAsync("set", "1-ff00:0:110#1", "--state", "silent");
        await using var run = await network.RunAsync(
            "paths", LiveNetwork.Server, "--sequence", "1-ff00:0:111 1-ff00:0:110 2-ff00:0:210 2-ff00:0:211",
            "--timeout", "3s");
        (await run.ExitCode).Should().Be(ExitCode.Failure);
        run.Output.Lines[^1].Should().Contain("Status: timeout");
        run.Error.Lines.Should().ContainSingle().Which.Should().Contain("is alive, of 1 probed");
    }

    [Fact]
    public async Task Explanation_tells_of_every_path_why_it_is_allowed_or_denied()
    {
        await using var network = await LiveNetwork.StartAsync();
        await using var run = await network.RunAsync(
            "paths", LiveNetwork.Server, "--acl", "- 1-ff00:0:120 +", "--explain", "--no-probe");
        (await run.ExitCode).Should().Be(ExitCode.Ok, run.Error.Text);
        var paths = run.Output.Lines.Where(line => line.StartsWith('[')).ToList();
        foreach (var path in paths)
        {
            path.Should().Contain(path.Contains("1-ff00:0:120 ")
                ? "Policy: denied by \"- 1-ff00:0:120\" at 1-ff00:0:120#"
                : "Policy: allowed");
        }
        paths.Should().Contain(line => line.Contains("denied")).And.Contain(line => line.Contains("Policy: allowed"));

        await using var denied = await network.RunAsync("paths", LiveNetwork.Server, "--acl", "-", "--json");
        (await denied.ExitCode).Should().Be(ExitCode.Failure);
        JsonDocument.Parse(denied.Output.Text).RootElement.GetProperty("paths").GetArrayLength().Should().Be(0);
        denied.Error.Lines.Should().ContainSingle().Which.Should().Contain("is allowed, of ").And.Contain("--explain");
    }

    [Fact]
    public async Task Policy_file_is_applied_and_a_malformed_one_is_named()
    {
        var file = Path.Combine(_directory, "policy.json");
        await File.WriteAllTextAsync(file, """{"acl": ["- 1-ff00:0:110", "+"]}""");
        await using var network = await LiveNetwork.StartAsync();
        await using var run = await network.RunAsync("paths", LiveNetwork.Server, "--policy", file, "--no-probe");
        (await run.ExitCode).Should().Be(ExitCode.Ok, run.Error.Text);
        run.Output.Text.Should().NotContain("1-ff00:0:110 ").And.Contain("1-ff00:0:120 ");

        await File.WriteAllTextAsync(file, "{");
        await using var malformed = await network.RunAsync("paths", LiveNetwork.Server, "--policy", file);
        (await malformed.ExitCode).Should().Be(ExitCode.Failure);
        malformed.Error.Lines.Should().ContainSingle().Which.Should().Contain(file);
    }

    [Fact]
    public async Task Written_file_serves_as_a_source()
    {
        var file = Path.Combine(_directory, "paths.json");
        await using var network = await LiveNetwork.StartAsync();
        await using var write = await network.RunAsync("paths", LiveNetwork.Server, "--no-probe", "--write", file);
        (await write.ExitCode).Should().Be(ExitCode.Ok, write.Error.Text);

        await using var read = CommandRun.Cli(
            "paths", LiveNetwork.Server, "--paths-file", file, "--timeout", "20s", "--isd-as", LiveNetwork.Client);
        (await read.EndAsync()).Should().Be(ExitCode.Ok, read.Error.Text);
        var count = write.Output.Lines.Count(line => line.StartsWith('['));
        read.Output.Lines.Count(line => line.Contains("Status: alive")).Should().Be(count);
    }

    [Fact]
    public async Task Own_as_needs_no_probe_and_an_unknown_one_has_no_path()
    {
        await using var network = await LiveNetwork.StartAsync();
        await using var own = await network.RunAsync("paths", LiveNetwork.Client);
        (await own.ExitCode).Should().Be(ExitCode.Ok, own.Error.Text);
        own.Output.Lines.Should().HaveCount(3);
        own.Output.Lines[2].Should().StartWith("[0] Hops: [1-ff00:0:111] MTU: ").And.EndWith("NextHop: none");

        await using var foreign = await network.RunAsync("paths", LiveNetwork.Server, "--isd-as", "1-ff00:0:112");
        (await foreign.ExitCode).Should().Be(ExitCode.Failure);
        foreign.Error.Lines.Should().ContainSingle().Which.Should().Contain("not in 1-ff00:0:112");

        await using var unknown = await network.RunAsync("paths", "3-ff00:0:999");
        (await unknown.ExitCode).Should().Be(ExitCode.Failure);
        unknown.Error.Lines.Should().ContainSingle().Which.Should().Contain("3-ff00:0:999");
    }

    [Fact]
    public async Task Source_that_is_not_there_or_does_not_answer_fails_with_one_line()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        await using var mute = CommandRun.Cli(
            "paths", LiveNetwork.Server, "--endhost-api", $"http://127.0.0.1:{port}", "--timeout", "300ms");
        (await mute.EndAsync()).Should().Be(ExitCode.Failure);
        mute.Error.Lines.Should().ContainSingle().Which.Should()
            .Contain($"The endhost API http://127.0.0.1:{port} did not answer within 300ms");
        listener.Stop();

        await using var absent = CommandRun.Cli("paths", LiveNetwork.Server, "--daemon", $"127.0.0.1:{port}");
        (await absent.EndAsync()).Should().Be(ExitCode.Failure);
        absent.Error.Lines.Should().ContainSingle().Which.Should().Contain($"127.0.0.1:{port}");
    }
}
