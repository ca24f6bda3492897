using System.Text.Json;

namespace MqttScion.Cli.Tests;

public sealed class SubCommandTests
{
    [Theory]
    [InlineData("jobs/+/todo")]
    [InlineData("jobs/+/todo", "jobs/a/+")]
    public async Task Count_of_a_kept_session_leaves_the_next_messages_for_the_next_run(params string[] filters)
    {
        await using var world = await QuicBroker.StartAsync();
        string[] args = [.. filters, "--session", "1h", "--client-id", "cron", "--count", "1"];
        await using var first = world.Start("sub", args);
        foreach (var filter in filters)
            await first.Error.WaitForAsync($"subscribed to {filter}");
        (await first.StopAsync()).Should().Be(ExitCode.Ok);
        for (var i = 1; i <= 4; i++)
            world.Publish("jobs/a/todo", $"job{i}");

        for (var i = 1; i <= 4; i++)
        {
            await using var next = world.Start("sub", args);
            (await next.EndAsync()).Should().Be(ExitCode.Ok, next.Error.Text);
            next.Output.Lines.Should().Equal($"jobs/a/todo job{i}");
        }
    }

    [Fact]
    public async Task Overlapping_and_equal_filters_print_a_message_once()
    {
        await using var world = await QuicBroker.StartAsync();
        await using var sub = world.Start("sub", "o/#", "o/+", "o/#", "+/b", "--count", "3");
        await sub.Error.WaitForAsync("subscribed to +/b");

        foreach (var topic in new[] { "o/a", "o/b", "p/b" })
            world.Publish(topic, "x");

        (await sub.EndAsync()).Should().Be(ExitCode.Ok, sub.Error.Text);
        sub.Output.Lines.Should().BeEquivalentTo("o/a x", "o/b x", "p/b x");
        sub.Error.Text.Should().NotContain("subscribed to o/+");
    }

    [Theory]
    [InlineData("--no-retained", "t/1 live")]
    [InlineData("--retained-only", "t/1 kept")]
    public async Task Retained_messages_are_told_apart(string option, string expected)
    {
        await using var world = await QuicBroker.StartAsync();
        world.Publish("t/1", "kept", retain: true);
        await using var sub = world.Start("sub", "t/#", option, "--count", "1");
        await sub.Error.WaitForAsync("subscribed");

        world.Publish("t/1", "live");

        (await sub.EndAsync()).Should().Be(ExitCode.Ok, sub.Error.Text);
        sub.Output.Lines.Should().Equal(expected);
    }

    [Fact]
    public async Task Json_has_what_the_message_says()
    {
        await using var world = await QuicBroker.StartAsync();
        await using var sub = world.Start("sub", "t", "--output", "json", "--count", "1");
        await sub.Error.WaitForAsync("subscribed");
        await using var pub = world.Start(
            "pub", "t", "a\nb", "--qos", "2", "--content-type", "text/plain", "--property", "k=1", "--property", "k=2",
            "--response-topic", "answers");
        (await pub.EndAsync()).Should().Be(ExitCode.Ok, pub.Error.Text);

        (await sub.EndAsync()).Should().Be(ExitCode.Ok, sub.Error.Text);

        var message = JsonDocument.Parse(sub.Output.Lines.Should().ContainSingle().Subject).RootElement;
        message.GetProperty("topic").GetString().Should().Be("t");
        message.GetProperty("payload").GetString().Should().Be("a\nb");
        message.GetProperty("qos").GetInt32().Should().Be(1);
        message.GetProperty("retain").GetBoolean().Should().BeFalse();
        message.GetProperty("content_type").GetString().Should().Be("text/plain");
        message.GetProperty("response_topic").GetString().Should().Be("answers");
        message.GetProperty("time").GetDateTimeOffset().Should().BeWithin(TimeSpan.FromMinutes(5))
            .Before(DateTimeOffset.UtcNow);
        message.GetProperty("user_properties").EnumerateArray().Select(p => p.GetProperty("value").GetString())
            .Should().Equal("1", "2");
    }

