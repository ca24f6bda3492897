using MqttScion.Testnet;

namespace MqttScion.Cli.Tests;

public class CommandLineTests
{
    private const string Remote = "[1-ff00:0:110,10.0.0.2]:4433";
    private const string Api = "http://127.0.0.1:1";

    [Theory]
    [InlineData("pub", "sub", "paths", "ping", "traceroute", "address", "testnet", "inspect")]
    public async Task Help_of_the_root_names_every_command(params string[] commands)
    {
        await using var run = CommandRun.Cli("--help");
        (await run.EndAsync()).Should().Be(0);
        run.Output.Text.Should().ContainAll(commands).And.Contain("Exit codes");
        run.Error.Lines.Should().BeEmpty();
    }

    [Theory]
    [InlineData("pub", "--retain")]
    [InlineData("sub", "--count")]
    [InlineData("sub", "--will-delay")]
    [InlineData("request", "--timeout")]
    [InlineData("testnet up", "--broker-port")]
    [InlineData("testnet link set", "--direction")]
    [InlineData("paths", "Exit codes")]
    [InlineData("ping", "Exit codes")]
    [InlineData("traceroute", "Exit codes")]
    [InlineData("address", "Exit codes")]
    [InlineData("inspect", "65535")]
    public async Task Help_of_a_command_tells_its_options(string command, string expected)
    {
        await using var run = CommandRun.Cli([.. command.Split(' '), "--help"]);
        (await run.EndAsync()).Should().Be(0);
        run.Output.Text.Should().Contain(expected);
    }

    [Theory]
    [InlineData("--version")]
    [InlineData("pub --version")]
    public async Task Version_is_one_line(string args)
    {
        await using var run = CommandRun.Cli(args.Split(' '));
        (await run.EndAsync()).Should().Be(0);
        run.Output.Lines.Should().ContainSingle();
    }

