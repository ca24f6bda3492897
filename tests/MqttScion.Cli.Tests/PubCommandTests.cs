using MqttScion.Testnet;

namespace MqttScion.Cli.Tests;

public sealed class PubCommandTests
{
    [Fact]
    public async Task Each_line_is_a_message_over_one_connection()
    {
        await using var world = await QuicBroker.StartAsync();
        await using var sub = world.Start("sub", "t", "--count", "3");
        await sub.Error.WaitForAsync("subscribed");

        await using var pub = world.Start("one\r\n\nlast"u8.ToArray(), "pub", "t", "--lines");

        (await pub.EndAsync()).Should().Be(ExitCode.Ok, pub.Error.Text);
        (await sub.EndAsync()).Should().Be(ExitCode.Ok, sub.Error.Text);
        sub.Output.Lines.Should().Equal("t one", "t ", "t last");
    }

    [Fact]
    public async Task Verbose_tells_that_nobody_subscribes()
    {
        await using var world = await QuicBroker.StartAsync();

        await using var pub = world.Start("pub", "t", "x", "-v");

        (await pub.EndAsync()).Should().Be(ExitCode.Ok, pub.Error.Text);
        pub.Error.Text.Should().Contain("published to 't': the broker took it; nobody subscribes to it");
    }

    [Theory]
    [InlineData("pub")]
    [InlineData("request")]
    public async Task Interruption_ends_a_wait_for_the_standard_input(string command)
    {
        await using var run = CommandRun.Cli(
            new TypedInput(), [command, "mqtt-quic://127.0.0.1", "t", "-", "--ca-cert", "absent.pem"]);

        (await run.StopAsync()).Should().NotBe(ExitCode.Ok);
        run.Failures.Should().Equal("mqtt-scion: interrupted");
    }

    [Fact]
    public async Task Interruption_ends_a_wait_for_the_next_line()
    {
        await using var world = await QuicBroker.StartAsync();
        await using var run = CommandRun.Cli(
            new TypedInput(), ["pub", world.Remote, "t", "--lines", "-v", .. world.Options]);
        await run.Error.WaitForAsync("connected over");

        (await run.StopAsync()).Should().NotBe(ExitCode.Ok);
        run.Failures.Should().Equal("mqtt-scion: interrupted");
    }

    [Theory]
    [InlineData("pub", "x")]
    [InlineData("request", "x")]
    [InlineData("sub")]
    public async Task Silence_is_told_and_ends_with_the_time_and_what_to_check(string command, params string[] payload)
    {
        using var silent = new SilentServer();
        var directory = Directory.CreateTempSubdirectory("mqttscion-cli-");
        try
        {
            var ca = TestCertificates.Create(directory.FullName).CaFile;
            await using var run = CommandRun.Cli(
                [command, silent.Remote, "t", .. payload, "--timeout", "3s", "--ca-cert", ca, "--log", "error"]);

            await run.Error.WaitForAsync($"connecting to {silent.Remote} over plain IP; no answer yet: ");
            (await run.EndAsync()).Should().Be(ExitCode.Failure);
            run.Failures.Should().ContainSingle().Which.Should().Contain(silent.Remote).And.Contain("listen there");
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task Silence_on_SCION_is_told_with_the_path_and_the_ping_to_try()
    {
        using var silent = new SilentServer();
        await using var network = await ProxiedNetwork.StartAsync("127.0.0.1:1");
        var host = $"[{LiveNetwork.Server},127.0.0.1]";

        await using var run = network.StartAt($"{host}:{silent.Port}", "pub", "t", "x", "--timeout", "3s");

        var notice = await run.Error.WaitForAsync($"connecting to {host}:{silent.Port} over {LiveNetwork.Client} ");
        notice.Should().Contain($"no answer yet: is the proxy running there? `mqtt-scion ping '{host}'`");
        (await run.EndAsync()).Should().Be(ExitCode.Failure);
        run.Failures.Should().ContainSingle().Which.Should()
            .Contain("within 3s (--timeout)").And.Contain($"mqtt-scion ping '{host}'");
    }

    [Fact]
    public async Task Key_of_another_certificate_is_named_by_the_options()
    {
        await using var world = await QuicBroker.StartAsync();
        var files = world.Certificates;

        await using var run = world.Start("pub", "t", "x", "--cert", files.ClientFile, "--key", files.ServerKeyFile);

        (await run.EndAsync()).Should().Be(ExitCode.Failure);
        run.Failures.Should().ContainSingle().Which.Should()
            .Contain(
                $"--key: the file '{files.ServerKeyFile}' does not belong to --cert, the file '{files.ClientFile}'");
    }

    [Fact]
    public async Task File_that_holds_no_certificates_is_named_by_the_option()
    {
        await using var world = await QuicBroker.StartAsync();
        var file = world.Certificates.ClientKeyFile;

        await using var run = CommandRun.Cli("pub", world.Remote, "t", "x", "--ca-cert", file);

        (await run.EndAsync()).Should().Be(ExitCode.Failure);
        run.Failures.Should().ContainSingle().Which.Should().StartWith($"mqtt-scion: --ca-cert: the file '{file}' ");
    }

    [Theory]
    [InlineData("pub")]
    [InlineData("request")]
    public async Task Broker_that_breaks_the_protocol_twice_in_the_same_way_is_given_up(string command)
    {
        await using var broker = new BreakingBroker();
        await using var network = await ProxiedNetwork.StartAsync(broker.Address);

        await using var pub = network.Start(command, "t", "x");

        (await pub.EndAsync()).Should().Be(ExitCode.Failure);
        pub.Failures.Should().ContainSingle().Which.Should()
            .Contain("2 times in the same way").And.Contain("may have been delivered");
        broker.Connections.Should().Be(2);
    }
}
