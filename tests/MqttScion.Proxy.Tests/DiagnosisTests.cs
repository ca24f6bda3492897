using System.Text.Json;
using MqttScion.Mqtt;
using MqttScion.Proxy.Tests.Support;
using MqttScion.Testnet;
using MqttScion.TestPeer;

namespace MqttScion.Proxy.Tests;

/// <summary>Traces and key logs of real sessions through the emulated network.</summary>
public sealed class DiagnosisTests : IAsyncLifetime
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const string Payload = "nobody else's business";

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly string _directory = Directory.CreateTempSubdirectory("mqttscion-diagnosis-").FullName;
    private PocketBroker _broker = null!;

    public async Task InitializeAsync() => _broker = await PocketBroker.StartAsync();

    public async Task DisposeAsync()
    {
        await _broker.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public async Task Session_leaves_a_trace_at_both_ends()
    {
        string server;
        await using (var world = await EmulatedWorld.StartAsync(_broker.EndPoint.ToString(), startsProxy: false))
        {
            world.ProxyOptions.QlogDirectory = _directory;
            await using var proxy = MqttProxy.Start(world.ProxyOptions);
            server = proxy.LocalEndPoint.ToString();
            var options = world.ClientOptions("traced", server: server);
            options.QlogDirectory = _directory;
            await PublishAsync(options);
        }

        var files = Directory.GetFiles(_directory);
        files.Should().HaveCount(2);
        var id = Path.GetFileName(files[0]).Split('_')[0];
        files.Select(Path.GetFileName).Should().BeEquivalentTo($"{id}_client.sqlog", $"{id}_server.sqlog");
        var client = Read($"{id}_client.sqlog");
        var proxied = Read($"{id}_server.sqlog");
        GroupIds(client, proxied).Should().Equal(id, id);
        client.Events[0].Text("dst_ip").Should().Be(server);
        proxied.Events[0].Text("dst_ip").Should().Contain(EmulatedWorld.ClientAs.ToString());
        // Whatever the proxy took, the client had sent.
        Numbers(proxied, "transport:packet_received").Should().BeSubsetOf(Numbers(client, "transport:packet_sent"));
        client.Named("connectivity:connection_closed").Single().Text("trigger").Should().Be("clean");
        proxied.FramesOf("transport:packet_received", "stream").Should().NotBeEmpty();
        ReferenceTime(client).Should().BeCloseTo(DateTimeOffset.UtcNow, TimeSpan.FromHours(1));
        foreach (var file in files)
        {
            File.ReadAllText(file).Should().NotContain(Payload);
            if (!OperatingSystem.IsWindows())
                File.GetUnixFileMode(file).Should().Be(OwnerOnly);
        }
    }

    [Fact]
    public async Task Trace_that_can_not_be_written_is_told_once_and_hurts_no_session()
    {
        var gone = Directory.CreateDirectory(Path.Combine(_directory, "gone")).FullName;
        using var log = new ListLoggers();
        await using var world = await EmulatedWorld.StartAsync(_broker.EndPoint.ToString());
        var options = world.ClientOptions("untraced");
        options.QlogDirectory = gone;
        var client = new ScionMqttClient(options, log);
        Directory.Delete(gone);

        await using (client)
        {
            await PublishAsync(client);
        }

        log.Lines.Where(line => line.Contains("can't be written")).Should().ContainSingle()
            .Which.Should().Contain(gone);
    }

    [Fact]
    public async Task Key_logs_of_both_ends_have_the_same_secrets_and_a_warning_says_what_they_disclose()
    {
        var (clientFile, proxyFile) = (Path.Combine(_directory, "client"), Path.Combine(_directory, "proxy"));
        using var log = new ListLoggers();
        await using (var world = await EmulatedWorld.StartAsync(_broker.EndPoint.ToString(), startsProxy: false))
        {
            world.ProxyOptions.Tls.KeyLogFile = proxyFile;
            await using var proxy = MqttProxy.Start(world.ProxyOptions);
            var options = world.ClientOptions("logged", server: proxy.LocalEndPoint.ToString());
            options.Tls.KeyLogFile = clientFile;
            await using var client = new ScionMqttClient(options, log);
            await PublishAsync(client);
        }

        var lines = File.ReadAllLines(clientFile);
        lines.Should().HaveCount(4).And.BeEquivalentTo(File.ReadAllLines(proxyFile));
        lines.Should().OnlyContain(line => line.Split(' ').Length == 3);
        log.Lines.Should().ContainSingle(line => line.Contains(clientFile) && line.Contains("can be read"));
        if (!OperatingSystem.IsWindows())
            File.GetUnixFileMode(clientFile).Should().Be(OwnerOnly);
    }

    [Fact]
    public async Task Environment_alone_makes_no_proxy_disclose_its_secrets()
    {
        var file = Path.Combine(_directory, "unasked");
        await using var world = await EmulatedWorld.StartAsync(_broker.EndPoint.ToString(), startsProxy: false);
        await using var peer = TestPeerProcess.StartWith(
            "SSLKEYLOGFILE",
            file,
            "proxy",
            $"listen={world.ProxyOptions.Listen}",
            $"broker={world.ProxyOptions.Broker}",
            $"ca={world.Certificates.CaFile}",
            $"certificate={world.Certificates.ServerFile}",
            $"key={world.Certificates.ServerKeyFile}");
        var ready = await peer.ReadAsync<ProxyReady>(Limit);

        await PublishAsync(world.ClientOptions("careless", server: ready.Address));

        File.Exists(file).Should().BeFalse("GnuTLS by itself heeds SSLKEYLOGFILE");
    }

    private static async Task PublishAsync(ScionMqttClientOptions options)
    {
        await using var client = new ScionMqttClient(options);
        await PublishAsync(client);
    }

    private static async Task PublishAsync(ScionMqttClient client)
    {
        await client.ConnectAsync().WaitAsync(Limit);
        var message = new MqttApplicationMessageBuilder()
            .WithTopic("plant/1/temp")
            .WithPayload(Payload)
            .WithQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce)
            .Build();
        (await client.PublishAsync(message).AsTask().WaitAsync(Limit)).IsSuccess.Should().BeTrue();
    }

    private Quic.Tests.QlogFile Read(string name) =>
        Quic.Tests.QlogFile.Read(File.ReadAllBytes(Path.Combine(_directory, name)));

    private static HashSet<(string, long)> Numbers(Quic.Tests.QlogFile trace, string name) =>
        [.. trace.Named(name).Select(item => (item.PacketType, item.PacketNumber))];

    private static JsonElement Common(Quic.Tests.QlogFile trace) =>
        trace.Header.GetProperty("trace").GetProperty("common_fields");

    private static DateTimeOffset ReferenceTime(Quic.Tests.QlogFile trace) =>
        DateTimeOffset.UnixEpoch.AddMilliseconds(Common(trace).GetProperty("reference_time").GetDouble());

    private static IEnumerable<string?> GroupIds(params Quic.Tests.QlogFile[] traces) =>
        traces.Select(trace => Common(trace).GetProperty("group_id").GetString());
}
