using System.CommandLine;
using MqttScion.Proxy.Tests.Support;
using MqttScion.Testnet;

namespace MqttScion.Proxy.Tests;

public sealed class CommandLineTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("mqttscion-proxycommand-").FullName;
    private readonly StringWriter _output = new();
    private readonly StringWriter _error = new();

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task Help_names_the_options()
    {
        (await RunAsync("--help")).Should().Be(0);
        _output.ToString().Should().ContainAll(
            "--listen", "--ca-cert", "--cert", "--key", "--mqtt-broker", "--mode", "--log",
            "--endhost-api", "--snap-token", "--acl", "--qlog", "--keylog", "--session-tickets",
            "--max-sessions", "--idle-timeout", "--revocation-list", "--testnet", "Default: 30s.", "Example");
        _output.ToString().Should().NotContain("00:00:30", "durations are told as they are typed");
    }

    [Theory]
    [InlineData("--listen is required", "")]
    [InlineData("--mode: expected one of: 'QuicEndpoint' 'UdpEndpoint', found 'Sideways'.", "--mode Sideways")]
    [InlineData("loud", "--log loud")]
    [InlineData("--listen: expected a SCION address", "--listen 10.0.0.1:4433")]
    [InlineData("--listen: expected one address of this host", "--listen [2-3,0.0.0.0]:4433")]
    [InlineData("--listen: expected one address of this host", "--listen [2-3,::]:4433")]
    [InlineData("--mqtt-broker: expected a host", "--mqtt-broker nowhere:0")]
    [InlineData("--mqtt-broker: expected a host", "--mqtt-broker nowhere:x")]
    [InlineData("not supported yet", "--mode UdpEndpoint")]
    [InlineData("--max-sessions: expected 1 to 100000, found 0.", "--max-sessions 0")]
    [InlineData("--idle-timeout: expected 1s to 10m, found 100ms.", "--idle-timeout 100ms")]
    [InlineData("--endhost-api: expected a URL", "--endhost-api x")]
    [InlineData("unknown option '--lisen'; did you mean '--listen'?", "--lisen x")]
    public async Task Wrong_command_line_is_a_usage_error(string expected, string args)
    {
        (await RunAsync(args.Split(' ', StringSplitOptions.RemoveEmptyEntries))).Should().Be(64);
        _error.ToString().Should().Contain(expected).And.NotContain("(Parameter");
        _output.ToString().Should().BeEmpty();
    }

    [Theory]
    [InlineData("--qlog:", "--listen [2-3,127.0.0.1]:0 --qlog absent")]
    [InlineData("--keylog:", "--listen [2-3,127.0.0.1]:0 --keylog absent/keys")]
    [InlineData("--ca-cert:", "--listen [2-3,127.0.0.1]:0 --ca-cert absent.pem")]
    [InlineData("--revocation-list:", "--listen [2-3,127.0.0.1]:0 --revocation-list absent.pem")]
    [InlineData("--testnet:", "--listen [2-3,127.0.0.1]:0 --testnet absent")]
    public async Task Wrong_option_fails_with_one_line(string expected, string args)
    {
        (await RunAsync(args.Split(' '))).Should().Be(1);
        Lines(_error).Should().ContainSingle().Which.Should().StartWith("mqtt-scion-proxy: ").And.Contain(expected);
    }

    [Fact]
    public async Task Address_that_is_not_of_this_machine_fails_with_one_line()
    {
        (await RunAsync(["--listen", "[2-3,192.0.2.1]:0", .. Certificates()])).Should().Be(1);
        Lines(_error).Should().ContainSingle().Which.Should().Contain("[2-3,192.0.2.1]:0");
    }

    [Fact]
    public async Task Files_that_do_not_fit_are_told_by_their_options()
    {
        var files = TestCertificates.Create(_directory);
        string[] listen = ["--listen", "[2-3,127.0.0.1]:0", "--ca-cert", files.CaFile, "--cert", files.ServerFile];
        var empty = Path.Combine(_directory, "empty.pem");
        await File.WriteAllTextAsync(empty, "nothing");

        (await RunAsync([.. listen, "--key", files.ClientKeyFile])).Should().Be(1);
        (await RunAsync([.. listen, "--key", files.ServerKeyFile, "--ca-cert", empty])).Should().Be(64, "it is twice");
        (await RunAsync(["--listen", "[2-3,127.0.0.1]:0", "--ca-cert", empty, "--cert", files.ServerFile,
            "--key", files.ServerKeyFile])).Should().Be(1);
        (await RunAsync([.. listen, "--key", files.ServerKeyFile, "--revocation-list", empty])).Should().Be(1);

        Lines(_error).Should().Equal(
            $"mqtt-scion-proxy: --key: the file '{files.ClientKeyFile}' does not belong to --cert, "
                + $"the file '{files.ServerFile}'.",
            "mqtt-scion-proxy: --ca-cert: expected one value, found 2.",
            $"mqtt-scion-proxy: --ca-cert: the file '{empty}' holds no certificate.",
            $"mqtt-scion-proxy: --revocation-list: the file '{empty}' holds no revocation list.");
    }

    [Theory]
    [InlineData("broker.example", "broker.example", 1883)]
    [InlineData("10.0.0.2:1", "10.0.0.2", 1)]
    [InlineData("[::1]", "::1", 1883)]
    [InlineData("::1", "::1", 1883)]
    [InlineData("[::1]:1884", "::1", 1884)]
    public void Broker_without_a_port_has_the_customary_one(string text, string host, int port)
    {
        ProxyOptions.TryParseBroker(text, out var broker).Should().BeTrue();
        broker.Host.Should().Be(host);
        broker.Port.Should().Be(port);
    }

    [Fact]
    public async Task Proxy_tells_where_it_listens_and_ends_in_order()
    {
        using var stop = new CancellationTokenSource();
        var output = new FirstLine();
        var running = ProxyCommand.RunAsync(
            ["--listen", $"[{SameAsWorld.IsdAs},127.0.0.1]:0", "--acl", "- 1 +", "--log", "error", .. Certificates()],
            Configuration(output),
            stop.Token);
        var line = await output.Line.WaitAsync(TimeSpan.FromSeconds(60));
        line.Should().MatchRegex(@"^listening on \[1-ff00:0:110,127\.0\.0\.1\]:[1-9]\d*$");
        await stop.CancelAsync();
        (await running.WaitAsync(TimeSpan.FromSeconds(60))).Should().Be(0);
        Lines(_error).Should().ContainSingle().Which.Should().Contain("--acl is not used");
    }

    private static string[] Lines(StringWriter text) =>
        text.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);

    private string[] Certificates()
    {
        var files = TestCertificates.Create(_directory);
        return ["--ca-cert", files.CaFile, "--cert", files.ServerFile, "--key", files.ServerKeyFile];
    }

    private Task<int> RunAsync(params string[] args) =>
        ProxyCommand.RunAsync(args, Configuration(_output)).WaitAsync(TimeSpan.FromSeconds(60));

    // The signals of the process belong to the test runner.
    private InvocationConfiguration Configuration(TextWriter output) => new()
    {
        Output = output,
        Error = _error,
        ProcessTerminationTimeout = null,
        EnableDefaultExceptionHandler = false,
    };

    /// <summary>A writer whose first line can be awaited.</summary>
    private sealed class FirstLine : StringWriter
    {
        private readonly TaskCompletionSource<string> _line = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<string> Line => _line.Task;

        public override Task WriteLineAsync(string? value)
        {
            _line.TrySetResult(value ?? "");
            return Task.CompletedTask;
        }
    }
}
