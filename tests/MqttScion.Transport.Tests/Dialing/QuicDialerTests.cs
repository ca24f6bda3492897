using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using MqttScion.Proxy.Tests.Support;
using MqttScion.Quic;
using MqttScion.Scion;
using MqttScion.Scion.Tests;

namespace MqttScion.Transport.Tests;

public sealed class QuicDialerTests(TransportWorld world) : IDisposable, IClassFixture<TransportWorld>
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly string _directory = Directory.CreateTempSubdirectory("mqttscion-test-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task Loop_that_fails_before_it_dials_fails_the_dial()
    {
        var options = Options(new ScionOptions());
        var server = ServerAddress.Parse("quic://127.0.0.1:1");
        await using var dialer = new QuicDialer(options, [server], new LoopStopper(), NullLogger.Instance);

        var dial = () => dialer
            .DialAsync(
                server,
                maxRoutes: 1,
                (_, _) => ValueTask.FromResult(Application(server)))
            .WaitAsync(Patience);

        await dial.Should().ThrowAsync<ObjectDisposedException>();
    }

    [Fact]
    public async Task Options_of_a_dial_stay_as_they_are_when_another_begins()
    {
        var onIP = ServerAddress.Parse("quic://127.0.0.1:1");
        var onScion = ServerAddress.Parse("[1-ff00:0:110,10.0.0.1]:1");
        var path = ScionPath.SameAs(onScion.Scion!.Value.IsdAs, mtu: 1472, DateTimeOffset.MaxValue);
        var clock = new VirtualClock();
        var options = Options(new ScionOptions { PathSource = new SameAsPathSource(path.Source) });
        await using var dialer = new QuicDialer(options, [onIP, onScion], clock, NullLogger.Instance);

        var first = dialer.OptionsFor(new ServerRoute(onIP, new IPEndPoint(IPAddress.Loopback, 1)), local: onIP);
        var (began, trace) = (first.ClockOrigin, first.Qlog);
        clock.Advance(TimeSpan.FromSeconds(1));
        var second = dialer.OptionsFor(new ServerRoute(onScion, path), local: onScion);

        first.Should().BeEquivalentTo(new
        {
            ClockOrigin = began,
            Qlog = trace,
        });
        second.ClockOrigin.Should().Be(began + TimeSpan.FromSeconds(1));
        second.Qlog.Should().NotBeSameAs(trace);
        second.SessionCache.Should().BeSameAs(first.SessionCache).And.NotBeNull();
    }

    [Fact]
    public async Task Dials_of_one_dialer_at_once_do_not_mix_up_whom_they_reach()
    {
        await using var onScion = world.Listen(Underlay.Scion);
        await using var onIP = world.Listen(Underlay.IP);
        ScionQuicListener[] listeners = [onScion, onIP];
        var servers = listeners.Select(l => ServerAddress.Parse(world.OptionsFor(l).Server)).ToArray();
        var options = Options(world.OptionsFor(onScion).Scion);
        await using var dialer = new QuicDialer(options, servers, TimeProvider.System, NullLogger.Instance);

        var dialed = await Task.WhenAll(servers.Select(server => dialer.DialAsync(
            server, maxRoutes: 1, (_, _) => ValueTask.FromResult(Application(server))))).InTime();

        for (var i = 0; i < servers.Length; i++)
        {
            await using var accepted = await listeners[i].AcceptConnectionAsync().InTime();
            accepted.Remote.Scion.HasValue.Should().Be(servers[i].Scion.HasValue);
            dialed[i].Application.Close(0, "");
            await dialed[i].Application.Ended.InTime();
            await dialed[i].DisposeAsync();
        }
        var traces = Directory.GetFiles(_directory, "*.sqlog").Select(File.ReadAllText).ToArray();
        traces.Should().HaveCount(2).And.OnlyContain(trace =>
            trace.Contains($"{servers[0]}") != trace.Contains($"{servers[1]}"));
    }

    private static ConnectionApplication Application(ServerAddress server) =>
        new(new ConnectionApplicationOptions(server));

    private QuicDialerOptions Options(ScionOptions scion) => new()
    {
        Scion = scion,
        Tls = new TlsOptions
        {
            TrustedCertificates = world.Certificates.CaFile,
            Certificate = world.Certificates.ClientFile,
            Key = world.Certificates.ClientKeyFile,
        },
        Quic = new QuicOptions { SessionCache = new QuicSessionCache() },
        ApplicationProtocol = TransportWorld.Protocol,
        QlogDirectory = _directory,
    };

    /// <summary>A clock that no loop can read.</summary>
    private sealed class LoopStopper : TimeProvider
    {
        public override long GetTimestamp() => Thread.CurrentThread.Name?.StartsWith("mqtt-scion ") == true
            ? throw new NotSupportedException("a defect")
            : base.GetTimestamp();
    }
}
