using System.Text.Json;

namespace MqttScion.Cli.Tests;

public sealed class EndToEndTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("mqttscion-cli-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task Message_goes_through_testnet_proxy_broker_and_back()
    {
        await using var testnet = Testnet("--json");
        var world = JsonDocument.Parse(await testnet.Output.WaitForAsync("{")).RootElement;
        await using var proxy = Proxy(world);
        var remote = (await proxy.Output.WaitForAsync("listening on "))["listening on ".Length..];

        await using var sub = CommandRun.Cli(
            ["sub", remote, "plant/#", "--count", "3", "--stats", .. ClientOptions(world)]);
        await sub.Error.WaitForAsync("subscribed");
        await sub.Error.WaitForAsync("statistics: round trip ");
        await using var pub = CommandRun.Cli(
            ["pub", remote, "plant/1/temp", "21.5 °C", "--repeat", "2", "--qlog", _directory, .. ClientOptions(world)]);
        (await pub.EndAsync()).Should().Be(ExitCode.Ok, pub.Error.Text);
        Directory.GetFiles(_directory, "*_client.sqlog").Should().ContainSingle();
        await using var other = CommandRun.Cli(
            "a\nb"u8.ToArray(), ["pub", remote, "plant/2", "-", "--qos", "0", "-v", .. ClientOptions(world)]);
        (await other.EndAsync()).Should().Be(ExitCode.Ok, other.Error.Text);

        (await sub.EndAsync()).Should().Be(ExitCode.Ok, sub.Error.Text);
        sub.Output.Lines.Should().Equal("plant/1/temp 21.5 °C", "plant/1/temp 21.5 °C", "plant/2 a\\nb");
        sub.Error.Text.Should().Contain("connected over 1-ff00:0:111 ");
        (await proxy.StopAsync()).Should().Be(ExitCode.Ok);
        (await testnet.StopAsync()).Should().Be(ExitCode.Ok);
        testnet.Error.Lines.Should().BeEmpty();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Message_goes_through_the_broker_s_QUIC_listener_without_SCION(bool hasCertificate)
    {
        await using var testnet = Testnet("--json", "--broker-quic-port", "0");
        var world = JsonDocument.Parse(await testnet.Output.WaitForAsync("{")).RootElement;
        var remote = world.GetProperty("broker_quic").GetString()!;
        string File(string name) => world.GetProperty(name).GetString()!;
        string[] options = ["--ca-cert", File("ca_cert"), "--log", "error"];
        if (hasCertificate)
            options = [.. options, "--cert", File("client_cert"), "--key", File("client_key")];

        await using var sub = CommandRun.Cli(["sub", remote, "plant/#", "--count", "2", "--verbose", .. options]);
        await sub.Error.WaitForAsync("subscribed");
        await using var pub = CommandRun.Cli(["pub", remote, "plant/1/temp", "21.5 °C", "--repeat", "2", .. options]);
        (await pub.EndAsync()).Should().Be(ExitCode.Ok, pub.Error.Text);

        (await sub.EndAsync()).Should().Be(ExitCode.Ok, sub.Error.Text);
        sub.Output.Lines.Should().Equal("plant/1/temp 21.5 °C", "plant/1/temp 21.5 °C");
        sub.Error.Text.Should().Contain("connected over plain IP");
    }

    [Fact]
    public async Task Session_keeps_what_is_published_while_its_subscriber_is_away()
    {
        await using var testnet = Testnet("--json");
        var world = JsonDocument.Parse(await testnet.Output.WaitForAsync("{")).RootElement;
        await using var proxy = Proxy(world);
        var remote = (await proxy.Output.WaitForAsync("listening on "))["listening on ".Length..];
        string[] arguments =
        [
            "sub", remote, "plant/#", "--count", "1", "--qos", "2", "--client-id", "display", "--session", "1h",
            .. ClientOptions(world),
        ];
        await using var first = CommandRun.Cli(arguments);
        await first.Error.WaitForAsync("subscribed");
        (await first.StopAsync()).Should().Be(ExitCode.Ok);

        await using var pub = CommandRun.Cli(
            ["pub", remote, "plant/1", "kept", "--qos", "2", "--expiry", "1h", "--property", "a=b=c",
            "--content-type", "text/plain", .. ClientOptions(world)]);
        (await pub.EndAsync()).Should().Be(ExitCode.Ok, pub.Error.Text);
        await using var second = CommandRun.Cli(arguments);

        (await second.EndAsync()).Should().Be(ExitCode.Ok, second.Error.Text);
        second.Output.Lines.Should().Equal("plant/1 kept");
    }

    [Fact]
    public async Task Request_prints_the_response()
    {
        await using var testnet = Testnet("--json");
        var world = JsonDocument.Parse(await testnet.Output.WaitForAsync("{")).RootElement;
        await using var proxy = Proxy(world);
        var remote = (await proxy.Output.WaitForAsync("listening on "))["listening on ".Length..];
        await using var responder = new ScionMqttClient(Options(world, remote));
        using var requests = responder.Requests("clock").Subscribe(
            async request => await request.RespondAsync($"{request.Read<string>()} o'clock"));
        await responder.ConnectAsync();
        await responder.SubscribeAsync("clock");

        await using var answered = CommandRun.Cli(["request", remote, "clock", "five", .. ClientOptions(world)]);
        (await answered.EndAsync()).Should().Be(ExitCode.Ok, answered.Error.Text);
        answered.Output.Lines.Should().Equal("five o'clock");

        await using var unanswered = CommandRun.Cli(
            ["request", remote, "nobody", "x", "--qos", "0", "--timeout", "200ms", .. ClientOptions(world)]);
        (await unanswered.EndAsync()).Should().Be(ExitCode.Failure);
        unanswered.Failures.Should().ContainSingle().Which.Should().Contain("No response");
    }

    [Fact]
    public async Task Sub_disconnects_in_order_when_it_is_interrupted()
    {
        await using var testnet = Testnet("--json");
        var world = JsonDocument.Parse(await testnet.Output.WaitForAsync("{")).RootElement;
        await using var proxy = Proxy(world);
        var remote = (await proxy.Output.WaitForAsync("listening on "))["listening on ".Length..];
        await using var sub = CommandRun.Cli(["sub", remote, "t", .. ClientOptions(world)]);
        await sub.Error.WaitForAsync("subscribed");

        (await sub.StopAsync()).Should().Be(ExitCode.Ok);
        sub.Error.Lines[^1].Should().Be("disconnecting");
    }

    [Fact]
    public async Task Pub_fails_with_one_line_when_no_path_is_allowed_or_the_name_is_wrong()
    {
        await using var testnet = Testnet("--json");
        var world = JsonDocument.Parse(await testnet.Output.WaitForAsync("{")).RootElement;
        await using var proxy = Proxy(world);
        var remote = (await proxy.Output.WaitForAsync("listening on "))["listening on ".Length..];

        await using var denied = CommandRun.Cli(["pub", remote, "t", "x", "--acl", "- 2 +", .. ClientOptions(world)]);
        (await denied.EndAsync()).Should().Be(ExitCode.Failure);
        denied.Failures.Should().ContainSingle().Which.Should().Contain("No SCION path to 2-ff00:0:211");

        await using var wrongName = CommandRun.Cli(
            ["pub", remote, "t", "x", "--host", "wrong.example", .. ClientOptions(world)]);
        (await wrongName.EndAsync()).Should().Be(ExitCode.Failure);
        wrongName.Failures.Should().ContainSingle().Which.Should().Contain("QUIC connection to ");
    }

    [Fact]
    public async Task Testnet_keeps_valid_certificates_and_prints_command_lines()
    {
        await using (var first = Testnet())
        {
            await first.Output.WaitForAsync("Ready");
            first.Output.Text.Should().ContainAll(
                "issued",
                "mqtt-scion-proxy --listen '[2-ff00:0:211,127.0.0.1]:4433'",
                "mqtt-scion sub",
                "mqtt-scion pub",
                "mqtt-scion ping '[2-ff00:0:211,127.0.0.1]' --endhost-api http://127.0.0.1:",
                "control  http://127.0.0.1:",
                "echo     127.0.0.1, UDP port ");
        }
        var certificate = await File.ReadAllTextAsync(Path.Combine(_directory, "ca-cert.pem"));
        File.Exists(Path.Combine(_directory, "client-key.pem")).Should().BeTrue();

        await using (var second = Testnet())
        {
            await second.Output.WaitForAsync("Ready");
            second.Output.Text.Should().Contain("files    kept");
        }
        (await File.ReadAllTextAsync(Path.Combine(_directory, "ca-cert.pem"))).Should().Be(certificate);

        await File.WriteAllTextAsync(Path.Combine(_directory, "client-key.pem"), "not a key");
        await using (var third = Testnet())
        {
            await third.Output.WaitForAsync("Ready");
            third.Output.Text.Should().Contain("files    issued");
        }
    }

    [Fact]
    public async Task Testnet_fails_with_one_line_when_the_brokers_port_is_in_use()
    {
        using var taken = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        taken.Start();
        var port = ((System.Net.IPEndPoint)taken.LocalEndpoint).Port;
        await using var run = CommandRun.Cli(
            "testnet", "up", "--dir", _directory, "--endhost-api-port", "0", "--echo-port", "0",
            "--broker-port", $"{port}");
        (await run.EndAsync()).Should().Be(ExitCode.Failure);
        run.Error.Lines.Should().ContainSingle().Which.Should().Contain("--broker-port");
    }

    [Fact]
    public async Task Testnet_reads_a_topology_file_with_its_addresses()
    {
        var file = Path.Combine(_directory, "topology.json");
        await File.WriteAllTextAsync(
            file,
            """
            {
              "topology": {
                "ases": [
                  {"isd_as": "1-1", "is_core": true},
                  {"isd_as": "1-2", "is_core": false},
                  {"isd_as": "1-3", "is_core": false}
                ],
                "links": ["1-1#1 down_to 1-2#1", "1-1#2 down_to 1-3#1"]
              },
              "endhost_apis": [{"isds": ["1-2"], "listening_addr": "192.0.2.1:1"}]
            }
            """);
        await using var real = Testnet("--topology", file);
        (await real.EndAsync()).Should().Be(ExitCode.Failure);
        real.Error.Lines.Should().ContainSingle().Which.Should().Contain("--loopback");

        await using var run = Testnet("--topology", file, "--loopback", "--json");
        var world = JsonDocument.Parse(await run.Output.WaitForAsync("{")).RootElement;
        world.GetProperty("client_as").GetString().Should().Be("1-2");
        world.GetProperty("proxy_as").GetString().Should().Be("1-3");
        world.GetProperty("ases").GetArrayLength().Should().Be(3);
    }

    [Fact]
    public async Task Command_lines_that_testnet_prints_do_their_work()
    {
        await using var testnet = Testnet(
            "--json", "--topology", "default", "--segment-lifetime", "1h", "--segment-age", "30m", "--no-broker");
        var world = JsonDocument.Parse(await testnet.Output.WaitForAsync("{")).RootElement;
        world.GetProperty("echo_port").GetInt32().Should().BePositive();
        foreach (var (name, expected) in new[]
        {
            ("paths", "Status: alive"),
            ("ping", "1 sent, 1 received"),
            ("traceroute", "IfID="),
            ("links", "1-ff00:0:110#1"),
        })
        {
            var line = world.GetProperty("commands").GetProperty(name).GetString()!;
            string[] more = name == "ping" ? ["-c", "1", "--timeout", "20s"] : [];
            await using var run = CommandRun.Cli([.. line.Split(' ').Skip(1).Select(word => word.Trim('\'')), .. more]);
            (await run.EndAsync()).Should().Be(ExitCode.Ok, $"{name}: {run.Error.Text}");
            run.Output.Text.Should().Contain(expected);
        }
        await using var extended = CommandRun.Cli(
            "paths", "2-ff00:0:211", "-e", "--no-probe",
            "--endhost-api", world.GetProperty("client_endhost_api").GetString()!);
        (await extended.EndAsync()).Should().Be(ExitCode.Ok, extended.Error.Text);
        // 1 h is 10 steps of 337.5 s, 56 min 15 s, of which 30 min are over.
        extended.Output.Text.Should().MatchRegex(@"Expires: .*Z \(2[56]m\d\ds\)");
    }

    [Fact]
    public async Task Testnet_without_echo_says_so()
    {
        await using var testnet = Testnet("--no-echo", "--topology", "tiny");
        await testnet.Output.WaitForAsync("Ready");
        testnet.Output.Text.Should().Contain("echo     none").And.NotContain("mqtt-scion ping");
        (await testnet.StopAsync()).Should().Be(ExitCode.Ok);
    }

    private static CommandRun Proxy(JsonElement world) => CommandRun.Proxy(
        "--listen", $"[{world.GetProperty("proxy_as").GetString()},127.0.0.1]:0",
        "--mqtt-broker", world.GetProperty("broker").GetString()!,
        "--ca-cert", world.GetProperty("ca_cert").GetString()!,
        "--cert", world.GetProperty("proxy_cert").GetString()!,
        "--key", world.GetProperty("proxy_key").GetString()!,
        "--log", "error");

    private static string[] ClientOptions(JsonElement world) =>
    [
        "--endhost-api", world.GetProperty("client_endhost_api").GetString()!,
        "--ca-cert", world.GetProperty("ca_cert").GetString()!,
        "--cert", world.GetProperty("client_cert").GetString()!,
        "--key", world.GetProperty("client_key").GetString()!,
        "--log", "error",
    ];

    private static ScionMqttClientOptions Options(JsonElement world, string remote)
    {
        var options = new ScionMqttClientOptions { ClientId = "responder" };
        options.Servers.Add(remote);
        options.Scion.EndhostApi = new Uri(world.GetProperty("client_endhost_api").GetString()!);
        options.Tls.TrustedCertificates = world.GetProperty("ca_cert").GetString();
        options.Tls.Certificate = world.GetProperty("client_cert").GetString();
        options.Tls.Key = world.GetProperty("client_key").GetString();
        return options;
    }

    private CommandRun Testnet(params string[] args) => CommandRun.Cli(
    [
        "testnet", "up", "--dir", _directory, "--broker-port", "0", "--endhost-api-port", "0", "--control-port", "0",
        "--echo-port", "0", .. args,
    ]);
}
