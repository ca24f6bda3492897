using System.Text.Json;

namespace MqttScion.Cli.Tests;

public class PingCommandTests
{
    private const string Host = $"[{LiveNetwork.Server},127.0.0.1]";

    [Fact]
    public async Task Ping_prints_replies_and_statistics()
    {
        await using var network = await LiveNetwork.StartAsync();
        await using var run = await network.RunAsync(
            "ping", Host, "-c", "3", "--interval", "20ms", "--timeout", "20s", "--size", "100");
        (await run.ExitCode).Should().Be(ExitCode.Ok, run.Error.Text + run.Output.Text);
        run.Output.Lines[0].Should().Be($"PING {Host} from [{LiveNetwork.Client},127.0.0.1], 100 bytes of data");
        run.Output.Lines[1].Should().StartWith($"Using path: {LiveNetwork.Client} ");
        run.Output.Lines.Where(line => line.StartsWith($"100 bytes from {Host}: scmp_seq=")).Should().HaveCount(3);
        run.Output.Text.Should().Contain("3 sent, 3 received, 0% loss, time ").And.Contain("rtt min/avg/max/mdev = ");
    }

    [Fact]
    public async Task Ping_survives_a_link_that_goes_down()
    {
        await using var network = await LiveNetwork.StartAsync();
        await using var run = network.Start("ping", Host, "--interval", "50ms", "--timeout", "20s", "--json");
        var selected = JsonDocument.Parse(await run.Output.WaitForAsync("path_selected")).RootElement;
        await run.Output.WaitForAsync("\"reply\"");
        var path = selected.GetProperty("path").GetString()!;
        var link = path.Contains("1-ff00:0:110 1>1") ? "1-ff00:0:110#1" : "1-ff00:0:120#1";
        await using var set = await network.LinkAsync("set", link, "--state", "down");
        (await set.ExitCode).Should().Be(ExitCode.Ok, set.Error.Text);

        (await run.Output.WaitForAsync("\"error\"")).Should().Contain($"interface {link} is down");
        await run.Output.WaitForAsync("\"reply\"");
        (await run.StopAsync()).Should().Be(ExitCode.Ok);
        run.Output.Lines.Should().Contain(line => line.Contains("path_down"));
        var events = run.Output.Lines.Select(line => JsonDocument.Parse(line).RootElement).ToList();
        var statistics = events[^1];
        statistics.GetProperty("event").GetString().Should().Be("statistics");
        statistics.GetProperty("errors").GetInt32().Should().BePositive();
        statistics.GetProperty("sent").GetInt32().Should()
            .Be(statistics.GetProperty("received").GetInt32() + statistics.GetProperty("errors").GetInt32());
        var last = events.Last(each => each.GetProperty("event").GetString() == "path_selected");
        last.GetProperty("path").GetString().Should().NotBe(path);
    }

    [Fact]
    public async Task Interrupted_ping_prints_its_statistics()
    {
        await using var network = await LiveNetwork.StartAsync();
        await using var run = network.Start("ping", Host, "--max-mtu", "--timeout", "20s");
        await run.Output.WaitForAsync("scmp_seq=0");
        (await run.StopAsync()).Should().Be(ExitCode.Ok);
        run.Output.Lines[^1].Should().StartWith("rtt min/avg/max/mdev");
        run.Error.Lines.Should().BeEmpty();
    }

    [Fact]
    public async Task Host_in_the_own_as_is_asked_at_its_responder_port()
    {
        await using var network = await LiveNetwork.StartAsync();
        await using var run = await network.RunAsync(
            "ping", $"{LiveNetwork.Client},127.0.0.1", "--count", "1", "--timeout", "20s",
            "--responder-port", $"{network.EchoPort}");
        (await run.ExitCode).Should().Be(ExitCode.Ok, run.Error.Text + run.Output.Text);
        run.Output.Text.Should().Contain("1 sent, 1 received");
    }

    [Fact]
    public async Task Ping_fails_when_no_echo_comes_back_or_no_path_is_allowed()
    {
        await using var network = await LiveNetwork.StartAsync();
        // Nobody answers at this address: the only responder is at 127.0.0.1.
        await using var lost = await network.RunAsync(
            "ping", $"[{LiveNetwork.Server},127.0.0.77]", "-c", "2", "-i", "10ms", "--timeout", "200ms");
        (await lost.ExitCode).Should().Be(ExitCode.Failure);
        lost.Output.Text.Should().Contain("scmp_seq=1 no answer within 200ms").And
            .Contain("2 sent, 0 received, 100% loss");

        await using var denied = await network.RunAsync("ping", Host, "--acl", "-");
        (await denied.ExitCode).Should().Be(ExitCode.Failure);
        denied.Error.Lines.Should().ContainSingle().Which.Should().Contain("is allowed, of ");
    }
}