    [Fact]
    public async Task Timeout_ends_it_and_the_exit_code_tells_whether_messages_came()
    {
        await using var world = await QuicBroker.StartAsync();
        await using var none = world.Start("sub", "t", "--timeout", "2s");
        (await none.EndAsync()).Should().Be(ExitCode.Failure);
        none.Failures.Should().ContainSingle().Which.Should().Contain("2s (--timeout)");

        world.Publish("t", "kept", retain: true);
        await using var some = world.Start("sub", "t", "--timeout", "5s");
        (await some.EndAsync()).Should().Be(ExitCode.Ok, some.Error.Text);
        some.Output.Lines.Should().Equal("t kept");

        await using var fewer = world.Start("sub", "t", "--timeout", "5s", "--count", "2");
        (await fewer.EndAsync()).Should().Be(ExitCode.Failure);
        fewer.Failures.Should().ContainSingle().Which.Should().Contain("1 of 2 messages came within 5s (--timeout)");
    }

    [Fact]
    public async Task Loss_of_the_connection_is_told_once()
    {
        await using var world = await QuicBroker.StartAsync();
        await using var sub = world.Start("sub", "t", "--client-id", "s", "--count", "1");
        await sub.Error.WaitForAsync("subscribed");

        world.Broker.Drop("s").Should().BeTrue();

        await sub.Error.WaitForAsync("connected over");
        sub.Error.Lines.Count(line => line.StartsWith("connection lost", StringComparison.Ordinal)).Should().Be(1);
    }

    [Fact]
    public async Task Loss_of_the_connection_is_told_once_beside_the_log()
    {
        await using var world = await QuicBroker.StartAsync();
        world.Publish("t", "kept", retain: true);
        using var shell = ToolProcess.Shell(
            $"{ToolProcess.CommandLine} sub {world.Remote} t --ca-cert '{world.Certificates.CaFile}' --client-id s "
            + "--count 3");
        await world.WaitForAsync(statistics => statistics.Delivered == 1);

        world.Broker.Drop("s").Should().BeTrue();
        var ending = shell.EndAsync();
        while (await Task.WhenAny(ending, Task.Delay(TimeSpan.FromMilliseconds(100))) != ending)
            world.Publish("t", "live");

        (await ending).Should().Be(0, shell.Error);
        shell.Error.Split('\n').Where(line => line.Contains("onnection lost", StringComparison.Ordinal))
            .Should().ContainSingle();
    }

    [Fact]
    public async Task Process_ends_when_nobody_reads_its_output_though_nothing_more_comes()
    {
        await using var world = await QuicBroker.StartAsync();
        world.Publish("h/1", "first", retain: true);
        using var shell = ToolProcess.Shell(
            $"{ToolProcess.CommandLine} sub {world.Remote} 'h/#' --ca-cert '{world.Certificates.CaFile}' | head -n 1");

        (await shell.EndAsync()).Should().Be(0);
        shell.Output.Should().Be("h/1 first\n");
    }

    [Fact]
    public async Task Raw_payloads_are_written_byte_for_byte()
    {
        await using var world = await QuicBroker.StartAsync();
        var file = Path.Combine(Path.GetDirectoryName(world.Certificates.CaFile)!, "payload.bin");
        await File.WriteAllBytesAsync(file, [0x00, 0xff, 0x0a, 0x01]);
        await using var pub = world.Start("pub", "h/1", "--file", file, "--retain");
        (await pub.EndAsync()).Should().Be(ExitCode.Ok, pub.Error.Text);
        using var shell = ToolProcess.Shell(
            $"{ToolProcess.CommandLine} sub {world.Remote} h/1 --ca-cert '{world.Certificates.CaFile}' --count 1 "
            + "--output raw | od -An -tx1");

        (await shell.EndAsync()).Should().Be(0);
        shell.Output.Trim().Should().Be("00 ff 0a 01");
    }

    [Fact]
    public async Task Broker_that_breaks_the_protocol_each_time_is_given_up()
    {
        await using var broker = new BreakingBroker();
        await using var network = await ProxiedNetwork.StartAsync(broker.Address);

        await using var sub = network.Start("sub", "t", "--client-id", "s", "--session", "1h");

        (await sub.EndAsync()).Should().Be(ExitCode.Failure);
        sub.Failures.Should().ContainSingle().Which.Should()
            .Contain("5 times in the same way").And.Contain("§3.3.2.1").And.Contain("--session");
        broker.Connections.Should().Be(5);
    }
}
