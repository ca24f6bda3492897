using System.Diagnostics.CodeAnalysis;
using System.Net.Sockets;
using System.Reactive.Linq;
using System.Reactive.Threading.Tasks;
using System.Reflection;
using Microsoft.Extensions.Logging;
using MqttScion.Mqtt;
using MqttScion.Proxy.Tests.Support;
using MqttScion.Testnet;

namespace MqttScion.Proxy.Tests;

/// <summary>What the operator of a proxy reads.</summary>
[SuppressMessage("Design", "CA1001", Justification = "xunit disposes it through IAsyncLifetime.")]
public sealed class LogTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    private readonly ListLoggers _log = new();
    private PocketBroker _broker = null!;

    public async Task InitializeAsync() => _broker = await PocketBroker.StartAsync();

    public async Task DisposeAsync()
    {
        await _broker.DisposeAsync();
        _log.Dispose();
    }

    [Fact]
    public async Task Session_names_its_certificate_and_an_orderly_end_is_the_client_s()
    {
        await using var world = new SameAsWorld(_broker.EndPoint.ToString());
        await using var proxy = Start(world, _broker.EndPoint.ToString());
        for (var i = 0; i < 5; i++)
        {
            var ended = proxy.Ended.FirstAsync().ToTask();
            await using (var client = Client(world, proxy))
            {
                await client.ConnectAsync().WaitAsync(Patience);
                await client.PublishAsync(new MqttApplicationMessageBuilder().WithTopic("t").WithPayload("x").Build());
            }
            (await ended.WaitAsync(Patience)).Cause.Should().Be(SessionEndCause.ClientGone);
        }

        _log.Lines.Should().Contain(line => line.StartsWith("Session of ") && line.EndsWith(" opened by CN=client."));
        _log.Entries.Should().NotContain(entry => entry.Level > LogLevel.Information);
    }

    [Fact]
    public async Task Debug_tells_the_way_to_the_broker_and_trace_the_bytes()
    {
        await using var world = new SameAsWorld(_broker.EndPoint.ToString());
        await using (var proxy = Start(world, _broker.EndPoint.ToString()))
        {
            await using var client = Client(world, proxy);
            await client.ConnectAsync().WaitAsync(Patience);
        }

        _log.Entries.Where(entry => entry.Level == LogLevel.Debug).Select(entry => entry.Text).Should()
            .Contain(line => line.EndsWith(" begins, one of 1 clients."))
            .And.Contain(line => line.Contains(" has reached the broker, from "));
        _log.Entries.Where(entry => entry.Level == LogLevel.Trace).Select(entry => entry.Text).Should()
            .Contain(line => line.EndsWith(" bytes to the broker."))
            .And.Contain(line => line.EndsWith(" bytes from the broker."));
    }

    [Fact]
    public async Task Broker_that_can_t_be_reached_is_a_warning()
    {
        await using var world = new SameAsWorld(_broker.EndPoint.ToString());
        await using var proxy = Start(world, ClosedPort());
        var ended = proxy.Ended.FirstAsync().ToTask();
        await using var client = Client(world, proxy);

        var connecting = () => client.ConnectAsync().WaitAsync(Patience);

        await connecting.Should().ThrowAsync<QuicConnectionException>();
        await ended.WaitAsync(Patience);
        _log.Entries.Should().Contain(entry =>
            entry.Level == LogLevel.Warning && entry.Id == 3 && entry.Text.Contains("BrokerUnreachable"));
    }

    [Fact]
    public async Task Certificate_that_is_refused_is_a_warning()
    {
        await using var world = new SameAsWorld(_broker.EndPoint.ToString(), clientFault: CertificateFault.UnknownCa);
        await using (var proxy = Start(world, _broker.EndPoint.ToString()))
        {
            await using var client = Client(world, proxy);
            var connecting = () => client.ConnectAsync().WaitAsync(Patience);
            await connecting.Should().ThrowAsync<QuicConnectionException>();
        }

        _log.Entries.Should().Contain(entry => entry.Level == LogLevel.Warning && entry.Id == 4)
            .Which.Text.Should().Contain("opened no session").And.Contain("unknown CA");
    }

    [Fact]
    public async Task End_of_the_proxy_is_told()
    {
        await using var world = new SameAsWorld(_broker.EndPoint.ToString());
        var proxy = Start(world, _broker.EndPoint.ToString());
        await using var client = Client(world, proxy);
        await client.ConnectAsync().WaitAsync(Patience);

        await proxy.DisposeAsync();

        _log.Lines.Should().Contain("Stopping, with 1 clients connected.");
        _log.Lines[^1].Should().Be("Stopped.");
    }

    [Fact]
    public void Events_have_small_numbers_of_their_own()
    {
        var ids = typeof(ProxyLog).GetMethods(BindingFlags.Public | BindingFlags.Static)
            .Select(method => method.GetCustomAttribute<LoggerMessageAttribute>()?.EventId)
            .OfType<int>()
            .ToList();

        ids.Should().NotBeEmpty().And.OnlyHaveUniqueItems().And.OnlyContain(id => id > 0 && id < 100);
    }

    private static string ClosedPort()
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new System.Net.IPEndPoint(System.Net.IPAddress.Loopback, 0));
        return socket.LocalEndPoint!.ToString()!.Replace("::ffff:", "", StringComparison.Ordinal)
            .Replace("[127.0.0.1]", "127.0.0.1", StringComparison.Ordinal);
    }

    private MqttProxy Start(SameAsWorld world, string broker)
    {
        var options = new ProxyOptions { Listen = $"[{SameAsWorld.IsdAs},127.0.0.1]:0", Broker = broker };
        options.Tls.TrustedCertificates = world.Certificates.CaFile;
        options.Tls.Certificate = world.Certificates.ServerFile;
        options.Tls.Key = world.Certificates.ServerKeyFile;
        return MqttProxy.Start(options, _log);
    }

    private static ScionMqttClient Client(SameAsWorld world, MqttProxy proxy)
    {
        var options = world.ClientOptions("client");
        options.Servers.Clear();
        options.Servers.Add(proxy.LocalEndPoint.ToString());
        return new ScionMqttClient(options);
    }
}
