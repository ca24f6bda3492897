using System.Text.Json;

namespace MqttScion.QuicPerf.Tests;

/// <summary>Client and server in processes of their own.</summary>
public sealed class QuicPerfTests : IDisposable
{
    private const int Bytes = 4 << 20;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("mqttscion-quicperf-");
    private readonly PerfProcess _server;
    private readonly string _address;

    public QuicPerfTests()
    {
        PerfProcess.Run("certs", _folder.FullName).ExitCode.Should().Be(0);
        _server = PerfProcess.Start(
            out _address,
            ["server", "--pki", _folder.FullName, "--listen", "127.0.0.1:0", "--alpn", "smoke", "--tickets"]);
    }

    [Theory]
    [InlineData("download")]
    [InlineData("upload", "--streams", "4")]
    [InlineData("echo", "--streams", "2", "--no-gso", "--max-datagram", "1200")]
    [InlineData("upload", "--loss", "1", "--delay", "1", "--reorder", "1", "--cc", "newreno")]
    public void Transfer_arrives_with_the_same_hash(string mode, params string[] options)
    {
        var report = Run(_address, mode, ["--bytes", "4M", .. options]);

        report.GetProperty("bytes").GetInt64().Should().Be(Bytes);
        report.GetProperty("verified").GetBoolean().Should().BeTrue();
        report.GetProperty("mb_per_second").GetDouble().Should().BePositive();
        var connection = report.GetProperty("connection");
        (connection.GetProperty("sent_bytes").GetInt64() + connection.GetProperty("received_bytes").GetInt64())
            .Should().BeGreaterThan(Bytes);
        report.GetProperty("server").GetProperty("user_seconds").GetDouble().Should().BePositive();
    }

    [Theory]
    [InlineData("latency", 50, "--count", "50")]
    [InlineData("latency", 50, "--count", "50", "--new-streams")]
    [InlineData("handshakes", 20, "--count", "20", "--parallel", "4")]
    [InlineData("many", 100, "--connections", "10", "--rate", "10", "--duration", "1")]
    public void Operations_are_counted_and_timed(string mode, int atLeast, params string[] options)
    {
        var report = Run(_address, mode, options);

        // Messages are sent by the clock, so one more or less may fall into a second.
        report.GetProperty("operations").GetInt64().Should().BeInRange(atLeast - 1, atLeast + 1);
        report.GetProperty("p99_us").GetDouble().Should()
            .BeGreaterThanOrEqualTo(report.GetProperty("p50_us").GetDouble());
    }

    [Theory]
    [InlineData("Resumed", 0)]
    [InlineData("Early", 5)]
    public void Handshakes_are_resumed(string kind, int early)
    {
        var report = Run(_address, "handshakes", ["--count", "5", "--kind", kind]);

        report.GetProperty("resumed").GetInt32().Should().Be(5);
        report.GetProperty("early_data_accepted").GetInt32().Should().Be(early);
    }

    [Fact]
    public void Relay_passes_what_it_does_not_drop()
    {
        using var relay = PerfProcess.Start(
            out var address, "relay", "--to", _address, "--loss", "2", "--delay", "1", "--rate", "200");

        var report = Run(address, "download", ["--bytes", "4M"]);

        report.GetProperty("verified").GetBoolean().Should().BeTrue();
        report.GetProperty("connection").GetProperty("min_rtt_ms").GetDouble().Should().BeGreaterThan(2);
        // 4 MiB at 200 Mbit/s.
        report.GetProperty("seconds").GetDouble().Should().BeGreaterThan(0.15);
    }

    [Fact]
    public void Server_without_the_protocol_is_a_failure()
    {
        var (exitCode, _) = PerfProcess.Run(
            "client", "latency", _address, "--pki", _folder.FullName, "--alpn", "other");

        exitCode.Should().Be(1);
    }

    public void Dispose()
    {
        _server.Dispose();
        _folder.Delete(recursive: true);
    }

    private JsonElement Run(string address, string mode, string[] options)
    {
        var (exitCode, output) = PerfProcess.Run(
            ["client", mode, address, "--pki", _folder.FullName, "--alpn", "smoke", "--json", .. options]);
        exitCode.Should().Be(0);
        return JsonDocument.Parse(output).RootElement;
    }
}
