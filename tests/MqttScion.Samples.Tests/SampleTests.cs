using System.Security.Cryptography;
using MqttScion.Scion;
using MqttScion.Testnet;

namespace MqttScion.Samples.Tests;

/// <summary>Each sample does what it says, as a program of its own.</summary>
public sealed class SampleTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(90);

    [Theory]
    [InlineData("QuickStart", "delivered 10 of 10", "starting ", "plant/1/temp", "2-ff00:0:211")]
    [InlineData("PathAware", "delivered 30 of 30", "reconnects 0", "down ")]
    [InlineData("RequestResponse", "answered 5 of 5", "open 100 %: open at 80 %", "Nobody answers",
        "not answered on plant/valve/set: Undecodable", "No response to the request on 'plant/valve/set'")]
    [InlineData("SensorGateway", "delivered 20 of 20", "delivered so far: 0", "health: Degraded", "health: Healthy",
        "metric messaging.client.sent.messages: ")]
    [InlineData("TransportOnly", "sent 1000000 of 1000000", "receiver: listening on [2-ff00:0:211,127.0.0.1]:",
        "sender: path 1-ff00:0:111 ", "receiver: received 1000000 bytes, SHA-256 ")]
    [InlineData("TypedMessages", "delivered 12 of 12", "line 3: 25.5", "Undecodable")]
    [InlineData("Workers", "done 40 of 40", "ordered: jobs 21 to 40", "the service has stopped")]
    public async Task Sample_runs_to_its_end(string sample, string lastLine, params string[] lines)
    {
        var (exitCode, output, error) = await RunAsync(sample);

        error.Should().BeEmpty();
        exitCode.Should().Be(0);
        output.TrimEnd().Split('\n')[^1].Should().Be(lastLine);
        output.Should().ContainAll(lines);
    }

    [Theory]
    [InlineData("QuickStart", "delivered 10 of 10")]
    [InlineData("PathAware", "delivered 30 of 30")]
    [InlineData("RequestResponse", "answered 5 of 5")]
    [InlineData("SensorGateway", "delivered 20 of 20")]
    [InlineData("TypedMessages", "delivered 12 of 12")]
    [InlineData("Workers", "done 40 of 40")]
    public async Task Sample_runs_over_the_proxy_that_it_is_pointed_at(string sample, string lastLine)
    {
        await using var network = await DemoNetwork.StartAsync();

        var (exitCode, output, error) = await RunAsync(sample, OptionsFor(network.FieldAccess));

        error.Should().BeEmpty();
        exitCode.Should().Be(0);
        output.Should().Contain($"proxy    {network.FieldAccess.Server} (yours)").And.NotContain("starting");
        output.TrimEnd().Split('\n')[^1].Should().Be(lastLine);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3_000_000)]
    public async Task TransportOnly_sends_a_file_from_one_process_to_another(int length)
    {
        await using var network = await EmulatedNetwork.StartAsync();
        var directory = Directory.CreateTempSubdirectory("mqttscion-test-").FullName;
        var files = TestCertificates.Create(directory);
        await File.WriteAllBytesAsync(Path.Combine(directory, "sent"), RandomNumberGenerator.GetBytes(length));

        using var receiver = Child.Start(
            directory,
            Child.Sample("TransportOnly"), "receive", "copy", "--listen", "[2-ff00:0:211,127.0.0.1]:0",
            "--ca-cert", files.CaFile, "--cert", files.ServerFile, "--key", files.ServerKeyFile);
        var listening = await receiver.StandardOutput.ReadLineAsync().WaitAsync(Limit);
        var sent = await Child.RunAsync(
            directory,
            Limit,
            Child.Sample("TransportOnly"), "send", "sent", "--server", listening!.Split(' ')[^1],
            "--endhost-api", network.EndhostApiUrl(IsdAs.Parse("1-ff00:0:111")).ToString(),
            "--ca-cert", files.CaFile, "--cert", files.ClientFile, "--key", files.ClientKeyFile);
        var received = await Child.EndOfAsync(receiver, sent.ExitCode == 0 ? Limit : TimeSpan.Zero);

        sent.Error.Should().BeEmpty();
        sent.Output.Should().EndWith($"sent {length} of {length}{Environment.NewLine}");
        var bytes = await File.ReadAllBytesAsync(Path.Combine(directory, "copy"));
        bytes.Should().Equal(await File.ReadAllBytesAsync(Path.Combine(directory, "sent")));
        received.Should().Be(
            (0, $"received {length} bytes, SHA-256 {Convert.ToHexStringLower(SHA256.HashData(bytes))}\n", ""));
        Directory.Delete(directory, recursive: true);
    }

    [Theory]
    [InlineData("receive copy --listen nowhere", "Listen: expected one address of this host")]
    [InlineData("send missing", "--server")]
    public async Task TransportOnly_names_what_is_wrong(string arguments, string expected)
    {
        var (exitCode, _, error) = await RunAsync("TransportOnly", arguments.Split(' '));

        exitCode.Should().Be(1);
        error.Should().Contain(expected);
    }

    [Fact]
    public async Task QuickStart_without_its_broker_fails_with_one_line()
    {
        var (exitCode, output, error) = await RunAsync("QuickStart", "--broker", "127.0.0.1:1");

        exitCode.Should().Be(1);
        error.TrimEnd().Split('\n').Should().ContainSingle().Which.Should().Contain("cannot reach the broker");
        output.TrimEnd().Split('\n')[^1].Should().Be("delivered 0 of 10");
    }

    [Theory]
    [InlineData("--cert mine.pem", "--cert: expected --server too, the address of your proxy.")]
    [InlineData("--server nowhere", "--server: 'nowhere' is no address of a server")]
    [InlineData("--server [1-ff00:0:110,127.0.0.1]:1", "--server: expected --endhost-api or --daemon too")]
    [InlineData("--server [1-ff00:0:110,127.0.0.1]:1 --key /mine.pem", "--key: the file '/mine.pem' does not exist.")]
    public async Task Option_that_is_wrong_is_named(string options, string expected)
    {
        var (exitCode, _, error) = await RunAsync("QuickStart", options.Split(' '));

        exitCode.Should().Be(1);
        error.Should().Contain(expected);
    }

    private static string[] OptionsFor(Access access) =>
    [
        "--server", access.Server, "--endhost-api", access.EndhostApi!,
        "--ca-cert", access.CaCert, "--cert", access.Cert, "--key", access.Key,
    ];

    private static Task<(int ExitCode, string Output, string Error)> RunAsync(string sample, params string[] args) =>
        Child.RunAsync(AppContext.BaseDirectory, Limit, [Child.Sample(sample), .. args]);
}