    public static TheoryData<string[], string> WrongLines => new()
    {
        { ["pub", "10.0.0.2:4433", "t", "x", "--endhost-api", Api], "REMOTE" },
        { ["pub", "[1-ff00:0:110,10.0.0.2]:0", "t", "x", "--endhost-api", Api], "no port" },
        { ["sub"], "sub" },
        { ["pub", "mqtt://broker.example", "t", "x"], "over TCP" },
        { ["pub", "mqtt-quic://broker.example:0", "t", "x"], "no port from 1 to 65535" },
        { ["testnet", "up", "--broker-quic-port", "65536"], "--broker-quic-port" },
        { ["testnet", "up", "--broker-quic-port", "0", "--no-broker"], "--no-broker" },
        { ["pub", Remote, "t", "x"], "--endhost-api" },
        { ["pub", Remote, "t", "x", "--endhost-api", "ftp://x"], "--endhost-api" },
        { ["pub", Remote, "a/#", "x", "--endhost-api", Api], "TOPIC" },
        { ["pub", Remote, "t", "--endhost-api", Api], "payload" },
        { ["pub", Remote, "t", "x", "--file", "y", "--endhost-api", Api], "payload" },
        { ["pub", Remote, "t", "x", "--qos", "3", "--endhost-api", Api], "one of: '0' '1' '2'" },
        { ["pub", Remote, "t", "x", "--property", "novalue", "--endhost-api", Api], "name=value, found 'novalue'" },
        { ["sub", Remote, "t", "--session", "1h", "--endhost-api", Api], "--session: needs --client-id" },
        { ["sub", Remote, "t", "--will-qos", "1", "--endhost-api", Api], "--will-qos: needs --will-topic" },
        { ["request", Remote, "a/#", "x", "--endhost-api", Api], "TOPIC: " },
        { ["request", Remote, "a", "--endhost-api", Api], "request: expected a payload" },
        { ["pub", Remote, "t", "x", "--repeat", "0", "--endhost-api", Api], "--repeat" },
        { ["pub", Remote, "t", "x", "--repeat", "many", "--endhost-api", Api], "many" },
        { ["sub", Remote, "a#", "--endhost-api", Api], "TOPIC" },
        { ["sub", Remote, "--endhost-api", Api], "sub" },
        { ["sub", Remote, "t", "--count", "0", "--endhost-api", Api], "--count" },
        { ["sub", Remote, "t", "--acl", "- 1-ff00:0:120", "--endhost-api", Api], "--acl" },
        { ["sub", Remote, "t", "--log", "loud", "--endhost-api", Api], "loud" },
        { ["testnet", "up", "--broker-port", "70000"], "--broker-port" },
        { ["testnet", "up", "--client-as", "somewhere"], "--client-as" },
        { ["inspect"], "inspect" },
        { ["testnet", "up", "--broker-port", "99999999999"], "99999999999" },
        { ["publish"], "publish" },
        { ["pub", Remote, "t", "x"], "--bootstrap or --paths-file" },
        { ["paths", "1-ff00:0:110"], "paths: expected a source of paths" },
        { ["paths", "somewhere", "--endhost-api", Api], "DST" },
        { ["paths", "1-0", "--endhost-api", Api], "DST" },
        { ["paths", "1-1", "--daemon", "a b"], "--daemon" },
        { ["paths", "1-1", "--bootstrap", "x"], "--bootstrap" },
        { ["paths", "1-1", "--sequence", "((", "--endhost-api", Api], "--sequence" },
        { ["paths", "1-1", "--order", "beauty", "--endhost-api", Api], "beauty" },
        { ["paths", "1-1", "--timeout", "soon", "--endhost-api", Api], "--timeout" },
        { ["paths", "1-1", "--max", "0", "--endhost-api", Api], "--max" },
        { ["paths", "1-1", "--bind", "here", "--endhost-api", Api], "--bind" },
        { ["paths", "1-1", "--isd-as", "1", "--endhost-api", Api], "--isd-as" },
        { ["ping", "1-ff00:0:110", "--endhost-api", Api], "expected a host" },
        { ["ping", "[1-ff00:0:110,CS]", "--endhost-api", Api], "expected a host" },
        { ["ping", "1-1,10.0.0.1", "--interval", "0", "--endhost-api", Api], "--interval: expected 1ms to 1h" },
        { ["traceroute", "1-1", "--probes", "0", "--endhost-api", Api], "--probes" },
        { ["pub", Remote, "t", "x", "--will-topic", "a/#", "--endhost-api", Api], "--will-topic: " },
        { ["pub", Remote, "t", "x", "--response-topic", "a/+", "--endhost-api", Api], "--response-topic: " },
        { ["pub", Remote, "t", "x", "--content-type", "a\0b", "--endhost-api", Api], "MQTT-1.5.4" },
        { ["request", Remote, "t", "x", "--property", "a\0=b", "--endhost-api", Api], "MQTT-1.5.4" },
        { ["pub", Remote, "t", "x", "--file", "f", "--endhost-api", Api], "found PAYLOAD and --file" },
        { ["pub", Remote, "t", "--endhost-api", Api], "found none" },
        { ["pub", Remote, "t", "x", "--lines", "--endhost-api", Api], "found PAYLOAD and --lines" },
        { ["sub", Remote, "t", "--output", "xml", "--endhost-api", Api], "xml" },
        { ["sub", Remote, "t", "--format", "%t %z", "--endhost-api", Api], "found '%z'" },
        { ["sub", Remote, "t", "--format", "%t", "--output", "json", "--endhost-api", Api], "found both" },
        { ["sub", Remote, "t", "--no-retained", "--retained-only", "--endhost-api", Api], "found both" },
        { ["sub", Remote, "t", "--timeout", "soon", "--endhost-api", Api], "--timeout: expected a duration" },
        { ["pub", "-h", "127.0.0.1", "-t", "plant", "-m", "x"], "mqtt-scion pub mqtt-quic://127.0.0.1 plant x" },
        { ["sub", "-t", "plant/#", "-h", "10.0.0.1"], "mqtt-scion sub mqtt-quic://10.0.0.1 'plant/#'" },
        { ["sub", "-t", "plant/1"], "mqtt-scion sub mqtt-quic://HOST plant/1" },
        { ["testnet", "up", "--segment-lifetime", "1m"], "--segment-lifetime" },
        { ["testnet", "up", "--segment-age", "24h"], "--segment-age" },
        { ["testnet", "link", "set", "1-1#1"], "expected a change" },
        { ["testnet", "link", "set", "1-1#1", "--loss", "2"], "--loss" },
        { ["testnet", "link", "set", "1-1#1", "--state", "broken"], "broken" },
        { ["testnet", "link", "list", "--control", "x"], "--control" },
    };

