using System.Text.Json;
using MqttScion.Testnet;

namespace MqttScion.Cli.Tests;

public class TestnetLinkTests
{
    [Fact]
    public async Task Links_are_listed_in_text_and_json()
    {
        await using var network = await LiveNetwork.StartAsync(Topology.Siblings);
        await using var text = await network.LinkAsync("list");
        (await text.ExitCode).Should().Be(ExitCode.Ok, text.Error.Text);
        text.Output.Lines.Should().HaveCount(network.Network.Links.Count)
            .And.Contain(line => line.StartsWith("1-ff00:0:110#2") && line.Contains(" core ") && line.EndsWith(" up"))
            .And.Contain(line => line.Contains(" internal "));

        await using var json = await network.LinkAsync("list", "--json");
        JsonDocument.Parse(json.Output.Text).RootElement.GetProperty("links").GetArrayLength().Should()
            .Be(network.Network.Links.Count);
    }

    [Fact]
    public async Task Link_is_changed_step_by_step_and_reset()
    {
        await using var network = await LiveNetwork.StartAsync(Topology.Tiny);
        const string End = "1-ff00:0:111#1";
        await using var first = await network.LinkAsync(
            "set", End, "--delay", "10ms", "--jitter", "1ms", "--loss", "1.5%", "--rate", "1000", "--mtu", "1300");
        (await first.ExitCode).Should().Be(ExitCode.Ok, first.Error.Text);
        first.Output.Lines[0].Should().EndWith("up, delay 10ms, jitter 1ms, loss 1.5%, rate 1000 kbit/s, mtu 1300");

        await using var second = await network.LinkAsync(
            "set", End, "--state", "silent", "--direction", "out", "--rate", "0", "--json");
        var link = JsonDocument.Parse(second.Output.Text).RootElement;
        var out_ = link.GetProperty(link.GetProperty("a").GetString() == End ? "from_a" : "from_b");
        out_.GetProperty("state").GetString().Should().Be("silent");
        out_.GetProperty("loss").GetDouble().Should().Be(0.015);
        out_.GetProperty("rate_kbps").ValueKind.Should().Be(JsonValueKind.Null);

        await using var show = await network.LinkAsync("show", End);
        show.Output.Lines[0].Should().Contain("; back: ").And.Contain("silent, delay 10ms");
        await using var reset = await network.LinkAsync("set", End, "--reset");
        reset.Output.Lines[0].Should().EndWith(" up");
    }

    [Fact]
    public async Task Unknown_link_and_absent_api_fail_with_one_line()
    {
        await using var network = await LiveNetwork.StartAsync(Topology.Tiny);
        await using var unknown = await network.LinkAsync("show", "9-9#9");
        (await unknown.ExitCode).Should().Be(ExitCode.Failure);
        unknown.Error.Lines.Should().ContainSingle().Which.Should().Contain("9-9#9");

        await using var absent = CommandRun.Cli("testnet", "link", "list", "--control", "http://127.0.0.1:1");
        (await absent.EndAsync()).Should().Be(ExitCode.Failure);
        absent.Error.Lines.Should().ContainSingle().Which.Should().Contain("http://127.0.0.1:1");
    }
}
