using System.Text.Json;

namespace MqttScion.Cli.Tests;

public sealed class TracerouteAndAddressTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("mqttscion-cli-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task Traceroute_prints_a_line_for_each_interface()
    {
        await using var network = await LiveNetwork.StartAsync();
        await using var run = await network.RunAsync(
            "traceroute", LiveNetwork.Server, "--timeout", "20s", "--probes", "2", "--acl", "- 1-ff00:0:120 +");
        (await run.ExitCode).Should().Be(ExitCode.Ok, run.Error.Text);
        run.Output.Lines.Should().HaveCount(7);
        run.Output.Lines[0].Should().StartWith("Using path: 1-ff00:0:111 1>3 1-ff00:0:110 ");
        run.Output.Lines[1].Should().MatchRegex(@"^0 \[1-ff00:0:111,127\.0\.0\.1\] IfID=1 \d+\.\d{3}ms \d+\.\d{3}ms$");
        run.Output.Lines[6].Should().StartWith("5 [2-ff00:0:211,127.0.0.1] IfID=");
    }

    [Fact]
    public async Task Traceroute_tells_which_routers_did_not_answer()
    {
        await using var network = await LiveNetwork.StartAsync();
        await using var set = await network.LinkAsync("set", "1-ff00:0:110#1", "--state", "silent");
        await using var run = await network.RunAsync(
            "traceroute", LiveNetwork.Server, "--timeout", "1s", "--probes", "1", "--json",
            "--sequence", "1-ff00:0:111 1-ff00:0:110 2-ff00:0:210 2-ff00:0:211");
        (await run.ExitCode).Should().Be(ExitCode.Ok, run.Error.Text);
        var hops = JsonDocument.Parse(run.Output.Text).RootElement.GetProperty("hops");
        hops.GetArrayLength().Should().Be(6);
        hops[5].GetProperty("router").ValueKind.Should().Be(JsonValueKind.Null);
        hops[5].GetProperty("probes")[0].GetProperty("status").GetString().Should().Be("timeout");

        await using var own = await network.RunAsync("traceroute", LiveNetwork.Client);
        (await own.ExitCode).Should().Be(ExitCode.Failure);
        own.Error.Lines.Should().ContainSingle().Which.Should().Contain("is the local AS");
    }

    [Fact]
    public async Task Address_tells_the_local_as_its_routers_and_the_address_to_use()
    {
        await using var network = await LiveNetwork.StartAsync();
        await using var run = await network.RunAsync("address");
        (await run.ExitCode).Should().Be(ExitCode.Ok, run.Error.Text);
        run.Output.Lines[0].Should().Be("endhost API " + network.EndhostApi.TrimEnd('/'));
        run.Output.Lines[1].Should().StartWith("1-ff00:0:111");
        run.Output.Text.Should().Contain("  address  [1-ff00:0:111,127.0.0.1]").And.Contain(" with interfaces 1, 2, 3");
    }

    [Fact]
    public async Task Address_tells_what_a_paths_file_knows()
    {
        var file = Path.Combine(_directory, "paths.json");
        await File.WriteAllTextAsync(
            file,
            """
            {"local": [{"isd_as": "1-2", "mtu": 1400, "core": true, "dispatched_ports": "31000-32767",
              "routers": {"1": "127.0.0.1:30001", "2": "127.0.0.1:30002", "4": "127.0.0.1:30001"}}], "paths": []}
            """);
        await using var run = CommandRun.Cli("address", "--paths-file", file, "--json");
        (await run.EndAsync()).Should().Be(ExitCode.Ok, run.Error.Text);
        var root = JsonDocument.Parse(run.Output.Text).RootElement;
        root.GetProperty("source").GetProperty("kind").GetString().Should().Be("paths file");
        var local = root.GetProperty("local")[0];
        local.GetProperty("address").GetString().Should().Be("[1-2,127.0.0.1]");
        local.GetProperty("is_core").GetBoolean().Should().BeTrue();
        local.GetProperty("ports").GetString().Should().Be("31000-32767");
        local.GetProperty("routers")[0].GetProperty("interfaces").GetArrayLength().Should().Be(2);

        await using var text = CommandRun.Cli("address", "--paths-file", file, "--bind", "127.0.0.9");
        (await text.EndAsync()).Should().Be(ExitCode.Ok, text.Error.Text);
        text.Output.Lines.Should().Equal(
            "paths file " + file,
            "1-2 (core)",
            "  address  [1-2,127.0.0.9]",
            "  mtu      1400",
            "  ports    31000-32767",
            "  router   127.0.0.1:30001 with interfaces 1, 4",
            "  router   127.0.0.1:30002 with interfaces 2");
    }

    [Fact]
    public async Task Address_fails_with_one_line_when_its_file_is_absent()
    {
        await using var run = CommandRun.Cli("address", "--paths-file", Path.Combine(_directory, "absent.json"));
        (await run.EndAsync()).Should().Be(ExitCode.Failure);
        run.Error.Lines.Should().ContainSingle().Which.Should().Contain("absent.json");
    }
}
