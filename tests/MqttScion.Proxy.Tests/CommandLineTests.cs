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
            "--endhost-api", "--snap-token", "--acl", "--qlog", "--keylog", "--session-tickets");
    }

    [Theory]
    [InlineData("--listen", "")]
    [InlineData("Sideways", "--listen x --mode Sideways")]
    [InlineData("loud", "--listen x --log loud")]
    public async Task Wrong_command_line_is_a_usage_error(string expected, string args)
    {
        (await RunAsync(args.Split(' ', StringSplitOptions.RemoveEmptyEntries))).Should().Be(64);
        _error.ToString().Should().Contain(expected);
        _output.ToString().Should().BeEmpty();
    }

    [Theory]
    [InlineData("--listen:", "--listen 10.0.0.1:4433")]
    [InlineData("--mqtt-broker:", "--listen [2-3,127.0.0.1]:0 --mqtt-broker nowhere")]
    [InlineData("--qlog:", "--listen [2-3,127.0.0.1]:0 --qlog absent")]
    [InlineData("--keylog:", "--listen [2-3,127.0.0.1]:0 --keylog absent/keys")]
    [InlineData("--ca-cert:", "--listen [2-3,127.0.0.1]:0 --ca-cert absent.pem")]
    [InlineData("not supported yet", "--listen [2-3,127.0.0.1]:0 --mode UdpEndpoint")]
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
