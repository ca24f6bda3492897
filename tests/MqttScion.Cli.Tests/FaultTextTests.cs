using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using MqttScion.Scion;
using MqttScion.Testnet;

namespace MqttScion.Cli.Tests;

/// <summary>Faults are told in the words of the command line, with the exit code of their kind.</summary>
public sealed class FaultTextTests : IDisposable
{
    private const string Remote = "[1-ff00:0:110,127.0.0.1]:4433";
    private const string Api = "http://127.0.0.1:1";

    private readonly string _directory = Directory.CreateTempSubdirectory("mqttscion-texts-").FullName;

    public static TheoryData<string[], string> WrongLines => new()
    {
        { [], "expected a command: pub, sub, request, paths, ping, traceroute, address, testnet, inspect; "
            + "'mqtt-scion --help' tells more." },
        { ["publish", "x"], "unknown command 'publish'; did you mean 'pub'?" },
        { ["subscribe"], "unknown command 'subscribe'; did you mean 'sub'?" },
        { ["pings"], "unknown command 'pings'; did you mean 'ping'?" },
        { ["frobnicate"], "unknown command 'frobnicate'; expected pub, sub, request, paths, ping, traceroute, "
            + "address, testnet, inspect." },
        { ["proxy"], "the proxy is a program of its own, mqtt-scion-proxy; './mqtt-scion proxy' of the sources "
            + "runs it." },
        { ["testnet", "list"], "unknown command 'list'; did you mean 'link'?" },
        { ["sub", "--hlep", "x"], "unknown option '--hlep'; did you mean '--help'?" },
        { ["paths", "1-1", "--sequnce=x", "--endhost-api", Api],
            "unknown option '--sequnce'; did you mean '--sequence'?" },
        { ["paths", "1-1", "--frobnicate"], "unknown option '--frobnicate'; 'mqtt-scion paths --help' lists those that "
            + "there are." },
        { ["inspect"], "inspect: expected FILE; 'mqtt-scion inspect --help' tells what it is." },
        { ["paths", "1-1", "2-2", "--endhost-api", Api], "unexpected argument '2-2'; 'mqtt-scion paths --help' tells "
            + "what is expected." },
        { ["paths", "1-1", "--max", "x", "--endhost-api", Api], "--max: expected a whole number, found 'x'." },
        { ["paths", "1-1", "--max", "0", "--endhost-api", Api], "--max: expected 1 to 4096, found 0." },
        { ["paths", "1-1", "--order", "x", "--endhost-api", Api], "--order: expected one of: 'hops' 'latency' "
            + "'bandwidth' 'mtu', found 'x'." },
        { ["paths", "1-1", "--endhost-api", Api, "--endhost-api", Api], "--endhost-api: expected one value, found 2." },
        { ["paths", "1-1", "--bind", "0.0.0.0:0", "--endhost-api", Api], "--bind: expected one address of this host in "
            + "a form like 10.0.0.5:0 or [1-ff00:0:110,10.0.0.5]:0, found '0.0.0.0:0'." },
        { ["paths", "1-1", "--daemon", "garbage"], "--daemon: expected a form like 127.0.0.1:30255 or a URL, found "
            + "'garbage'." },
    };

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Theory]
    [MemberData(nameof(WrongLines))]
    public async Task Wrong_command_line_is_one_line_that_helps(string[] args, string expected)
    {
        await using var run = CommandRun.Cli(args);
        (await run.EndAsync()).Should().Be(ExitCode.Usage);
        run.Error.Lines.Should().Equal("mqtt-scion: " + expected);
    }

    [Theory]
    [InlineData("help", "--help")]
    [InlineData("help paths", "paths --help")]
    [InlineData("help testnet up", "testnet up --help")]
    public async Task Help_is_a_command_too(string line, string same)
    {
        await using var run = CommandRun.Cli(line.Split(' '));
        await using var other = CommandRun.Cli(same.Split(' '));
        (await run.EndAsync()).Should().Be(ExitCode.Ok);
        (await other.EndAsync()).Should().Be(ExitCode.Ok);
        run.Output.Lines.Should().Equal(other.Output.Lines).And.Contain("Usage:");
    }

    [Theory]
    [InlineData("paths")]
    [InlineData("ping")]
    [InlineData("traceroute")]
    [InlineData("address")]
    [InlineData("testnet up")]
    [InlineData("testnet link")]
    [InlineData("inspect")]
    public async Task Help_has_an_example_and_durations_as_they_are_typed(string command)
    {
        await using var run = CommandRun.Cli([.. command.Split(' '), "--help"]);
        (await run.EndAsync()).Should().Be(ExitCode.Ok);
        run.Output.Text.Should().MatchRegex("Examples?:\n    mqtt-scion [a-z]|\n    tshark ")
            .And.NotMatchRegex(@"default: \d\d:\d\d");
    }

    [Fact]
    public async Task Help_of_the_root_explains_durations_and_has_a_line_for_each_command()
    {
        await using var run = CommandRun.Cli("--help");
        (await run.EndAsync()).Should().Be(ExitCode.Ok);
        run.Output.Text.Should().ContainAll("<duration>", "500ms", "130", "143")
            .And.NotContain("A probe asks the last border router");
    }

    [Theory]
    [InlineData("--policy")]
    [InlineData("--snap-token")]
    public async Task Absent_file_is_told_with_its_option(string option)
    {
        await using var run = CommandRun.Cli("paths", "1-1", "--endhost-api", Api, option, "/nonexistent");
        (await run.EndAsync()).Should().Be(ExitCode.Failure);
        run.Error.Lines.Should().Equal($"mqtt-scion: {option}: the file '/nonexistent' does not exist.");
    }

    [Fact]
    public async Task Files_that_do_not_fit_are_told_by_their_options()
    {
        var files = TestCertificates.Create(_directory);
        var empty = Path.Combine(_directory, "empty.pem");
        await File.WriteAllTextAsync(empty, "nothing");
        var pathsFile = Path.Combine(_directory, "paths.json");
        await FixedPathSource.SaveAsync(pathsFile, [new LocalAs(IsdAs.Parse("1-ff00:0:110"))], []);

        await using var key = CommandRun.Cli(
            "pub", Remote, "t", "x", "--paths-file", pathsFile, "--bind", "127.0.0.1:0",
            "--ca-cert", files.CaFile, "--cert", files.ClientFile, "--key", files.ServerKeyFile, "--log", "error");
        await using var ca = CommandRun.Cli(
            "pub", Remote, "t", "x", "--paths-file", pathsFile, "--bind", "127.0.0.1:0",
            "--ca-cert", empty, "--cert", files.ClientFile, "--key", files.ClientKeyFile, "--log", "error");

        (await key.EndAsync()).Should().Be(ExitCode.Failure);
        key.Error.Text.Should().Contain(
            $"--key: the file '{files.ServerKeyFile}' does not belong to --cert, the file '{files.ClientFile}'.");
        (await ca.EndAsync()).Should().Be(ExitCode.Failure);
        ca.Error.Text.Should().Contain($"--ca-cert: the file '{empty}' holds no certificate.");
    }

    [Fact]
    public void Names_of_parameters_are_left_out() =>
        FaultText.Of(new ArgumentException("expected a, found b.", "local")).Should().Be("expected a, found b.");

    [Theory]
    [InlineData("INT", ExitCode.Interrupted)]
    [InlineData("TERM", ExitCode.Terminated)]
    public async Task Signal_before_it_is_done_is_the_exit_code(string signal, int expected)
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        using var process = CliProcess.Start(
            _directory, "paths", "1-1", "--endhost-api", $"http://{silent.LocalEndpoint}", "--timeout", "1m");
        // It is asking now: the handlers are there.
        using var asked = await silent.AcceptTcpClientAsync().WaitAsync(TimeSpan.FromSeconds(60));

        using var kill = Process.Start("kill", [$"-{signal}", $"{process.Id}"]);

        var (code, _, error) = await CliProcess.EndAsync(process);
        code.Should().Be(expected, error);
        error.Trim().Should().Be("mqtt-scion: interrupted");
    }

    [Fact]
    public async Task Environment_that_names_no_daemon_is_told_by_the_variable()
    {
        var start = new ProcessStartInfo("dotnet", [typeof(MqttScionCommand).Assembly.Location, "paths", "1-1"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = _directory,
        };
        start.Environment[PathSources.DaemonVariable] = "garbage";
        using var wrong = Process.Start(start)!;

        var (code, _, error) = await CliProcess.EndAsync(wrong);

        code.Should().Be(ExitCode.Usage);
        error.Should().Contain("SCION_DAEMON: expected a form like 127.0.0.1:30255 or a URL, found 'garbage'.");
    }

    [Theory]
    [InlineData("127.0.0.1", "http://127.0.0.1:30255")]
    [InlineData("[::1]", "http://[::1]:30255")]
    [InlineData("localhost", "http://localhost:30255")]
    [InlineData("127.0.0.1:1", "http://127.0.0.1:1")]
    [InlineData("http://daemon.example", "http://daemon.example:30255")]
    public void Daemon_without_a_port_has_the_customary_one(string text, string expected) =>
        PathOptions.ServerUrl(text, PathOptions.DaemonPort).Should().Be(expected);

    [Theory]
    [InlineData("10.0.0.1", "http://10.0.0.1:8041")]
    [InlineData("boot.example:80", "http://boot.example:80")]
    [InlineData("http://boot.example/x", "http://boot.example:8041/x")]
    [InlineData("https://boot.example", "https://boot.example")]
    public void Bootstrap_server_without_a_port_has_the_customary_one(string text, string expected) =>
        PathOptions.ServerUrl(text, PathOptions.BootstrapPort).Should().Be(expected);
}