    [Fact]
    public async Task Server_on_IP_that_no_packet_reaches_is_one_line()
    {
        var directory = Directory.CreateTempSubdirectory("mqttscion-unreachable-");
        try
        {
            var ca = TestCertificates.Create(directory.FullName).CaFile;

            // Nothing can be sent to a broadcast address.
            await using var run = CommandRun.Cli("pub", "mqtt-quic://255.255.255.255", "t", "x", "--ca-cert", ca);

            (await run.EndAsync()).Should().Be(ExitCode.Failure);
            run.Error.Lines.Should().ContainSingle().Which.Should().Contain("255.255.255.255:14567 can't be reached");
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    [Theory]
    [MemberData(nameof(WrongLines))]
    public async Task Wrong_command_line_is_a_usage_error(string[] args, string expected)
    {
        await using var run = CommandRun.Cli(args);
        (await run.EndAsync()).Should().Be(ExitCode.Usage);
        run.Error.Lines.Should().NotBeEmpty()
            .And.OnlyContain(line => line.StartsWith("mqtt-scion: ", StringComparison.Ordinal));
        run.Error.Text.Should().Contain(expected);
        run.Output.Lines.Should().BeEmpty();
    }

    [Theory]
    [InlineData("- 1-ff00:0:120 +")]
    [InlineData("-")]
    [InlineData("+")]
    public async Task Acl_that_begins_with_a_sign_is_taken_as_the_value(string acl)
    {
        await using var run = CommandRun.Cli(
            "sub", Remote, "t", "--acl", acl, "--endhost-api", Api, "--ca-cert", "absent.pem");
        (await run.EndAsync()).Should().Be(ExitCode.Failure);
        run.Error.Lines.Should().ContainSingle()
            .Which.Should().Contain($"--ca-cert: the file '{Path.GetFullPath("absent.pem")}' does not exist");
    }

    [Theory]
    [InlineData("-5")]
    [InlineData("@home")]
    [InlineData("")]
    public async Task Payload_of_any_form_is_taken_as_the_payload(string payload)
    {
        await using var run = CommandRun.Cli(
            "pub", Remote, "t", payload, "--endhost-api", Api, "--ca-cert", "absent.pem");
        (await run.EndAsync()).Should().Be(ExitCode.Failure);
        run.Error.Lines.Should().ContainSingle().Which.Should().Contain("--ca-cert");
    }

    [Theory]
    [InlineData("--file", "absent.bin")]
    [InlineData("--snap-token", "absent.token")]
    public async Task Absent_file_fails_with_one_line(string option, string file)
    {
        string[] payload = option == "--file" ? [] : ["x"];
        await using var run = CommandRun.Cli(["pub", Remote, "t", .. payload, option, file, "--endhost-api", Api]);
        (await run.EndAsync()).Should().Be(ExitCode.Failure);
        run.Error.Lines.Should().ContainSingle().Which.Should().Contain(file);
    }

    [Fact]
    public void Control_characters_of_a_payload_stay_on_one_line()
    {
        TerminalText.OfPayload("a\tb\r\nc\u001b[2J°"u8).Should().Be("a\tb\\r\\nc\\u001b[2J°");
        TerminalText.OfPayload([0xff, 0x00]).Should().Be("0xff00");
    }
}
