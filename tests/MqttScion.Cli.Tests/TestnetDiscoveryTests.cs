using System.Net;
using System.Net.Sockets;
using System.Text.Json;

namespace MqttScion.Cli.Tests;

/// <summary>Other commands find the test network that runs.</summary>
public sealed class TestnetDiscoveryTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("mqttscion-find-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task Message_goes_its_way_with_the_name_of_the_test_network_alone()
    {
        await using var testnet = Up("first");
        await testnet.Output.WaitForAsync("{");
        await using var proxy = CommandRun.Proxy(
            "--listen", "[2-ff00:0:211,127.0.0.1]:0", "--testnet", At("first"), "--log", "error");
        var remote = (await proxy.Output.WaitForAsync("listening on "))["listening on ".Length..];
        await using var sub = CommandRun.Cli("sub", remote, "plant/#", "--count", "1", "--testnet", At("first"));
        await sub.Error.WaitForAsync("subscribed");
        await using var pub = CommandRun.Cli("pub", remote, "plant/1/temp", "21.5", "--testnet", At("first"));

        (await pub.EndAsync()).Should().Be(ExitCode.Ok, pub.Error.Text);
        (await sub.EndAsync()).Should().Be(ExitCode.Ok, sub.Error.Text);
        sub.Output.Lines.Should().Equal("plant/1/temp 21.5");
        pub.Error.Text.Should().Contain($"using the test network of {At("first")}");
        proxy.Error.Text.Should().Contain($"using the test network of {At("first")}");
    }

    [Fact]
    public async Task Commands_in_its_place_find_it_by_themselves()
    {
        await using var testnet = Up("mqtt-scion-testnet");
        var world = JsonDocument.Parse(await testnet.Output.WaitForAsync("{")).RootElement;

        foreach (var place in new[] { _directory, At("mqtt-scion-testnet") })
        {
            var paths = await CliProcess.RunAsync(place, "paths", "2-ff00:0:211", "--no-probe", "--max", "1");
            paths.Code.Should().Be(ExitCode.Ok, paths.Error);
            paths.Output.Should().Contain("1-ff00:0:111 ");
            paths.Error.Trim().Should().Be($"using the test network of {At("mqtt-scion-testnet")}");
        }
        var links = await CliProcess.RunAsync(_directory, "testnet", "link", "list");
        links.Output.Should().Contain("1-ff00:0:110#1");
        var own = await CliProcess.RunAsync(
            _directory,
            "paths", "2-ff00:0:211", "--no-probe", "--endhost-api",
            world.GetProperty("client_endhost_api").GetString()!);
        own.Code.Should().Be(ExitCode.Ok, own.Error);
        own.Error.Should().BeEmpty("a source that is named is the one that counts");
        (await testnet.StopAsync()).Should().Be(ExitCode.Ok);
        File.Exists(At("mqtt-scion-testnet/testnet.json")).Should().BeFalse();
        File.Exists(At("mqtt-scion-testnet/ca-cert.pem")).Should().BeTrue();
    }

    [Fact]
    public async Task File_that_was_left_over_is_recognised_and_replaced()
    {
        await using (var testnet = Up("left"))
        {
            await testnet.Output.WaitForAsync("{");
            File.Copy(At("left/testnet.json"), At("copy.json"));
        }
        File.Move(At("copy.json"), At("left/testnet.json"));

        await using var ping = CommandRun.Cli("ping", "[2-ff00:0:211,127.0.0.1]", "--testnet", At("left"));
        (await ping.EndAsync()).Should().Be(ExitCode.Failure);
        ping.Error.Lines.Should().ContainSingle().Which.Should().Contain("no longer runs");
        await using var again = Up("left");
        await again.Output.WaitForAsync("{");
        await using var echo = CommandRun.Cli(
            "ping", "[2-ff00:0:211,127.0.0.1]", "-c", "1", "--timeout", "20s", "--testnet", At("left"));
        (await echo.EndAsync()).Should().Be(ExitCode.Ok, echo.Error.Text);
    }

    [Fact]
    public async Task File_of_a_network_whose_ports_another_one_has_is_recognised()
    {
        await using var testnet = Up("now");
        await testnet.Output.WaitForAsync("{");
        Directory.CreateDirectory(At("before"));
        var json = await File.ReadAllTextAsync(At("now/testnet.json"));
        var router = JsonDocument.Parse(json).RootElement.GetProperty("ases")[0].GetProperty("router").GetString()!;
        await File.WriteAllTextAsync(
            At("before/testnet.json"), json.Replace(router, "127.0.0.1:1", StringComparison.Ordinal));

        await using var ping = CommandRun.Cli("ping", "[2-ff00:0:211,127.0.0.1]", "--testnet", At("before"));

        (await ping.EndAsync()).Should().Be(ExitCode.Failure);
        ping.Error.Text.Should().Contain("no longer runs");
    }

    [Fact]
    public async Task Two_networks_run_side_by_side_on_free_ports()
    {
        await using var first = Up("one");
        var one = JsonDocument.Parse(await first.Output.WaitForAsync("{")).RootElement;
        int PortOf(string name) => new Uri(one.GetProperty(name).GetString()!).Port;
        var broker = IPEndPoint.Parse(one.GetProperty("broker").GetString()!).Port;
        string[] taken =
        [
            "--control-port", $"{PortOf("control")}", "--broker-port", $"{broker}",
            "--endhost-api-port", $"{PortOf("client_endhost_api")}",
            "--echo-port", $"{one.GetProperty("echo_port")}",
        ];

        await using var refused = CommandRun.Cli(["testnet", "up", "--dir", At("two"), .. taken]);
        (await refused.EndAsync()).Should().Be(ExitCode.Failure);
        Directory.Exists(At("two")).Should().BeFalse("what fails leaves nothing behind");
        await using var second = CommandRun.Cli(
            ["testnet", "up", "--json", "--dir", At("two"), "--free-ports", .. taken]);
        var two = JsonDocument.Parse(await second.Output.WaitForAsync("{")).RootElement;

        foreach (var name in new[] { "control", "client_endhost_api", "broker", "echo_port", "ca_cert" })
            two.GetProperty(name).ToString().Should().NotBe(one.GetProperty(name).ToString());
        foreach (var name in new[] { "one", "two" })
        {
            await using var ping = CommandRun.Cli(
                "ping", "[2-ff00:0:211,127.0.0.1]", "-c", "1", "--timeout", "20s", "--testnet", At(name));
            (await ping.EndAsync()).Should().Be(ExitCode.Ok, ping.Error.Text);
        }
        await using var third = CommandRun.Cli("testnet", "up", "--dir", At("two"), "--free-ports");
        (await third.EndAsync()).Should().Be(ExitCode.Failure, "a directory is one network's");
        third.Error.Text.Should().Contain("--dir");
    }

    [Theory]
    [InlineData("--broker-port")]
    [InlineData("--control-port")]
    public async Task Up_that_fails_leaves_no_files(string option)
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        string[] ports = ["--broker-port", "0", "--endhost-api-port", "0", "--control-port", "0", "--echo-port", "0"];
        ports[Array.IndexOf(ports, option) + 1] = $"{((IPEndPoint)taken.LocalEndpoint).Port}";

        await using var run = CommandRun.Cli(["testnet", "up", "--dir", At("failed"), .. ports]);

        (await run.EndAsync()).Should().Be(ExitCode.Failure);
        run.Error.Lines.Should().ContainSingle().Which.Should().Contain(option);
        Directory.Exists(At("failed")).Should().BeFalse();
    }

    [Fact]
    public async Task Command_lines_name_files_as_they_are_found_from_anywhere_and_each_CA_has_its_own_name()
    {
        var subjects = new List<string>();
        foreach (var name in new[] { "a", "b" })
        {
            var relative = Path.GetRelativePath(Directory.GetCurrentDirectory(), At(name));
            await using var testnet = UpIn(relative);
            var world = JsonDocument.Parse(await testnet.Output.WaitForAsync("{")).RootElement;
            world.GetProperty("commands").GetProperty("sub").GetString().Should()
                .Contain($"--ca-cert {At(name)}/ca-cert.pem ").And.EndWith($"--key {At(name)}/client-key.pem");
            using var ca = System.Security.Cryptography.X509Certificates.X509CertificateLoader
                .LoadCertificateFromFile(Path.Combine(At(name), "ca-cert.pem"));
            subjects.Add(ca.Subject);
        }

        subjects.Should().OnlyHaveUniqueItems();
    }

    private string At(string path) => Path.Combine(_directory, path);

    private CommandRun Up(string name) => UpIn(At(name));

    private static CommandRun UpIn(string directory) => CommandRun.Cli(
        "testnet", "up", "--json", "--dir", directory, "--broker-port", "0", "--endhost-api-port", "0",
        "--control-port", "0", "--echo-port", "0");
}
